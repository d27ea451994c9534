"""Which documents a run asks for: the newest by one door each time, the rest now and then."""

from newsarchive.discovery import Listing, plan, wordpress
from newsarchive.items import Source

HOST, NOW = "alwatan.sy", "2026-01-10T12:00:00Z"
AN_HOUR_AGO, YESTERDAY, A_WEEK_AGO = "2026-01-10T11:00:00Z", "2026-01-09T11:00:00Z", "2026-01-03T11:00:00Z"
REST, OTHER_REST = wordpress.posts_url(HOST), wordpress.posts_url(HOST, rest_route=True)
FEED, SITEMAP, FRONT = f"https://{HOST}/feed", f"https://{HOST}/wp-sitemap.xml", f"https://{HOST}/"
KINDS = ("rest", "sitemap", "feed", "listing")


def known(closed=(), cursors=(), **visited):
    """Sources by address: `_` names of kinds visited at a moment; the closed ones gave nothing."""
    urls = {"rest": REST, "other_rest": OTHER_REST, "sitemap": SITEMAP, "feed": FEED, "front": FRONT}
    kinds = {"other_rest": "rest", "front": "listing"}
    return {
        urls[name]: Source(
            urls[name],
            kinds.get(name, name),
            cursor=dict(cursors).get(name),
            visited_at=moment,
            complete=name not in closed,
        )
        for name, moment in visited.items()
    } | {
        f"https://{HOST}/sitemap_index.xml": Source(f"https://{HOST}/sitemap_index.xml", "sitemap", None, NOW)
    }


def starts(sources):
    return [document.url for document in plan.starts([HOST], KINDS, sources, NOW)]


def test_a_first_run_asks_every_door():
    assert starts({}) == [REST, SITEMAP, f"https://{HOST}/sitemap_index.xml", FEED, FRONT]


def test_an_hour_later_only_rest_is_asked():
    assert starts(known(**dict.fromkeys(("rest", "sitemap", "feed", "front"), AN_HOUR_AGO))) == [REST]


def test_the_others_are_asked_daily_and_lists_weekly():
    day = dict.fromkeys(("rest", "sitemap", "feed", "front"), YESTERDAY)
    assert starts(known(**day)) == [REST, SITEMAP, FEED]
    assert starts(known(**day | {"front": A_WEEK_AGO})) == [REST, SITEMAP, FEED, FRONT]


def test_where_rest_is_closed_the_feed_says_what_is_new_in_each_run():
    sources = known(closed=("rest", "other_rest"), rest=AN_HOUR_AGO, other_rest=AN_HOUR_AGO, sitemap=AN_HOUR_AGO,
                    feed=AN_HOUR_AGO, front=AN_HOUR_AGO)  # fmt: skip
    assert starts(sources) == [FEED]


def test_the_other_door_of_rest_is_asked_where_it_is_the_open_one():
    sources = known(closed=("rest",), rest=AN_HOUR_AGO, other_rest=AN_HOUR_AGO, sitemap=AN_HOUR_AGO,
                    feed=AN_HOUR_AGO, front=AN_HOUR_AGO)  # fmt: skip
    assert starts(sources) == [OTHER_REST]


def test_without_rest_and_feed_the_front_page_says_what_is_new():
    sources = known(closed=("rest", "other_rest", "feed"), rest=AN_HOUR_AGO, other_rest=AN_HOUR_AGO,
                    sitemap=AN_HOUR_AGO, feed=AN_HOUR_AGO, front=AN_HOUR_AGO)  # fmt: skip
    assert starts(sources) == [FRONT]


def test_an_unfinished_walk_is_due_whenever_it_was_asked():
    sources = known(cursors={"sitemap": f"https://{HOST}/a.xml\nhttps://{HOST}/b.xml"}, rest=AN_HOUR_AGO,
                    sitemap=AN_HOUR_AGO, feed=AN_HOUR_AGO, front=AN_HOUR_AGO)  # fmt: skip
    assert starts(sources) == [REST, SITEMAP, f"https://{HOST}/a.xml", f"https://{HOST}/b.xml"]


def test_what_is_left_out_of_a_sitemap_index_is_said():
    document = plan.Document(Source(SITEMAP, "sitemap"), SITEMAP)
    many = Listing(further=tuple(f"https://{HOST}/{n}.xml" for n in range(plan.MAX_SITEMAPS + 1)))
    assert len(plan.further(document, many, 0)) == plan.MAX_SITEMAPS
    assert plan.left_out(document, many) == "it names 2001 sitemaps, of which the first 2000 are asked"
    assert plan.left_out(document, Listing(further=("https://alwatan.sy/a.xml",))) == ""


def test_a_sitemap_that_robots_txt_names_is_asked_daily_where_it_is_the_papers_and_none_of_the_usual():
    def asked(url, sources):
        document = plan.sitemap(url, [HOST], sources, NOW)
        return document and document.url

    own = f"https://{HOST}/news.xml"
    assert asked(f"http://www.{HOST}/news.xml", {}) == own
    assert asked(f"https://www.{HOST}/wp-sitemap.xml", {}) is None
    assert asked(own, {own: Source(own, "sitemap", visited_at=AN_HOUR_AGO)}) is None
    assert asked(own, {own: Source(own, "sitemap", visited_at=YESTERDAY)}) == own
    for foreign in (
        "https://elsewhere.example/a.xml",
        f"https://{HOST}:8080/a.xml",
        "file:///etc/a.xml",
        "a.xml",
    ):
        assert asked(foreign, {}) is None
