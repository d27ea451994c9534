"""Random articles of 300 days, and questions of every kind about them."""

from datetime import date, timedelta

FREQUENT = ("النفط", "سورية", "وزير", "قالت", "من", "دمشق", "2017")
RARE = ("مصفاة", "طماطم", "Damascus", "every")
SECTIONS = ("اقتصاد", "محليات")
QUESTIONS = (
    "النفط", "سورية", "سوريا", "من", "وزير النفط", "النفط سورية وزير", "النفط سورية وزير قالت من دمشق",
    "النفط طماطم", "الطماطم", "Damascus", "Damascus النفط", "2017 وزراء", "النفط قسم:اقتصاد", "من وزير قسم:محليات",
    "النفط كاتب:نبال", "دمشق منذ:2012-02 حتى:2012-05", "دمشق وزير منذ:2012-02", "سورية حتى:2012-03 قسم:اقتصاد",
    "النفط -وزير", '"وزير النفط"', "عنوان:دمشق", "مصفا*", "النفط عنوان:دمشق", "نفطية سوريون",
    "every", "every النفط", "astray النفط", "facet:every",
    '"من قبل"', '"من قبل" "على ان"', '"من قبل" النفط وزير', '"من قبل" طماطم', '"من قبل" قسم:اقتصاد', '"على ان" -وزير',
    '"من قبل" "وزير النفط"', '"من قبل" وز* دمشق', '"قبل على"', "النفط -طماطم", "النفط -من", '"من قبل" -الوزير -سورية',
    'النفط -"من قبل"', "النفط وزير دمشق قالت -سورية", "وزير منذ:1999 حتى:1999", "وزير منذ:2012-02-30",
    "النفط -قسم:اقتصاد", "النفط وزير -قسم:محليات -كاتب:نبال", "طماطم -قسم:اقتصاد", "من -وزير -قسم:محليات",
    "النفط -قسم:رياضة", "النفط قسم:اقتصاد -كاتب:نبال منذ:2012-02", '"وزير النفط" -قسم:اقتصاد', "-قسم:اقتصاد مصفا*",
)  # fmt: skip


def articles(chance, count):
    """Articles of 300 days, with row ids of their days."""
    return [an_article(chance, chance.randrange(300), number) for number in range(count)]


def an_article(chance, day, number):
    words = [word for word in FREQUENT if chance.random() < 0.5] + [w for w in RARE if chance.random() < 0.03]
    chance.shuffle(words)
    words += [pair for pair in ("من قبل", "على ان") if chance.random() < 0.3]
    published_on = date(2012, 1, 1) + timedelta(day)
    return {
        "id": (published_on - date(1900, 1, 1)).days * 4096 + number,
        "title": chance.choice(FREQUENT),
        "body": " ".join(words) or "خبر",
        "section": chance.choice(SECTIONS),
        "writer": "نبال" if chance.random() < 0.2 else None,
        "published_on": str(published_on),
    }
