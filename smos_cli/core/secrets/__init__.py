"""Secrets in a text are taken out: keys, tokens, passwords, private keys, connection strings.

Owns the mark that stands for one, ``[redacted: github-token]``, and that nothing else of a text changes. What has been
redacted has nothing left to redact. Takes any text, in linear time, and prefers to leave an ordinary text as it is:
hashes, UUIDs, images, paths, public keys and placeholders are no secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from smos_cli.core.secrets.known import known_secrets
from smos_cli.core.secrets.telling import told_secrets
from smos_cli.core.secrets.values import Secret

__all__ = ["Redacted", "Secret", "redact"]

_MARK = re.compile(r"\[redacted: [a-z0-9-]{1,40}\]")
_ROUNDS = 8
"""What has lost a neighbour is looked at again, but not for ever."""


class Redacted(NamedTuple):
    """A text without its secrets, and where they were in the text that was given."""

    text: str
    found: tuple[Secret, ...] = ()


def redact(text: str) -> Redacted:
    """Return a text with a mark for each secret; line ends and all else stay as they are."""
    found: list[Secret] = []
    gaps = _between(
        text, [(mark.start(), mark.end()) for mark in _MARK.finditer(text)] if "[redacted: " in text else []
    )
    for _ in range(_ROUNDS):
        new = [secret for start, end in gaps for secret in _found(text, start, end)]
        if not new:
            break
        found += new
        gaps = [gap for start, end in gaps for gap in _cut(start, end, new)]
    if not found:
        return Redacted(text)
    found.sort(key=lambda secret: secret.start)
    return Redacted("".join(_pieces(text, found)), tuple(found))


def _found(text: str, start: int, end: int) -> list[Secret]:
    """Return the secrets of a part of a text, as if it stood alone; what overlaps is one, of the surest kind."""
    part = text if end - start == len(text) else text[start:end]
    merged: list[Secret] = []
    for secret in sorted([*known_secrets(part), *told_secrets(part)], key=lambda one: (one.start, one.end)):
        if merged and secret.start < merged[-1].end:
            last = merged[-1]
            kind = min(last, secret, key=lambda one: one.rank).kind
            rank = min(last.rank, secret.rank)
            merged[-1] = Secret(kind, last.start, max(last.end, secret.end), rank)
        else:
            merged.append(secret)
    return [secret._replace(start=secret.start + start, end=secret.end + start) for secret in merged]


def _between(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    starts = [0, *(end for _, end in spans)]
    ends = [*(start for start, _ in spans), len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


def _cut(start: int, end: int, found: list[Secret]) -> Iterator[tuple[int, int]]:
    """Yield what is left of a part of a text; a part in which nothing was found needs no second look."""
    inside = [secret for secret in found if start <= secret.start < end]
    if inside:
        for secret in inside:
            if start < secret.start:
                yield start, secret.start
            start = secret.end
        if start < end:
            yield start, end


def _pieces(text: str, found: list[Secret]) -> Iterator[str]:
    place = 0
    for secret in found:
        yield text[place : secret.start]
        yield f"[redacted: {secret.kind}]"
        place = secret.end
    yield text[place:]
