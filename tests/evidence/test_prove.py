"""A proof is checked with sha256sum and openssl alone; one altered byte fails it."""

import hashlib
import random
import subprocess
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from running import rows, scrapy

from newsarchive.evidence import manifests, timestamps, tree

KEY = "alwatan-5211"


def h(line):
    return hashlib.sha256(line.encode()).hexdigest()


def unpacked(folder, target):
    with zipfile.ZipFile(folder / f"{KEY}.zip") as archive:
        archive.extractall(target)
    return target


def verified(proof, *words):
    # A path of its own: the project and its environment are not in reach.
    return subprocess.run(
        ["/bin/sh", "verify.sh", *words], cwd=proof, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.fixture
def proof(folder, tmp_path):
    scrapy(folder, "prove", KEY, check=0)
    return unpacked(folder, tmp_path / "proof")


def test_the_root_of_three_leaves_is_the_one_made_by_hand():
    a, b, c = (h(f"leaf s{n} d{n}\n") for n in "123")
    assert [a, b, c] == [tree.leaf(f"s{n}", f"d{n}") for n in "123"]
    assert tree.root([a, b, c]) == h(f"node {h(f'node {a} {b}' + chr(10))} {c}\n")
    assert tree.path([a, b, c], 1) == [("left", a), ("right", c)]
    assert tree.path([a, b, c], 2) == [("left", h(f"node {a} {b}\n"))]
    assert tree.root([a]) == a


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 33])
def test_every_path_leads_to_the_root(count):
    leaves = [h(str(n)) for n in range(count)]
    for position, leaf in enumerate(leaves):
        at = leaf
        for side, other in tree.path(leaves, position):
            at = h(f"node {other} {at}\n") if side == "left" else h(f"node {at} {other}\n")
        assert at == tree.root(leaves)


def test_a_proof_verifies_without_the_project(proof):
    done = verified(proof)
    assert (done.returncode, done.stdout) == (0, "verified\n")


def test_a_proof_holds_the_capture_the_text_and_both_languages(proof, folder):
    row = rows(folder, "SELECT * FROM articles WHERE key = ?", KEY)[0]
    assert row["title"] in (proof / "texts" / "01.txt").read_text()
    assert row["body"] in (proof / "texts" / "01.txt").read_text()
    page = subprocess.run(
        ["gunzip", "-c", proof / "captures" / "0001.warc.gz"], capture_output=True, check=True
    )
    assert row["url"].encode() in page.stdout
    assert "كيف تتحقق" in (proof / "اقرأني.txt").read_text()
    assert "How to check" in (proof / "README.txt").read_text()


def test_one_altered_byte_in_any_file_fails(proof):
    told = "sha256sum --check --quiet SHA256SUMS && sh verify.sh"
    assert told in (proof / "README.txt").read_text()
    assert told in (proof / "اقرأني.txt").read_text()

    def checked():
        return subprocess.run(
            told, shell=True, cwd=proof, env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=False
        )

    chance = random.Random(3)
    for path in sorted(path for path in proof.rglob("*") if path.is_file() and path.stat().st_size):
        data = path.read_bytes()
        spoiled = bytearray(data)
        spoiled[chance.randrange(len(data))] ^= 1
        path.write_bytes(spoiled)
        assert checked().returncode != 0, path
        path.write_bytes(data)
    assert checked().returncode == 0


def test_a_capture_that_was_exchanged_with_its_checksum_does_not_lead_to_the_root(proof):
    capture = proof / "captures" / "0001.warc.gz"
    capture.write_bytes(capture.read_bytes() + b"x")
    sums = subprocess.run("sha256sum $(find * -type f ! -name SHA256SUMS)", shell=True, cwd=proof,
                          capture_output=True, check=True)  # fmt: skip
    (proof / "SHA256SUMS").write_bytes(sums.stdout)
    assert "does not lead to the root" in verified(proof).stdout


def test_a_changed_article_is_proved_with_its_difference(folder, tmp_path):
    from dataclasses import replace

    from newsarchive.archive import Archive
    from newsarchive.offline import ingesting, saved
    from newsarchive.spiders.alwatan import AlwatanSpider

    paper_row = rows(folder, "SELECT * FROM articles WHERE key = ?", KEY)[0]
    line = {"url": paper_row["url"], "title": "عنوان معدل", "body": paper_row["body"] + "\n\nفقرة جديدة."}
    import json

    archive = Archive(
        folder / "archive.db", folder / "captures", AlwatanSpider.newspaper, command="t", kind=None
    )
    page = saved.SavedPage(origin="x", url=None, body=json.dumps(line).encode(), content_type=saved.JSON_LINE)
    page = replace(page, captured_at="2027-01-01T00:00:00Z")
    ingesting.ingest(archive, page, None, [AlwatanSpider.newspaper])
    archive.flush()
    archive.end(verdict="", exit_code=0)
    archive.close()
    scrapy(folder, "prove", KEY, check=0)
    proof = unpacked(folder, tmp_path / "proof")
    assert verified(proof).returncode == 0
    assert len(list((proof / "captures").iterdir())) == 2
    assert "\n+فقرة جديدة.\n" in (proof / "diff.txt").read_text()


def test_a_manifest_is_what_sha256sum_reads(folder):
    done = scrapy(folder, "verify", "--manifest", check=0)
    assert "under one root" in done.stdout
    (listed,) = (folder / "captures" / "evidence").glob("*/MANIFEST.sha256")
    subprocess.run(["sha256sum", "--check", "--strict", listed], cwd=folder / "captures", check=True)


def test_leaves_keep_their_places_and_new_records_come_after_them(folder):
    first = manifests.write(folder / "captures", "alwatan", "2026-01-01T00:00:00Z")
    scrapy(folder, "demo", check=0)
    second = manifests.write(folder / "captures", "alwatan", "2026-01-02T00:00:00Z")
    assert len(second.leaves) > len(first.leaves)
    assert second.leaves[: len(first.leaves)] == first.leaves


def test_a_removed_record_leaves_its_leaf_and_no_trace(folder, proof):
    directory = folder / "captures"
    before = manifests.latest(directory).leaves
    row = rows(folder, "SELECT * FROM captures WHERE article_id IS NOT NULL LIMIT 1")[0]
    assert manifests.forget(directory, {(row["warc_file"], row["warc_offset"])})
    salts = manifests.read_salts(directory)
    assert tuple(leaf.leaf for leaf in salts) == before
    assert [leaf.salt for leaf in salts].count("-") == 1
    assert verified(proof).returncode == 0


@pytest.mark.usefixtures("proof")
def test_salts_are_for_the_owner_alone(folder):
    assert (folder / "captures" / "evidence" / "SALTS").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("proof")
def test_evidence_is_not_taken_for_pages(folder):
    before = rows(folder, "SELECT count(*) AS n FROM articles")[0]["n"]
    scrapy(folder, "ingest", "captures", check=0)
    assert rows(folder, "SELECT count(*) AS n FROM articles")[0]["n"] == before
    assert scrapy(folder, "verify", check=0).stdout.endswith(" 0 notes\n")


@pytest.mark.parametrize(
    ("words", "said"), [((KEY[:-1],), "there is no article"), ((KEY, "-o", "no/x.zip"), "no/x.zip")]
)
def test_a_fumble_is_one_line_and_exit_4(folder, words, said):
    assert said in scrapy(folder, "prove", *words, check=4).stderr


@pytest.fixture
def authority(tmp_path):
    """A time stamp authority of openssl's, over HTTP on this machine."""
    home = tmp_path / "tsa"
    home.mkdir()
    (home / "openssl.cnf").write_text(
        "[req]\ndistinguished_name=dn\n[dn]\n[tsa]\nkeyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=critical,timeStamping\n[ts]\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\n"
        "certs=tsa.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\n"
    )
    (home / "serial").write_text("01\n")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem",
         "-subj", "/CN=test authority", "-days", "2", "-config", "openssl.cnf", "-extensions", "tsa"],
        cwd=home, check=True, capture_output=True,
    )  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (home / "query").write_bytes(query)
            answer = subprocess.run(
                ["openssl", "ts", "-reply", "-queryfile", "query", "-config", "openssl.cnf", "-section", "ts"],
                cwd=home, capture_output=True, check=True,
            ).stdout  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", home / "tsa.pem"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_root_is_stamped_and_openssl_confirms_it(folder, tmp_path, authority):
    url, certificate = authority
    scrapy(folder, "prove", KEY, "-s", f"ARCHIVE_TSA_URL={url}", check=0)
    proof = unpacked(folder, tmp_path / "proof")
    done = verified(proof, str(certificate))
    assert done.returncode == 0, done
    assert "Verification: OK" in done.stdout + done.stderr


def test_openssl_reads_our_query(tmp_path):
    for _ in range(20):  # every nonce is to be well formed
        (tmp_path / "query").write_bytes(timestamps.query(hashlib.sha256(b"x").digest()))
        subprocess.run(
            ["openssl", "ts", "-query", "-in", tmp_path / "query", "-text"], capture_output=True, check=True
        )
    said = subprocess.run(
        ["openssl", "ts", "-query", "-in", tmp_path / "query", "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Hash Algorithm: sha256" in said
    assert "Certificate required: yes" in said


def test_an_authority_that_does_not_answer_is_one_line_and_exit_4(folder):
    done = scrapy(folder, "prove", KEY, "-s", "ARCHIVE_TSA_URL=http://127.0.0.1:1/", check=4)
    assert "gives no time stamp" in done.stderr
