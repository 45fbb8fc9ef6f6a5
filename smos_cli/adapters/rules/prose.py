"""A turn's prose: its sentences, without all that nobody says in their own words.

Owns what is passed over: code in fences or indented, diffs, logs, stack traces, JSON, tables, quoted lines, tool calls,
and remarks in square brackets, such as what an image shows. What is kept are places in the text, so that the words can
be quoted to the letter. Linear in the text. A turn is read up to ``LONGEST`` characters of prose: more is a paste.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from smos_cli.core.fences import closes, fence_at
from smos_cli.core.sentences import starts

LONGEST = 20_000
_LONGEST_LINE = 4_000
"""Characters of a line that is read; nobody types a longer one."""
_REMARK = re.compile(r"\[[^\[\]\n]{0,400}\](?![(\w])")
_BULLET = re.compile(r"[ \t]{0,8}(?:[-*•]|\d{1,2}[.)])[ \t]{1,4}(?=[^\s])")
_CODE = re.compile(
    r"\s{0,8}(?:\$ |>>> |\.\.\. \w|Traceback |File \"|at [\w.$<>]{1,120}\(|diff |index [0-9a-f]{6}|\+\+\+|---|@@"
    r"|[+]\s?\S|-[^\s-]"
    r"|[{}\[<|]|//|/\*|#|import \w|from [\w.]{1,60} import|def \w|class \w{1,60}[(:]|return\b|const |let \w{1,40} ="
    r"|var \w"
    r"|function\b|public |private |elif |except |for \(|if \(|while \(|SELECT |INSERT |UPDATE |CREATE |FROM \w"
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:|\[?\d\d:\d\d:\d\d|(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE|FATAL)\b"
    r"|\w{1,40}(?:Error|Exception|Warning): |(?:FAILED|PASSED) [\w/]|(?:not )?ok \d|exit (?:code|status)"
    r"|[\w.\-/]{1,80}:\d{1,6}[: ]|\"?[\w.\-]{1,40}\"?: ?[\"{\[\d])"
)
_SYMBOLS = re.compile(r"[{}\[\]<>=;|\\^&*+~@_]")
_ENDS_CODE = (";", "{", "}", "};", "):", "=>", "\\", "],", "},")


class Sentence(NamedTuple):
    """A sentence and its place in the turn."""

    text: str
    start: int
    end: int
    block: int
    """the paragraph that it is of"""


def sentences_of(text: str) -> list[Sentence]:
    """Return the sentences of a turn's prose in their order."""
    found: list[Sentence] = []
    for number, (start, end) in enumerate(_blocks(text)):
        block = text[start:end]
        for first, last in pairwise([0, *starts(block), len(block)]):
            words = block[first:last].rstrip()
            lead = len(words) - len(words.lstrip())
            if words.strip():
                found.append(Sentence(words.strip(), start + first + lead, start + first + len(words), number))
    return found


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each paragraph or list item; remarks divide them."""
    read = 0
    for start, end in _paragraphs(text):
        read += end - start
        if read > LONGEST:
            return
        place = start
        for remark in _REMARK.finditer(text, start, end):
            yield place, remark.start()
            place = remark.end()
        yield place, end


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = end = -1
    for first, last, is_new in _lines(text):
        if start >= 0 and (is_new or first != end):
            yield start, end
            start = -1
        start, end = (first if start < 0 else start), last
    if start >= 0:
        yield start, end


def _lines(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield each line of prose: where its words begin, where the next line does, whether it begins a paragraph."""
    fence, place = "", 0
    for line in text.splitlines(keepends=True):
        first, place = place, place + len(line)
        lead = first + len(line) - len(line.lstrip())
        if fence:
            fence = "" if closes(fence, text, lead) else fence
        elif opened := fence_at(text, lead):
            fence = opened
        elif not _is_prose(line):
            continue
        elif bullet := _BULLET.match(line):
            yield first + bullet.end(), place, True
        else:
            yield first, place, False


def _is_prose(line: str) -> bool:
    bare = line.strip()
    if not bare or len(bare) > _LONGEST_LINE or bare[0] in ">|" or line.startswith(("    ", "\t")):
        return False
    if _CODE.match(line) and not _BULLET.match(line):
        return False
    return not bare.endswith(_ENDS_CODE) and len(_SYMBOLS.findall(bare)) <= 1 + len(bare) // 12
