r"""What the readers make of saved pages, beside trafilatura where that is installed.

    python benchmarks/pages.py FOLDER [--rounds N]
    python benchmarks/pages.py [--raise-floor]

FOLDER holds `NAME.html` beside `NAME.json` (what the page says, taken mechanically) and lists in `listing/`.
Compared after NFKC, without invisible marks, by tokens `\w+`; dates as instants; captions count as body.
Without FOLDER the project's own page cases are measured against their floor, which `--raise-floor` lifts.
Exits 1 when a figure is below what is promised.
"""

import argparse
import hashlib
import json
import re
import sys
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from pathlib import Path

from newsarchive import pages, validation
from newsarchive.items import Article

try:
    import trafilatura
except ImportError:
    trafilatura = None

ROOT = Path(__file__).parent.parent
CORRECTIONS = json.loads((Path(__file__).parent / "pages-corrections.json").read_text())
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff]")
MOST_CORRECTIONS = 2


def normal(text):
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFKC", text or "")).split())


def tokens(text):
    return re.findall(r"\w+", normal(text))


def same_instant(ours, theirs):
    """Whether two ISO dates are one instant; a bare day is compared as a day."""
    if ours is None or theirs is None:
        return ours == theirs
    if len(ours) == len("2017-06-11"):
        return theirs.startswith(ours)
    return datetime.fromisoformat(ours) == datetime.fromisoformat(theirs)


@dataclass
class Score:
    """Matching, read and expected tokens, and whether all are right in order."""

    matched: int
    read: int
    expected: int
    perfect: bool

    @property
    def precision(self):
        """The part of what was read that is right."""
        return self.matched / self.read if self.read else 1.0

    @property
    def recall(self):
        """The part of what is right that was read."""
        return self.matched / self.expected if self.expected else 1.0


def score(read, expected):
    found, wanted = tokens(read), tokens(expected)
    matcher = SequenceMatcher(None, wanted, found, autojunk=False)
    matched = sum(block.size for block in matcher.get_matching_blocks())
    return Score(matched, len(found), len(wanted), found == wanted)


def total(scores):
    sums = (sum(s.matched for s in scores), sum(s.read for s in scores), sum(s.expected for s in scores))
    return Score(*sums, all(s.perfect for s in scores))


def digest(words):
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def score_by_digest(paragraphs, expected):
    """Score whole paragraphs against the digests of paragraphs that were written by hand."""
    wanted = Counter((entry["tokens"], entry["sha256"]) for entry in expected)
    found = Counter((len(words), digest(words)) for words in map(tokens, paragraphs) if words)
    matched = sum(count * size[0] for size, count in (wanted & found).items())
    read, all_expected = (sum(n * size[0] for size, n in c.items()) for c in (found, wanted))
    return Score(matched, read, all_expected, found == wanted)


def right_refusal(expectation):
    """The reason a page must be refused for, None for an article."""
    if expectation["theme"].startswith("JNews"):
        return "unknown-layout"
    if expectation["kind"] == "page":
        return "static-page"
    return None if expectation["body_tokens"] else "no-text"


def right_section(expectation):
    printed = expectation["section_from_breadcrumb"][-1:] or expectation["post_cats"][:1]
    return printed[0] if printed else (expectation["section_from_jsonld"] or "").split(",")[0] or None


def corrected(name, text):
    """The expected body, with what is declared wrong in it put right."""
    for wrong in CORRECTIONS["wrong"]:
        if wrong["page"] == name:
            assert wrong["expected"] in text, (
                f"{name}: the expectation is another than the one declared wrong"
            )
            text = text.replace(wrong["expected"], wrong["right"], 1)
    return text


def read_ours(body):
    found = pages.read(body, "https://site.example/page", "text/html; charset=utf-8", None, None)
    return validation.judge(pages.clean(found, None), None) if isinstance(found, Article) else found


def read_trafilatura(body):
    return trafilatura.bare_extraction(
        body.decode("utf-8", "replace"), with_metadata=True, include_comments=False
    )


def yes(condition):
    return "✓" if condition else "✗"


def measure(name, body, expectation):
    """One line of the table, and what the summary needs of it."""
    found = read_ours(body)
    reason = right_refusal(expectation)
    row = {"name": name, "group": expectation["theme"].split(" ", maxsplit=1)[0], "reason": reason}
    if reason or not isinstance(found, Article):
        said = "article" if isinstance(found, Article) else str(found.reason)
        return {**row, "ok": said == reason, "text": f"{yes(said == reason)} {said}"}
    row["title"] = normal(found.title) == normal(expectation["title"])
    row["date"] = same_instant(found.published_at, expectation["published_at"])
    row["section"] = normal(found.section) == normal(right_section(expectation))
    by_hand = CORRECTIONS["by_hand"].get(name)
    paragraphs = [p.text for p in found.paragraphs]
    expected = corrected(name, expectation["body_text_in_dom_order"])
    row["score"] = score_by_digest(paragraphs, by_hand) if by_hand else score("\n".join(paragraphs), expected)
    row["ok"] = row["title"] and row["date"] and row["section"] and row["score"].perfect
    s = row["score"]
    marks = " ".join(yes(row[field]) for field in ("title", "date", "section"))
    row["text"] = f"{marks}   {s.precision:.3f} {s.recall:.3f} {s.expected:6}"
    if trafilatura and not by_hand:
        other = read_trafilatura(body)
        row["other"] = score(other.text, expected)
        row["other_title"] = normal(other.title) == normal(expectation["title"])
        row["other_date"] = (other.date or "")[:10] == expectation["published_at"][:10]
        s = row["other"]
        marks = f"{yes(row['other_title'])} {yes(row['other_date'])}"
        row["text"] += f" | {marks}   {s.precision:.3f} {s.recall:.3f}"
    return row


def cpu_per_page(read, bodies, rounds):
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for body in bodies:
            read(body)
        best = min(best, time.process_time() - start)
    return best / len(bodies)


def summary(rows):
    """Print the figures that are promised, and return whether all hold."""
    jannah = [r for r in rows if r["group"] == "Jannah" and "score" in r]
    sahifa = [r for r in rows if r["group"] == "Sahifa" and "score" in r]
    refused = [r for r in rows if r["reason"]]
    body = total([r["score"] for r in jannah])
    old = total([r["score"] for r in sahifa])
    perfect = sum(r["score"].perfect for r in jannah)
    facts = [
        (f"Jannah titles {sum(r['title'] for r in jannah)}/{len(jannah)}", all(r["title"] for r in jannah)),
        (f"Jannah dates {sum(r['date'] for r in jannah)}/{len(jannah)}", all(r["date"] for r in jannah)),
        (
            f"Jannah sections {sum(r['section'] for r in jannah)}/{len(jannah)}",
            all(r["section"] for r in jannah),
        ),
        (f"Jannah body precision {body.precision:.4f} (≥ .998)", body.precision >= 0.998),
        (f"Jannah body recall {body.recall:.4f} (≥ .999)", body.recall >= 0.999),
        (f"Jannah bodies perfect {perfect}/{len(jannah)} (≥ 20)", perfect >= min(20, len(jannah))),
        (
            f"Sahifa bodies {old.precision:.3f}/{old.recall:.3f} (≥ .98)",
            min(old.precision, old.recall) >= 0.98,
        ),
        (
            f"refused for the right reason {sum(r['ok'] for r in refused)}/{len(refused)}",
            all(r["ok"] for r in refused),
        ),
        (
            f"expectations declared wrong {len(CORRECTIONS['wrong'])} (≤ 2)",
            len(CORRECTIONS["wrong"]) <= MOST_CORRECTIONS,
        ),
    ]
    for fact, holds in facts:
        print(yes(holds), fact)
    for site in ("almohrarmedia", "watch"):
        others = [r["other"] for r in jannah if r["name"].startswith(site) and "other" in r]
        if others:
            theirs, ours = total(others), total([r["score"] for r in jannah if r["name"].startswith(site)])
            print(
                f"  {site}: ours {ours.precision:.3f}/{ours.recall:.3f}, "
                f"trafilatura {theirs.precision:.3f}/{theirs.recall:.3f}"
            )
    return all(holds for _, holds in facts)


def measure_folder(folder, rounds):
    print(
        f"{'page':24} title date section  P     R   tokens"
        + (" | trafilatura: title date P R" if trafilatura else "")
    )
    names = sorted(path.stem for path in folder.glob("*.html"))
    bodies = {name: (folder / f"{name}.html").read_bytes() for name in names}
    rows = [measure(name, bodies[name], json.loads((folder / f"{name}.json").read_text())) for name in names]
    for row in rows:
        print(f"{row['name']:24} {row['text']}")
    holds = summary(rows)
    lists = [read_ours(path.read_bytes()) for path in sorted(folder.glob("listing/*.html"))]
    as_lists = sum(not isinstance(found, Article) and found.reason == "listing" for found in lists)
    print(yes(as_lists == len(lists)), f"lists refused as lists {as_lists}/{len(lists)}")
    size = sum(map(len, bodies.values())) / len(bodies) / 1000
    ours = cpu_per_page(read_ours, bodies.values(), rounds)
    print(f"  ours {1 / ours:.0f} pages per CPU-second ({ours * 1000:.2f} ms for {size:.0f} KB)")
    if trafilatura:
        theirs = cpu_per_page(read_trafilatura, bodies.values(), 1)
        print(f"  trafilatura {trafilatura.__version__}: {1 / theirs:.0f} pages per CPU-second")
        print(f"  ours is {theirs / ours:.0f} times as fast")
    return holds and as_lists == len(lists)


def measure_cases(raise_floor):
    sys.path.insert(0, str(ROOT / "tests" / "pages"))
    import page_cases as cases  # noqa: PLC0415 - beside the tests, only for this mode

    reached = cases.reached()
    floor = json.loads(cases.FLOOR.read_text()) if cases.FLOOR.exists() else {}
    for name, value in reached.items():
        print(f"{name:16} {value} (floor {floor.get(name)})")
    holds = cases.holds(reached, floor)
    if raise_floor and all(reached[name] >= floor.get(name, 0) for name in cases.COUNTED):
        cases.FLOOR.write_text(json.dumps(reached, indent=1) + "\n")
        return True
    return holds


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=5, help="timing rounds, the best counts")
    parser.add_argument(
        "--raise-floor", action="store_true", help="write what the page cases reach, if it is no less"
    )
    options = parser.parse_args()
    holds = (
        measure_folder(options.folder, options.rounds)
        if options.folder
        else measure_cases(options.raise_floor)
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
