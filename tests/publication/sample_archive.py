"""A small archive of an invented newspaper, written by SQL: years with a gap, versions, losses, hostile text."""

from __future__ import annotations

import hashlib
import json
import sqlite3  # noqa: TC003
from pathlib import Path  # noqa: TC003

import sqlite_utils

from newsarchive.storage import index, rowids
from newsarchive.storage.migrations import migrations

GAP = (2013, 2014)
SECTIONS = ("محليات", "اقتصاد", "ثقافة", "رياضة", "سورية")
WRITERS = ("ليان الحمصي", "سامر قصاب", "رنا الشاغوري", "عدنان المرعي", None)
SUBJECTS = (
    (
        "المخابز",
        "افتتحت مديرية المخابز خط إنتاج جديداً في حي الميدان، وقالت إن الطاقة اليومية ستبلغ عشرين طناً.",
    ),
    ("الزيتون", "بدأ موسم قطاف الزيتون في ريف إدلب، ويتوقع المزارعون محصولاً أوفر من العام الماضي."),
    ("المسرح", "يعرض المسرح القومي مساء اليوم مسرحيته الجديدة، ويشارك فيها سبعة ممثلين من خريجي المعهد."),
    ("الدوري", "تعادل فريقا المدينة في مباراة الأمس بهدف لمثله ضمن الجولة الحادية عشرة من الدوري."),
    ("الكهرباء", "أعلنت وزارة الكهرباء عودة محطة التحويل إلى العمل بعد صيانة استمرت أسبوعين."),
    ("المياه", "دعت مؤسسة المياه المواطنين إلى ترشيد الاستهلاك مع انخفاض منسوب النهر هذا الصيف."),
)
HOSTILE_TITLE = 'عنوان <script>alert("x")</script> & «مقتبس» \u202eمعكوس'
FORMULA_TITLE = '=HYPERLINK("http://example.org","اضغط")'
EDITED_KEY, GONE_KEY, HOSTILE_KEY, FORMULA_KEY = "nahar-7001", "nahar-7002", "nahar-7003", "nahar-7004"
MOVED_KEY = "nahar-x0123456789ab"
LIST_KEY = "nahar-7005"
RELATED_KEYS = (LIST_KEY, HOSTILE_KEY)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def create(path: Path, *, extra: int = 0) -> Path:
    """Write the archive to `path`; `extra` adds that many plain articles of May 2016."""
    database = sqlite_utils.Database(path)
    migrations.apply(database)
    with database.conn:
        connection = database.conn
        connection.executemany(
            "INSERT INTO newsarchive VALUES (?, ?)",
            [("kind", "sample"), ("newspaper", "nahar"), ("title", "النهار الدمشقي")],
        )
        _ordinary(connection)
        _special(connection)
        for number in range(extra):
            add(
                connection,
                f"nahar-{100000 + number}",
                f"خبر قصير رقم {number}",
                "نص الخبر القصير.",
                f"2016-05-{1 + number % 28:02}",
                "محليات",
                clock=f"{number // 28 // 60:02}:{number // 28 % 60:02}",
            )
        _writers(connection)
        _ledger(connection)
        index.refresh(connection)
    database.close()
    return path


def add(
    connection: sqlite3.Connection,
    key: str,
    title: str,
    body: str,
    day: str | None,
    section: str | None,
    **more,
) -> int:
    """Insert an article as the storage room does: row, key, section, tags, revision, capture, index."""
    published_at = f"{day}T{more.pop('clock', '10:00')}:00+03:00" if day else None
    number = rowids.chronological(connection, published_at)
    tags = more.pop("tags", ())
    values = {
        "id": number,
        "key": key,
        "newspaper": "nahar",
        "url": f"https://nahar.example/archives/{key.rpartition('-')[2]}",
        "section": section,
        "title": title,
        "body": body,
        "lead": body.split("\n\n", maxsplit=1)[0],
        "published_at": published_at,
        "published_from": "json-ld" if day else None,
        "published_on": day,
        "word_count": len(body.split()),
        "language": "ar",
        "status": "live",
        "first_seen_at": "2025-02-01T08:00:00Z",
        "last_seen_at": "2025-03-01T08:00:00Z",
        "body_sha256": sha(body),
        "text_sha256": sha(title + body),
        "reader": "jannah",
        "reader_version": 1,
    } | more
    _insert(connection, "articles", values)
    connection.execute("INSERT INTO article_keys VALUES (?, ?)", (key, number))
    if section:
        connection.execute("INSERT OR IGNORE INTO sections (name) VALUES (?)", (section,))
        connection.execute(
            "INSERT INTO article_sections SELECT ?, id, 0 FROM sections WHERE name = ?", (number, section)
        )
    for position, tag in enumerate(tags):
        connection.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", (tag,))
        connection.execute(
            "INSERT INTO article_tags SELECT ?, id, ? FROM tags WHERE name = ?", (number, position, tag)
        )
    capture = add_capture(connection, number, values["url"] or "urn:x", "2025-02-01T08:00:00Z")
    connection.execute("UPDATE articles SET capture_id = ? WHERE id = ?", (capture, number))
    add_revision(connection, number, values, None, "2025-02-01T08:00:00Z", "2025-03-01T08:00:00Z")
    return number


def add_revision(connection, number, values, body, first_seen_at, last_seen_at, **more) -> None:
    title = more.get("title", values["title"])
    _insert(
        connection,
        "revisions",
        {
            "article_id": number,
            "text_sha256": sha(title + (body or values["body"])),
            "first_seen_at": first_seen_at,
            "last_seen_at": last_seen_at,
            "title": title,
            "byline": values.get("byline"),
            "body": body,
            "fields": "{}",
            "reader": "jannah",
            "reader_version": 1,
        },
    )


def add_capture(connection, number: int, url: str, fetched_at: str) -> int:
    offset = connection.execute("SELECT coalesce(max(warc_offset), 0) + 1000 FROM captures").fetchone()[0]
    return _insert(
        connection,
        "captures",
        {
            "url": url,
            "fetched_at": fetched_at,
            "status": 200,
            "source": "live",
            "content_type": "text/html",
            "warc_file": "nahar-00001.warc.gz",
            "warc_offset": offset,
            "warc_length": 1000,
            "payload_sha256": sha(f"{url} {fetched_at}"),
            "outcome": "new",
            "article_id": number,
        },
    )


def _ordinary(connection: sqlite3.Connection) -> None:
    number = 1000
    for year in range(2011, 2020):
        if year in GAP:
            continue
        for month in range(1, 13):
            for step in range(1 + (year + month) % 3):
                subject, text = SUBJECTS[(number + step) % len(SUBJECTS)]
                writer = WRITERS[number % len(WRITERS)]
                number += 1
                add(
                    connection,
                    f"nahar-{number}",
                    f"{subject}: تقرير الشهر رقم {number}",
                    f"{text}\n\nوأوضح مصدر في المديرية أن العمل مستمر وفق الخطة الموضوعة لعام {year}.",
                    f"{year}-{month:02}-{3 + step:02}",
                    SECTIONS[number % len(SECTIONS)],
                    writer=writer,
                    byline=writer,
                    agency=None if writer else "وكالات",
                    tags=(subject,),
                )


def _special(connection: sqlite3.Connection) -> None:
    body = "قال الوزير إن الأسعار سترتفع غداً.\n\nوأضاف أن القرار نهائي."
    number = add(
        connection,
        EDITED_KEY,
        "الوزير: الأسعار ترتفع",
        body,
        "2018-06-10",
        "اقتصاد",
        revision_count=2,
        changed_at="2025-02-20T08:00:00Z",
        writer="سامر قصاب",
        byline="دمشق – سامر قصاب",
        place="دمشق",
    )
    row = dict(
        zip(("title", "body", "byline"), ("الوزير: الأسعار ترتفع", body, "دمشق – سامر قصاب"), strict=True)
    )
    older = "قال الوزير إنّ الأسعار لن ترتفع غداً.\n\nوأضاف أن القرار نهائي."
    add_revision(
        connection,
        number,
        row,
        older,
        "2024-11-01T08:00:00Z",
        "2024-11-20T08:00:00Z",
        title="الوزير: الأسعار لا ترتفع",
    )
    add_capture(connection, number, "https://nahar.example/archives/7001", "2024-11-01T08:00:00Z")
    connection.execute("INSERT INTO article_keys VALUES (?, ?)", (MOVED_KEY, number))
    add(
        connection,
        GONE_KEY,
        "مقالة لم تعد على الموقع",
        "نص المقالة التي حُذفت لاحقاً.",
        "2017-03-12",
        "سورية",
        status="gone",
        gone_since="2024-12-19T06:30:00Z",
    )
    add(
        connection,
        HOSTILE_KEY,
        HOSTILE_TITLE,
        "نص <img src=x onerror=alert(1)> وفيه \u202eقلب\u202c اتجاه.",
        "2016-05-01",
        "ثقافة",
        url="javascript:alert(1)",
    )
    add(connection, FORMULA_KEY, FORMULA_TITLE, "@SUM(1+1)\n\n-2+3", "2016-05-02", "اقتصاد")
    kinds = [
        {"kind": "prose", "text": "خطوات التسجيل كما أعلنتها الجامعة:"},
        {"kind": "list", "text": "ملء الاستمارة"},
        {"kind": "list", "text": "دفع الرسوم"},
        {"kind": "subhead", "text": "مواعيد"},
        {"kind": "quote", "text": "لن يمدد الموعد."},
        {"kind": "caption", "text": "طلاب أمام مبنى الجامعة"},
    ]
    text = "\n\n".join(item["text"] for item in kinds if item["kind"] != "caption")
    add(
        connection,
        LIST_KEY,
        "التسجيل في الجامعة",
        text,
        "2018-09-01",
        "محليات",
        paragraphs=json.dumps(kinds, ensure_ascii=False),
        subtitle="ثلاثة أسابيع فقط",
    )
    related = [
        row[0] for row in connection.execute("SELECT id FROM articles WHERE key IN (?, ?)", RELATED_KEYS)
    ]
    for one, other in (related, related[::-1]):
        connection.execute("INSERT INTO related_articles VALUES (?, ?, 2)", (one, other))
    add(
        connection,
        "nahar-xaaaaaaaaaaaa",
        "صفحة بلا تاريخ ولا عنوان",
        "نص وصلنا وحده.",
        None,
        None,
        url=None,
        status="unknown",
    )


def _writers(connection: sqlite3.Connection) -> None:
    add(
        connection,
        "nahar-7006",
        "زاوية موقّعة بإملاء آخر",
        "نص الزاوية.",
        "2019-02-11",
        "ثقافة",
        writer="عدنان المرعى",
    )
    number = _insert(connection, "writers", {"name": "عدنان المرعي", "key": "عدنان المرعي"})
    for spelling in ("عدنان المرعي", "عدنان المرعى"):
        connection.execute("INSERT INTO writer_spellings VALUES (?, ?, 'letters')", (spelling, number))


def _ledger(connection: sqlite3.Connection) -> None:
    run = _insert(
        connection,
        "runs",
        {
            "command": "demo",
            "newspaper": "nahar",
            "started_at": "2025-02-01T07:00:00Z",
            "ended_at": "2025-02-01T08:30:00Z",
            "exit_code": 0,
            "verdict": "done",
            "found": 200,
            "new": 150,
            "refused": 3,
        },
    )
    rows = [
        ("article", None, 150),
        ("refused", "listing", 2),
        ("refused", "no-text", 1),
        ("gone", "http-gone", 4),
        ("pending", None, 9),
    ]
    for state, reason, number in rows:
        for step in range(number):
            url = f"https://nahar.example/{state}/{reason}/{step}"
            address = _insert(
                connection,
                "addresses",
                {
                    "url": url,
                    "newspaper": "nahar",
                    "state": state,
                    "reason": reason,
                    "source": "sitemap",
                    "found_at": "2025-02-01T07:00:00Z",
                },
            )
            if state == "refused":
                _insert(
                    connection,
                    "refusals",
                    {
                        "url": url,
                        "newspaper": "nahar",
                        "reason": reason,
                        "detail": "a list of 20 headlines",
                        "refused_at": "2025-02-01T08:00:00Z",
                        "address_id": address,
                    },
                )
    _insert(
        connection,
        "sources",
        {
            "url": "https://nahar.example/sitemap.xml",
            "newspaper": "nahar",
            "kind": "sitemap",
            "visited_at": "2025-02-01T07:00:00Z",
            "total": 170,
            "complete": 0,
            "reason": "one part answered 500",
        },
    )
    assert run


def _insert(connection: sqlite3.Connection, table: str, values: dict) -> int:
    marks = ", ".join("?" * len(values))
    return connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values())
    ).lastrowid
