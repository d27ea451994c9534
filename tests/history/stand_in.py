"""Stand-ins for the Wayback Machine and Common Crawl, over what the sample newspaper printed and has deleted.

They answer under the paths /wb, /cci and /ccd of the sample's own server, with the quirks of the real ones:
duplicate rows, rows without a status, revisits, captures found at another time, archived errors, resume keys,
404 with a JSON message, and pages of their own where a copy was asked for.
"""

import base64
import gzip
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from newsarchive import sample
from newsarchive.sample import Paper
from newsarchive.sample.exchange import Response

HOST = "alwatan.sy"
NAMES = ["timestamp", "original", "mimetype", "statuscode", "digest"]
COLLECTIONS = ("CC-MAIN-2021-10", "CC-MAIN-2020-05", "CC-MAIN-2013-20")
FIRST_ID = 500_001
NOT_OURS = [
    ["20200101000000", "http://mailto:editor@alwatan.sy/", "unk", "404", "-"],
    ["20200101000001", "https://alwatan.sy/robots.txt", "text/plain", "200", "R" * 32],
    ["20200101000002", "https://alwatan.sy/archives/category/x", "text/html", "200", "C" * 32],
    ["20200101000003", "https://alwatan.sy/wp-content/uploads/2020/01/1.png", "image/png", "200", "I" * 32],
]


def deleted(count):
    """So many articles of one part that the live paper does not have: the sample's, told again."""
    usual = [a for a in sample.load() if a.host == HOST and len(a.parts) == 1]
    return tuple(
        replace(usual[n % len(usual)], post_id=FIRST_ID + n, title=f"{usual[n % len(usual)].title} {n}")
        for n in range(count)
    )


def digest(body):
    return base64.b32encode(hashlib.sha1(body).digest()).decode()


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def surt(original):
    """The order of an index: host reversed, without scheme, www and port."""
    rest = re.sub(r"^https?://(www\.)?", "", original)
    host, _, path = rest.partition("/")
    return ",".join(reversed(host.split(":")[0].split("."))) + ")/" + path


@dataclass(frozen=True)
class Kept:
    """A capture that the archive holds."""

    moment: datetime
    original: str
    body: bytes
    status: int = 200
    listed_status: str = "200"
    media_type: str = "text/html"
    found_at: str = ""
    missing: bool = False
    location: str = ""

    @property
    def row(self):
        return [stamp(self.moment), self.original, self.media_type, self.listed_status, digest(self.body)]


def captures_of(article, n):
    """The captures of one article; `n` chooses the quirk. Only one of them is a page to read."""
    body = sample.render(article)
    moment = article.published.astimezone(UTC).replace(microsecond=0) + timedelta(days=40)
    later, earlier = moment + timedelta(days=300), moment - timedelta(days=1)
    page = Kept(moment, article.address, body)
    bare = article.address.replace("https://", "http://www.")
    quirks = [
        [page],
        [page, page],
        [replace(page, original=bare.replace(".sy/", ".sy:80/")), Kept(earlier, bare, b"", 301, "301",
              location=article.address)],
        [page, Kept(later, article.address, body, 200, "-", "warc/revisit", found_at=stamp(moment))],
        [page, Kept(later, article.address, b"<html>404</html>", 404, "404")],
        [page, Kept(later, article.address, b"Too many", 429, "-", "unk")],
        [page, Kept(later, article.address, b"lost", missing=True)],
        [replace(page, original=f"{bare}/"), Kept(later, bare, b"", 301, "-", "unk", location=f"{article.address}/")],
    ]  # fmt: skip
    return quirks[n % len(quirks)]


def later_parts(article, first):
    """The captures of the later parts of a paged article, a minute apart."""
    return [
        replace(first, moment=first.moment + timedelta(minutes=part), original=f"{article.address}/{part}",
                body=sample.render(article, part))
        for part in range(2, len(article.parts) + 1)
    ]  # fmt: skip


@dataclass
class WebArchives:
    """Both archives of the deleted articles. `before` may answer first; it is given each request to them."""

    articles: tuple
    before: object = None
    asked: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.kept = [kept for n, article in enumerate(self.articles) for kept in captures_of(article, n)]
        self.kept += [
            k for article in self.articles for k in later_parts(article, captures_of(article, 0)[0])
        ]
        self.make_indexes()

    def make_indexes(self):
        """Make the indexes of what is kept."""
        rows = [kept.row for kept in self.kept] + NOT_OURS
        self.rows = sorted(rows, key=lambda row: (surt(row[1]), row[0]))
        self.by_place = {(stamp(kept.moment), kept.original): kept for kept in self.kept}
        self.lines, self.files = common_crawl(self.articles)

    def answer(self, request):
        """The answer to a request that is an archive's, None for the newspaper's."""
        routes = {"/wb/cdx/": self.cdx, "/wb/web/": self.page, "/cci/": self.index, "/ccd/": self.data}
        for prefix, give in routes.items():
            if request.path.startswith(prefix):
                self.asked[request.target] += 1
                return (self.before and self.before(request)) or give(request)
        return None

    def cdx(self, request):
        query = request.query
        if query["url"] != f"{HOST}/":
            return json_answer(b"[]")
        begin = int(query.get("resumeKey", "0 ").split(" ")[-1] or 0)
        pattern = re.compile(query["filter"].removeprefix("!mimetype:"))
        rows = [row for row in self.rows if not pattern.fullmatch(row[2])]
        end = begin + int(query["limit"])
        listed = [json.dumps(NAMES), *(json.dumps(row) for row in rows[begin:end])]
        listed.insert(2, '["2019')  # a line that the server printed badly
        if end < len(rows):
            listed += ["[]", json.dumps([f"{surt(rows[end][1])} {end}"])]
        return json_answer(("[" + ",\n".join(listed) + "]\n").encode())

    def page(self, request):
        match = re.fullmatch(r"/wb/web/(\d{14})id_/(.+)", request.target)
        kept = self.by_place.get((match[1], match[2]))
        if kept is None or kept.missing:
            return Response(404, b"<html>The Wayback Machine has not archived that URL.</html>")
        if kept.found_at:
            place = ("Location", f"/wb/web/{kept.found_at}id_/{kept.original}")
            why = ("X-Archive-Redirect-Reason", f"found capture at {kept.found_at}")
            return Response(302, b"", headers=(place, why))
        headers = [
            ("Memento-Datetime", format_datetime(kept.moment, usegmt=True)),
            ("X-Archive-Orig-Server", "LiteSpeed"),
            ("X-Archive-Src", "sample-20200101.warc.gz"),
        ]
        if kept.location:
            headers.append(("Location", f"/wb/web/{match[1]}id_/{kept.location}"))
            self.by_place.setdefault((match[1], kept.location), self.found(kept.location))
        body = kept.body
        if kept.status == 200:
            body, headers = gzip.compress(body, mtime=0), [*headers, ("Content-Encoding", "gzip")]
        return Response(kept.status, body, headers=tuple(headers))

    def found(self, original):
        """The archive's own page under another spelling of an address."""
        return next(
            k for k in self.kept if k.status == 200 and not k.missing and surt(k.original) == surt(original)
        )

    def index(self, request):
        if request.path == "/cci/collinfo.json":
            listed = [
                {"id": name, "cdx-api": f"https://index.commoncrawl.org/{name}-index"} for name in COLLECTIONS
            ]
            return json_answer(json.dumps(listed).encode())
        name = re.fullmatch(r"/cci/([\w-]+)-index", request.path)[1]
        lines = self.lines.get(name, []) if request.query["url"] == f"{HOST}/" else []
        if not lines:
            return json_answer(b'{"message": "No Captures found for: alwatan.sy/*"}', 404)
        page, last = int(request.query["page"]), (len(lines) - 1) // 20
        if page > last:
            message = f"Page {page} invalid: First Page is 0, Last Page is {last}"
            return json_answer(json.dumps({"message": message}).encode(), 400)
        text = "\n".join(json.dumps(line) for line in lines[page * 20 : page * 20 + 20])
        return Response(body=f"{text}\n".encode(), content_type="text/x-ndjson")

    def data(self, request):
        body = self.files[request.path.removeprefix("/ccd/")]
        first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers["range"]).groups())
        headers = (("Content-Range", f"bytes {first}-{last}/{len(body)}"),)
        return Response(206, body[first : last + 1], "application/octet-stream", headers)


def common_crawl(articles):
    """Index lines by collection, and files: every third article is cut in the newest collection."""
    lines, files = {name: [] for name in COLLECTIONS[:2]}, {}
    for name in COLLECTIONS[:2]:
        file, body = f"crawl-data/{name}/segments/1/warc/{name}-00000.warc.gz", b""
        for n, article in enumerate(articles):
            if name == COLLECTIONS[0] and n % 2:
                continue
            cut = name == COLLECTIONS[0] and n % 3 == 0
            days = 400 if name == COLLECTIONS[0] else 40
            moment = article.published.astimezone(UTC).replace(microsecond=0) + timedelta(days=days)
            for part in range(1, len(article.parts) + 1):
                url = f"{article.address}/{part}" if part > 1 else article.address
                member = warc_member(article, moment, url, part, cut=cut)
                lines[name].append(
                    {"urlkey": surt(url), "timestamp": stamp(moment), "url": url,
                     "mime": "text/html", "mime-detected": "text/html", "status": "200",
                     "digest": digest(member), "length": str(len(member)), "offset": str(len(body)),
                     "filename": file, "languages": "ara", "encoding": "UTF-8"}
                )  # fmt: skip
                body += member
        files[file] = body
    return lines, files


def warc_member(article, moment, url, part, *, cut):
    page = sample.render(article, part)
    page = page[: len(page) // 3] if cut else page
    http = (
        b"HTTP/1.1 200 \r\nContent-Type: text/html; charset=UTF-8\r\nX-Crawler-content-encoding: gzip\r\n\r\n"
        + page
    )
    head = [
        "WARC/1.0", "WARC-Type: response", f"WARC-Date: {moment:%Y-%m-%dT%H:%M:%SZ}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-{part:04}-{article.post_id:012}>",
        f"WARC-Target-URI: {url}", "Content-Type: application/http; msgtype=response",
        *(["WARC-Truncated: length"] if cut else []), f"Content-Length: {len(http)}",
    ]  # fmt: skip
    return gzip.compress("\r\n".join(head).encode() + b"\r\n\r\n" + http + b"\r\n\r\n", mtime=0)


def json_answer(body, status=200):
    return Response(status, body, "application/json")


def paper():
    """A live newspaper that has deleted everything but four articles."""
    shown = tuple(a for a in sample.load() if a.host == HOST and len(a.parts) == 1)[-4:]
    return Paper(articles=shown, others=(), shown=shown)


def endpoints(site):
    """The settings that name the stand-ins."""
    settings = {
        "ARCHIVE_WAYBACK_URL": f"{site}/wb",
        "ARCHIVE_COMMONCRAWL_INDEX_URL": f"{site}/cci",
        "ARCHIVE_COMMONCRAWL_DATA_URL": f"{site}/ccd",
    }
    return [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]


def pace(seconds):
    names = ("WAYBACK", "COMMONCRAWL_INDEX", "COMMONCRAWL_DATA")
    return [word for name in names for word in ("-s", f"ARCHIVE_{name}_DELAY={seconds}")]
