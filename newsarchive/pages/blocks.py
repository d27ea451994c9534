"""The inside of a theme's body container → paragraphs, each told by its kind.

Text counts wherever it stands in the container: in `p`, in bare text nodes, in `div`, `section`, `center`,
table cells. What is left out is left out by place: scripts, forms, media, and the blocks in `JUNK`, which the
theme or a plug-in puts between the paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsarchive.items import Paragraph, ParagraphKind
from newsarchive.text.whitespace import tidy, words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_SKIPPED = words(
    """
    script style noscript template iframe object embed svg math canvas video audio img form input button
    select textarea nav head title link meta -comment amp-ad amp-sticky-ad amp-iframe amp-img amp-video
    amp-youtube amp-social-share amp-analytics amp-embed
    """
)
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), ParagraphKind.SUBHEAD),
    **dict.fromkeys(("li", "dt", "dd", "tr"), ParagraphKind.LIST),
    "blockquote": ParagraphKind.QUOTE,
    "figcaption": ParagraphKind.CAPTION,
}
_BLOCKS = frozenset(_KINDS) | words(
    """
    p div section article aside center main header footer ul ol dl table thead tbody tfoot caption
    figure pre address details summary fieldset hr
    """
)
_CELLS = frozenset(("td", "th"))
_CONTROLS = frozenset(("button", "input"))
_BOLD = frozenset(("b", "strong"))
# One line each: a break inside is a blank, not a paragraph's end.
_ONE_LINE = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "li", "tr", "figcaption"))
# Blocks whose class or id is worth a look.
_MARKED = words(
    """
    div section aside ul ol figure span ins p header footer table center a
    """
)

JUNK = words(
    """
    stream-item mag-box inline-related-post post-bottom-meta post-shortlink story-highlights
    multiple-post-pages post-bottom-edit author-signature share-buttons share-post share-links post-tag
    related_posts related-posts read-next-block about-author post-newsletter prev-next-post-nav e3lan
    e3lan-in-post wpipa wpa code-block adsbygoogle google-auto-placed ez-toc-container toc_container
    lwptoc wp-block-table-of-contents rank-math-toc-block wp-block-yoast-seo-table-of-contents
    addtoany_share_save_container sharedaddy shareaholic-canvas sharethis-inline-share-buttons
    jp-relatedposts yarpp yarpp-related crp_related heateor_sss_sharing_container post-views
    screen-reader-text more-link wp-block-latest-posts
    """
)
_CONTENT_CLASS = re.compile(
    r"(?:wp-|has-|is-|align|size-|attachment|gallery|elementor|tie-(?:col|full|list|padding|media|fluid)|entry|clearfix"
    r"|text-|content|caption|blocks-|list|twitter-tweet|embed|quote|dir-|rtl|ltr|mce|Mso|x_|yiv|gmail|tablepress"
    r"|row-|column-|arabic|single-)"
)
_SENTENCE_END = (".", "!", "؟", "?", ":", "…", "»", "”", '"', "،", "؛")
_SUBHEAD_WORDS = 14
_LABEL_WORDS = 4
_BULLETS = ("•", "●", "▪", "◾", "■", "*", "◄", "►", "✓", "✔", "–\u00a0", "- ")
_CELL_BORDER = " | "


_DOUBTED = frozenset(["div", "section", "aside", "ul", "ol", "header", "footer"])
_CAPTION_CLASSES = frozenset(("wp-caption-text", "wp-caption-dd", "gallery-caption"))


@dataclass(slots=True)
class Doubt:
    """A block that may be no text: its element and marking, and the paragraphs from `start` to before `stop`.

    `seen` are the letters, linked letters and controls that the walk had seen before it.
    """

    marking: str
    seen: tuple[int, int, int]
    start: int = 0
    stop: int = 0


@dataclass(slots=True)
class Body:
    """What stands in a body container.

    `doubtful` are blocks whose marking is unknown and whose shape is a link list's or a label's: the
    article's or the page's, the container alone cannot tell.
    """

    paragraphs: list[Paragraph] = field(default_factory=list)
    doubtful: list[Doubt] = field(default_factory=list)


def read_body(container: LexborNode) -> Body:
    """Return the paragraphs inside a container in page order."""
    # Without recursion: pages nest deeper than Python may.
    walk = _Walk()
    node = container.first_child
    path: list[LexborNode] = []
    while node is not None or path:
        if node is None:
            node = path.pop()
            walk.leave(node.tag or "")
            node = node.next
        elif walk.enters(node):
            path.append(node)
            node = node.first_child
        else:
            node = node.next
    walk.end_line()
    return walk.body


class _Walk:
    """The state of one walk through a container."""

    def __init__(self) -> None:
        self.body = Body()
        self._line: list[str] = []
        self._open: list[tuple[str, ParagraphKind | None, Doubt | None]] = [("", None, None)]
        self._letters = self._linked = self._controls = 0
        self._bold = 0
        self._links = 0
        self._rows = 0
        self._preformatted = 0
        self._plain_seen = False

    def enters(self, node: LexborNode) -> bool:
        """Take note of a node; True when the walk is to go inside."""
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "")
        elif tag == "br":
            self._break()
        elif tag not in _SKIPPED:
            return self._enters_element(node, tag)
        else:
            self._controls += tag in _CONTROLS
        return False

    def _enters_element(self, node: LexborNode, tag: str) -> bool:
        kind, doubt = _KINDS.get(tag) or self._open[-1][1], None
        if tag in _MARKED and (attributes := node.attributes):
            names = _names(attributes)
            if not JUNK.isdisjoint(names) or "display:none" in (attributes.get("style") or "").replace(
                " ", ""
            ):
                return False
            if not _CAPTION_CLASSES.isdisjoint(names):
                kind = ParagraphKind.CAPTION
            elif names and tag in _DOUBTED and not all(_CONTENT_CLASS.match(name) for name in names):
                doubt = Doubt(f"{tag} {' '.join(names)}", self._seen())
        if tag in _BLOCKS:
            self._begin(tag, kind, doubt)
        elif tag == "a":
            self._links += 1
        elif tag in _BOLD:
            self._bold += 1
        elif tag in _CELLS and self._line:
            self._line.append(_CELL_BORDER)
        return True

    def leave(self, tag: str) -> None:
        """The walk has seen all that is inside an element."""
        if tag == "a":
            self._links -= 1
        elif tag in _BOLD:
            self._bold -= 1
        elif tag in _BLOCKS:
            self._rows -= tag == "tr"
            self._preformatted -= tag == "pre"
            self._part()
            if doubt := self._open.pop()[2]:
                doubt.stop = len(self.body.paragraphs)
                if self._is_doubtful(doubt):
                    self.body.doubtful.append(doubt)

    def _begin(self, tag: str, kind: ParagraphKind | None, doubt: Doubt | None) -> None:
        self._part()
        if doubt:
            doubt.start = len(self.body.paragraphs)
        self._rows += tag == "tr"
        self._preformatted += tag == "pre"
        self._open.append((tag, kind, doubt))

    def _text(self, text: str) -> None:
        if self._preformatted and "\n" in text:
            for line in text.split("\n"):
                self._line.append(line)
                self._plain_seen = True
                self._break()
            return
        self._line.append(text)
        if size := len(text.strip()):
            self._letters += size
            self._linked += size if self._links else 0
            self._plain_seen = self._plain_seen or not self._bold

    def _break(self) -> None:
        if self._open[-1][0] in _ONE_LINE:
            self._line.append(" ")
        else:
            self._part()

    def _part(self) -> None:
        """A block begins or ends: the line does, but in a table's row."""
        if self._rows:
            self._line.append(" ")
        else:
            self.end_line()

    def end_line(self) -> None:
        """Make a paragraph of what was gathered."""
        text = tidy("".join(self._line)) if self._line else ""
        if text:
            kind = self._open[-1][1] or line_kind(text, emphatic=not self._plain_seen)
            self.body.paragraphs.append(Paragraph(kind, text))
        self._line.clear()
        self._plain_seen = False

    def _seen(self) -> tuple[int, int, int]:
        return self._letters, self._linked, self._controls

    def _is_doubtful(self, doubt: Doubt) -> bool:
        """Whether a block looks like a label, a list of links or a tool."""
        within = self.body.paragraphs[doubt.start : doubt.stop]
        if not within:
            return False
        letters, linked, controls = (now - then for now, then in zip(self._seen(), doubt.seen, strict=True))
        if controls or 2 * linked > letters:
            return True
        is_short = len(within) <= _LABEL_WORDS and sum(len(p.text.split()) for p in within) <= _LABEL_WORDS
        return is_short and not within[-1].text.endswith(_SENTENCE_END)


def line_kind(text: str, *, emphatic: bool) -> ParagraphKind:
    """Return what a line outside lists, quotations and headings is. `emphatic`: all of it is printed bold."""
    if text.startswith(_BULLETS):
        return ParagraphKind.LIST
    if emphatic and len(text.split()) <= _SUBHEAD_WORDS and text[-1] not in ".،؛":
        return ParagraphKind.SUBHEAD
    return ParagraphKind.PROSE


def _names(attributes: dict[str, str | None]) -> list[str]:
    names = (attributes.get("class") or "").split()
    if identity := attributes.get("id"):
        names.append(identity)
    return names
