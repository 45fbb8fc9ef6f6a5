"""Whose the files are that others changed, and what is to be said of each that no line says yet.

Owns how files before and after are paired: by id, else by the token of their path, else by the path itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from smos_cli.core import ulid
from smos_cli.core.audit import read_salts
from smos_cli.core.balance import Balance, read_balance
from smos_cli.core.bodies import Bodies
from smos_cli.core.changes import Touched
from smos_cli.core.history import Outside
from smos_cli.core.holding import identity_of, may_have_line
from smos_cli.core.layout import is_of_audit
from smos_cli.core.owners import Owners
from smos_cli.core.ports import Ports
from smos_cli.core.reading import read_entry
from smos_cli.core.record import versioned
from smos_cli.core.salts import Salts
from smos_cli.core.uncommitted import contradicted
from smos_cli.errors import NotFoundError


class Told(NamedTuple):
    """What is to be said of files that others changed, and the statements of the memories among them."""

    bodies: Bodies
    ids: tuple[str, ...]
    texts: Sequence[str]
    number: int
    """of the files that have a line to come"""


class _File(NamedTuple):
    """A file that others changed, as it is now."""

    path: str
    before: str
    after: str
    identity: str
    """the id that stands in it"""
    text: str
    readable: bool


def tell(ports: Ports, found: Sequence[Outside]) -> Told:
    """Find out whose the files are, and what of it no line says yet."""
    files = [_read(ports, one) for one in found if _has_line(ports, one)]
    salts = read_salts(ports.vault)
    bodies = Bodies(salts, ports.entropy)
    behind = any(is_of_audit(one.path, ports.vault.base) for one in found)
    if not files and not behind:
        return Told(bodies, (), (), 0)
    balance = read_balance(ports.vault)
    became = list(_became(files, salts, balance))
    news = [one for one in became if not _is_said(one, salts, balance)]
    changes = [(one, _was(one, salts, balance) if behind else "") for one in news]
    if behind:
        changes += contradicted(ports, found, {one.identity for one in became}, salts, balance)
    for one, was in changes:
        bodies.add(one, was=was)
    paths = {one.path or one.identity for one, _ in changes}
    texts = [file.text for file in files if file.path in paths and file.text]
    ids = tuple(dict.fromkeys(one.identity for one, _ in changes if ulid.is_valid(one.identity)))
    return Told(bodies, ids, texts, len(paths))


def _became(files: Sequence[_File], salts: Salts, balance: Balance) -> Iterator[Touched]:
    """Yield what became of the files of each id or token; a file that was only moved is what it was."""
    owners = Owners(salts, balance)
    left: dict[str, list[Touched]] = {}
    entered: dict[str, list[Touched]] = {}
    for file in files:
        before = owners.before(file.path, file.before, file.identity) if file.before else ""
        after = file.identity or (salts.token(file.path) if file.readable else before)
        # A file without an id or token is told apart by its path.
        if file.before:
            left.setdefault(before or file.path, []).append(Touched(before, file.path, before=file.before))
        if file.after:
            entered.setdefault(after or file.path, []).append(Touched(after, file.path, after=file.after))
    for whose in dict.fromkeys((*left, *entered)):
        yield from _pairs(left.get(whose, []), entered.get(whose, []))


def _has_line(ports: Ports, one: Outside) -> bool:
    """Say whether a file is of the kind that lines are about: a text that smos reads, or would."""
    return may_have_line(one.path) and bool(versioned(ports, [Touched("", one.path)]))


def _read(ports: Ports, one: Outside) -> _File:
    if one.after:
        try:
            blob = ports.vault.read(one.path)
        except NotFoundError:
            return _File(one.path, one.before, "", "", "", readable=True)
        base = ports.vault.base
        entry = read_entry(blob, base, ())
        text = entry.memory.text if entry.memory and entry.role == "memory" else ""
        return _File(one.path, one.before, blob.etag, identity_of(blob, base), text, not entry.problem)
    return _File(one.path, one.before, "", "", "", readable=True)


def _pairs(left: Sequence[Touched], entered: Sequence[Touched]) -> Iterator[Touched]:
    """Yield what became of each file of one id, those first that were only moved."""
    old, new = list(left), list(entered)
    for one in left:
        if twin := next((other for other in new if other.after == one.before), None):
            old.remove(one)
            new.remove(twin)
            yield twin._replace(before=one.before)
    for before, after in zip_longest(old, new, fillvalue=Touched("", "")):
        path = after.path or before.path
        yield Touched(after.identity or before.identity, path, before.before, after.after)


def _is_said(one: Touched, salts: Salts, balance: Balance) -> bool:
    """Say whether the chains have a file as it is now, or it only moved."""
    if one.before == one.after:
        return True
    salt = salts.of(one.identity)
    return salt is not None and balance.is_current(one.identity, salt.mac(one.after))


def _was(one: Touched, salts: Salts, balance: Balance) -> str:
    """Return the body that a file had by a line that was never committed; empty where it had what the commit has."""
    salt = salts.of(one.identity)
    if salt is None or balance.is_current(one.identity, salt.mac(one.before)):
        return ""
    current = balance.current(one.identity)
    return current[0] if len(current) == 1 else ""
