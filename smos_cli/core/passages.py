"""Passages: what is indexed and recalled. Owns how a file's text is cut, and how an episode is written and read.

Nothing is cut away: every character of a body is in some passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LIMIT = 900
"""Characters a passage of a note aims to stay under."""
MEMORY_LIMIT = 4000
"""Characters up to which a memory stays one passage."""

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n")


class Passage(NamedTuple):
    """A piece of text that can be recalled. ``ref`` is the id it had where it came from, else empty."""

    text: str
    ref: str = ""
    speaker: str = ""
    turn: str = ""
    time: str = ""


def of_memory(body: str) -> list[Passage]:
    """Return a memory's passages: the whole of it, or pieces of at most 4,000 characters."""
    text = body.strip()
    if not text:
        return []
    return [Passage(piece) for piece in pieces(text, MEMORY_LIMIT)]


def of_note(body: str) -> list[Passage]:
    """Return a note's sections: by heading, then by paragraph, up to about 900 characters each."""
    found: list[Passage] = []
    for section in _sections(body):
        found.extend(Passage(piece) for piece in pieces(section.strip(), LIMIT) if piece)
    return found


def pieces(text: str, limit: int) -> list[str]:
    """Cut a text between paragraphs, else between sentences, else between words, into pieces up to a limit."""
    if len(text) <= limit:
        return [text]
    found: list[str] = []
    current = ""
    for part in _parts(text, limit):
        if current and len(current) + len(part) > limit:
            found.append(current.strip())
            current = ""
        current += part
    found.append(current.strip())
    return [piece for piece in found if piece]


def _sections(body: str) -> Iterator[str]:
    """Yield the text before the first heading, then each heading with its text; a heading in a code fence is none."""
    lines: list[str] = []
    fence = ""
    for line in body.splitlines(keepends=True):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = ""
        if not fence and lines and _HEADING.match(line):
            yield "".join(lines)
            lines = []
        lines.append(line)
    if lines:
        yield "".join(lines)


def _parts(text: str, limit: int) -> Iterator[str]:
    """Yield paragraphs with the space after them; a longer one by sentences, a longer sentence by words."""
    # Only to the end of the next line: looking further would cost the square of a long run of blank ones.
    for paragraph in re.split(r"(?<=\n)(?=[^\S\n]*\n)", text):
        if len(paragraph) <= limit:
            yield paragraph
            continue
        for sentence in _split_after(paragraph, _SENTENCE_END):
            yield from _by_words(sentence, limit)


def _split_after(text: str, mark: re.Pattern[str]) -> Iterator[str]:
    start = 0
    for match in mark.finditer(text):
        yield text[start : match.end()]
        start = match.end()
    yield text[start:]


def _by_words(sentence: str, limit: int) -> Iterator[str]:
    while len(sentence) > limit:
        cut = sentence.rfind(" ", 1, limit) + 1 or limit
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence


def indexed_text(passage: Passage) -> str:
    """Return what is searched: a turn is searched with who said it."""
    return f"{passage.speaker}: {passage.text}" if passage.speaker else passage.text
