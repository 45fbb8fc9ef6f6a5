"""What becomes of a version that lost a clash: a memory of its own, or a sibling of the file.

Owns the names and ids of copies: the same on every machine, from what they hold.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.core import ulid
from smos_cli.core.layout import file_name
from smos_cli.core.links import link_target
from smos_cli.core.markdown import compose, edit, parse
from smos_cli.core.memory import statement
from smos_cli.errors import FormatError

if TYPE_CHECKING:
    from smos_cli.core.markdown import Value

_COPY = re.compile(r"\.conflict-[0-9a-f]{8}$")


class Lost(NamedTuple):
    """A version that lost, and what it lost to: the path and the bytes of the file that stays."""

    data: bytes
    path: str
    kept: bytes
    time: int
    """of the commit it is in, in seconds since 1970"""


class Copy(NamedTuple):
    """A file that is new with the merge."""

    path: str
    data: bytes
    identity: str = ""


def memory_copy(lost: Lost) -> Copy | None:
    """Return the other version of a memory as a memory that contradicts the one that stays; None if it can't be one.

    Its id has the time of the first one's, and its random part is a hash of what it holds.
    """
    try:
        document, kept = parse(lost.data), parse(lost.kept)
    except FormatError:
        return None
    former = _text(document.fields.get("id")).upper()
    random = sha256(f"{former or lost.path}\n".encode("utf-8", "surrogatepass") + lost.data).digest()
    made = ulid.make(lost.time * 1000, random)
    identity = former[:10] + made[10:] if ulid.is_valid(former) else made
    link: list[Value] = [f"[[{_link(lost.path, _text(kept.fields.get('id')))}]]"]
    before = document.fields.get("conflicts") or []
    conflicts = [*(before if isinstance(before, list) else [before]), *link]
    # The aliases are all in the file that stays: a link by one of them must not become ambiguous.
    changes: dict[str, Value | None] = {"id": identity, "aliases": None, "conflicts": conflicts}
    try:
        data = edit(lost.data, changes)
    except FormatError:
        fields = {**document.fields, "id": identity, "conflicts": conflicts}
        try:
            data = compose({key: value for key, value in fields.items() if key != "aliases"}, document.body)
        except FormatError:
            return None
    folder = lost.path.rpartition("/")[0]
    return Copy(f"{folder}/{file_name(statement(document.body), identity)}".lstrip("/"), data, identity)


def sibling(path: str, data: bytes) -> Copy:
    """Return the other version of any file as a file beside it: ``name.conflict-1a2b3c4d.md``."""
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    return Copy(f"{folder}{slash}{_COPY.sub('', stem)}.conflict-{sha256(data).hexdigest()[:8]}{dot}{ending}", data)


def _link(path: str, identity: str) -> str:
    """Return what names a memory in a link: its file's name where that ends in its id, else the end of its id."""
    stem = path.rpartition("/")[2].removesuffix(".md")
    named = not ulid.is_valid(identity) or link_target(stem) == ulid.suffix(identity)
    return stem if named else ulid.suffix(identity)


def _text(value: Value | None) -> str:
    return value.strip() if isinstance(value, str) else ""
