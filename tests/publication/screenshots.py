"""Pictures of every page, wide and narrow, light and dark: `python tests/publication/screenshots.py FOLDER`.

With an archive as second argument its pages are taken, else the small archive of the tests is made.
`--readme FILE.png ARCHIVE.db` takes the one picture that the README shows, from the demo's archive.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
import sample_archive
from browsing import CHROMIUM, CHROMIUM_ARGUMENTS
from serving import serve

PAGES = {
    "home": "/",
    "search": "/search?q=" + quote("الكهرباء"),
    "search-year": "/search?q=" + quote("المياه") + "&from=2016&until=2016",
    "search-none": "/search?q=" + quote("غير موجود أبدا") + "&from=x",
    "search-empty": "/search",
    "search-explained": "/search?explain=1&q=" + quote('الكهربا في محطةة -المسرح "التحويل"'),
    "article": f"/article/{sample_archive.EDITED_KEY}",
    "article-list": f"/article/{sample_archive.LIST_KEY}",
    "article-gone": f"/article/{sample_archive.GONE_KEY}",
    "article-hostile": f"/article/{sample_archive.HOSTILE_KEY}",
    "article-changes": f"/article/{sample_archive.EDITED_KEY}/changes",
    "day": "/day/2018-06-10",
    "days": "/days",
    "writers": "/writers",
    "sections": "/sections",
    "changes": "/changes",
    "coverage": "/coverage",
    "about": "/about",
    "data": "/data",
    "sql": "/sql",
    "api": "/api",
    "database": "/archive",
    "table": "/archive/articles",
    "row": "/archive/runs/1",
    "query": "/archive?sql=" + quote("select section, count(*) as articles from articles group by 1"),
    "query-error": "/archive?sql=" + quote("select nothing from nowhere"),
    "missing": "/article/none",
    "home-en": "/?lang=en",
    "article-en": f"/article/{sample_archive.EDITED_KEY}?lang=en",
}


def take(base: str, folder: Path, only: list[str]) -> None:
    """Write FOLDER/page-width-scheme.png for each page."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for width, scheme in ((1280, "light"), (390, "light"), (1280, "dark"), (390, "dark")):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            for name, path in PAGES.items():
                if not only or name in only:
                    page.goto(base + path)
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()
        browser.close()


def take_readme(base: str, file: Path) -> None:
    """The first window of a search, as a reader sees it: Syria spelt as it is said, found as it is printed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
        page.goto(base + "/search?q=" + quote("سوريا"))
        page.screenshot(path=file)
        browser.close()


def main() -> None:
    """Serve the archive and take the pictures."""
    if sys.argv[1] == "--readme":
        with serve(Path(sys.argv[3])) as server:
            take_readme(server.url, Path(sys.argv[2]))
        return
    folder = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        archive = Path(temporary) / "archive.db"
        if len(sys.argv) > 2 and sys.argv[2].endswith(".db"):
            archive = Path(sys.argv.pop(2))
        else:
            sample_archive.create(archive)
        with serve(archive) as server:
            take(server.url, folder, sys.argv[2:])


if __name__ == "__main__":
    main()
