"""Lines of the audit chain that were never committed, where the vault is no longer as they say.

A command that was killed, or whose commit failed, leaves files and a line. If somebody then takes such a file away, or
makes it what the last commit has, no comparison with that commit shows it: only the line knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from itertools import zip_longest

from smos_cli.core import chain
from smos_cli.core.balance import Balance, take_lines
from smos_cli.core.changes import Touched
from smos_cli.core.history import Outside
from smos_cli.core.holding import Held, holdings
from smos_cli.core.layout import AUDIT
from smos_cli.core.ports import Ports
from smos_cli.core.salts import Salts

_SOMETHING = "?"
"""What a file was before, where its keyed hash is known and the bytes are gone."""


def contradicted(
    ports: Ports, found: Sequence[Outside], seen: Collection[str], salts: Salts, balance: Balance
) -> Iterator[tuple[Touched, str]]:
    """Yield what became of files that such lines name and ``seen`` lacks, each with its keyed hash before."""
    named = [one for one in _named(ports, found) if one not in seen and balance.current(one) and salts.of(one)]
    if not named:
        return
    held, _ = holdings(ports, salts)
    for identity in named:
        salt = salts.of(identity)
        assert salt
        here = {salt.mac(one.digest): one for one in held.get(identity, ())}
        gone = [body for body in balance.current(identity) if body not in here]
        new = [one for body, one in here.items() if not balance.is_current(identity, body)]
        for was, one in zip_longest(gone, new):
            now = one or Held(salt.path, "")
            yield Touched(identity, now.path, _SOMETHING if was else "", now.digest), was or ""


def _named(ports: Ports, found: Sequence[Outside]) -> Collection[str]:
    """Return the ids and tokens in lines behind the last one that was committed."""
    balance = Balance()
    for one in found:
        parts = one.path.removeprefix(ports.vault.base + AUDIT).split("/")
        if one.after and len(parts) == 2 and chain.part_of(parts[1]):
            take_lines(balance, parts[0], _behind(ports.vault.read(one.path).data, one.before))
    return balance.identities()


def _behind(data: bytes, committed: str) -> Sequence[bytes]:
    """Return the lines behind those that have a sha256; all of them where none have it."""
    lines = data.splitlines(keepends=True)
    so_far = sha256()
    for place, line in enumerate(lines):
        so_far.update(line)
        if so_far.hexdigest() == committed:
            return lines[place + 1 :]
    return lines
