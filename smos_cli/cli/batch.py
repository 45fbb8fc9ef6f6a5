"""Many questions at once: one query a line in, one object of the JSON contract a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from smos_cli.cli import contract
from smos_cli.cli.output import Output
from smos_cli.core.recall import Query, Recalled
from smos_cli.errors import NotFoundError, UsageError


def answer_batch(  # noqa: PLR0913
    out: Output, ask: Callable[[Query], Recalled], path: str, like: Query, persona: str, *, why: bool
) -> int:
    """Answer every line of a file or of standard input; return 1 if a line was no query, else 0."""
    failed = 0
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            query = _query(line, like)
        except ValueError as error:
            failed += 1
            out.note(f"{path}:{number}: {error}")
            continue
        out.data(contract.recalled(ask(query), persona, why=why, identity=query.id))
    return 1 if failed else 0


def _lines(path: str) -> Iterator[bytes]:
    if path == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(path).open("rb") as file:
            yield from file
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path}.", "Give a file with one query a line, or -.") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.", "Give a file with one query a line.") from error


def _query(line: bytes, like: Query) -> Query:
    try:
        text = line.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise ValueError("the line is not UTF-8") from error
    if not text.startswith("{"):
        return replace(like, text=text)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("the line is not JSON") from error
    if not isinstance(data.get("query"), str):
        raise ValueError('the line has no "query"')
    return replace(like, text=data["query"], id=str(data.get("id", "")))
