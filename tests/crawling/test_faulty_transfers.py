"""Answers that break on their way, each at an article of its own in one crawl: none is stored, all are told apart."""

import gzip
import ssl
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from fronts import front
from running import home, scrapy
from small_paper import HOST, HURRY, crawl, paper, stand_in

from newsarchive.sample.exchange import Response, redirect

PAGE = b"<html>" + "نص ".encode() * 3000 + b"</html>"
PACKED = gzip.compress(PAGE, mtime=0)
GZIP = (("Content-Encoding", "gzip"),)


def closed_before_headers(_request):
    raise ConnectionResetError("the server hangs up")


FAULTS = {
    "closed before its headers": (closed_before_headers, ("failed", "network-error")),
    "hangs": (Response(200, PAGE, delay=8), ("failed", "network-error")),
    "a header of a megabyte": (
        Response(200, PAGE, headers=(("X-Big", "x" * 1_000_000),)), ("failed", "network-error"),
    ),
    "shorter than its length": (Response(200, PAGE, cut_after=900), ("failed", "incomplete")),
    "without length, cut": (
        Response(200, PAGE, cut_after=900, without_length=True), ("failed", "incomplete"),
    ),
    "without length, cut behind a tag": (
        Response(200, PAGE.replace(b"</html>", b"<p>"), without_length=True), ("failed", "incomplete"),
    ),
    "chunked, cut": (
        Response(200, b"1000\r\n" + PAGE[:900], headers=(("Transfer-Encoding", "chunked"),), cut_after=800),
        ("failed", "incomplete"),
    ),
    "gzip, cut but of the length it says": (Response(200, PACKED[:-20], headers=GZIP), ("failed", "incomplete")),
    "gzip with a wrong checksum": (
        Response(200, PACKED[:-8] + zlib.crc32(b"x").to_bytes(4, "little") + PACKED[-4:], headers=GZIP),
        ("failed", "incomplete"),
    ),
    # Bytes that begin like a page are one, whatever their header says; this one has no layout that we know.
    "gzip that is a plain page": (Response(200, PAGE, headers=GZIP), ("refused", "unknown-layout")),
    "a plain page in a coding nobody knows": (
        Response(200, PAGE, headers=(("Content-Encoding", "x-none"),)), ("refused", "unknown-layout"),
    ),
    "gzip that is none": (Response(200, PACKED[9:], headers=GZIP), ("failed", "incomplete")),
    "a coding nobody knows": (
        Response(200, PACKED, headers=(("Content-Encoding", "x-none"),)), ("failed", "incomplete"),
    ),
    "a gzip bomb": (Response(200, gzip.compress(bytes(50 << 20)), headers=GZIP), ("refused", "too-large")),
    "eleven megabytes": (Response(200, PAGE[:-7] + b"x" * (11 << 20) + b"</html>"), ("failed", "network-error")),
    "a refresh to a file": (
        Response(200, b'<html><head><meta http-equiv="refresh" content="0;url=file:///etc/hostname"></head></html>'),
        ("refused", "unknown-layout"),
    ),
    "500": (Response(500, b"error"), ("failed", "http-error")),
    "a chain of redirects without end": (None, ("failed", "redirect-loop")),
    "200 without a body": (Response(200, b""), ("refused", "empty-answer")),
    "204": (Response(204, b""), ("refused", "empty-answer")),
    "206": (Response(206, PAGE), ("refused", "empty-answer")),
    "a PDF": (Response(200, b"%PDF-1.4\n" + bytes(range(256)) * 9, "application/pdf"), ("refused", "not-html")),
    "a PDF that says it is HTML": (
        Response(200, b"%PDF-1.4\n" + bytes(range(256)) * 9), ("refused", "not-html"),
    ),
    "another site's page for every address": (
        Response(200, b"<html><head><title>Hotel WiFi</title></head><body><p>Please sign in</p></body></html>"),
        ("refused", "unknown-layout"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A crawl of as many articles as there are faults, and one more that is whole."""
    folder = home(tmp_path_factory.mktemp("transfers"))
    articles = paper(len(FAULTS) + 1).articles
    # Newest first, and what ends a run after five in a row is spread.
    faulty = dict(zip((article.path for article in articles), FAULTS, strict=False))

    def hook(request):
        if "/chain/" in request.path:
            return redirect(f"https://{HOST}/chain/{int(request.path.rpartition('/')[2]) + 1}")
        if request.path not in faulty:
            return None
        answer = FAULTS[faulty[request.path]][0]
        if answer is None:
            return redirect(f"https://{HOST}/chain/1")
        return answer(request) if callable(answer) else answer

    with stand_in(hook, count=len(FAULTS) + 1) as site:
        ended = crawl(folder, site, "-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_TIMES=1")
    states = ended.states()
    return ended, {name: states[path] for path, name in faulty.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_answer_has_its_own_state_and_reason(crawled, fault):
    assert crawled[1][fault] == FAULTS[fault][1]


def test_a_whole_page_without_length_is_an_article_packed_or_not(tmp_path):
    plain, packed, *_ = paper().articles

    def hook(request):
        article = next((a for a in (plain, packed) if a.path == request.path), None)
        if article is None:
            return None
        page = site.paper.render(article) + b"<!-- kept by a cache -->"
        if article is plain:
            return Response(200, page, without_length=True)
        return Response(200, gzip.compress(page), headers=GZIP, without_length=True)

    with stand_in(hook) as site:
        ended = crawl(home(tmp_path), site)
    assert (ended.code, len(ended.kept())) == (0, 4)


def test_the_whole_article_among_them_is_kept_and_the_run_is_partial(crawled):
    ended, _ = crawled
    assert len(ended.kept()) == 1
    assert ended.code == 5


def self_signed(folder):
    """A certificate that nobody but its maker trusts, in one file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


def test_a_server_that_speaks_http_2_too_is_spoken_to_in_http_1(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with stand_in() as site, front(site, context=context) as secure:
        ended = crawl(home(tmp_path), secure, "-s", "DOWNLOAD_VERIFY_CERTIFICATES=False")
    assert (ended.code, len(ended.kept())) == (0, 4)
    assert secure.protocols
    assert "h2" not in secure.protocols


def test_a_server_that_cannot_prove_who_it_is_is_not_asked_for_anything(tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    seen = []
    with stand_in() as site, front(site, seen.append, context=context) as secure:
        done = scrapy(
            home(tmp_path),
            "crawl",
            "alwatan",
            "-a",
            f"site={secure}",
            *HURRY,
            "-s",
            "RETRY_ENABLED=False",
            check=6,
        )
        assert secure.connections
    assert seen == []
    assert "robots.txt did not answer" in done.stdout
