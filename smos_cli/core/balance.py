"""Which bodies the audit chains say are current: counted over all chains, in whatever order they are read.

A body is current while it was entered more often than it was left, and so is the absence of a file, which every id
begins with. No order is needed, so that chains of several machines add up after they were written side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from smos_cli.core import chain
from smos_cli.core.audit import machines, read_parts
from smos_cli.core.ports import Vault
from smos_cli.errors import FormatError


class Balance:
    """Bodies by id or token, as keyed hashes; the empty one is that there is no file."""

    def __init__(self) -> None:
        self._entered: dict[str, Counter[str]] = {}
        self._left: dict[str, Counter[str]] = {}
        self._last: dict[str, tuple[tuple[str, str, int], str]] = {}

    def take(self, machine: str, fields: Mapping[str, Any]) -> None:
        """Count what one line says."""
        when = (fields["time"], machine, fields["n"])
        for identity, before, after in fields["bodies"]:
            self._entered.setdefault(identity, Counter())[after] += 1
            self._left.setdefault(identity, Counter())[before] += 1
            if identity not in self._last or self._last[identity][0] <= when:
                self._last[identity] = (when, after)

    def identities(self) -> Collection[str]:
        """Return every id and token that a line names."""
        return self._entered

    def entered(self, identity: str) -> Collection[str]:
        """Return the bodies that an id ever had."""
        return self._entered.get(identity, {})

    def is_current(self, identity: str, body: str) -> bool:
        """Say whether a file of this id may hold this body, or be absent, now."""
        if not body and self._last.get(identity, ((), ""))[1] == "":
            # Two machines that both told of a file that was there before their chains have entered it twice.
            return True
        return self._count(identity, body) > 0

    def current(self, identity: str) -> list[str]:
        """Return the bodies, absence left out, that files of this id may hold now."""
        return [body for body in self._entered.get(identity, ()) if body and self._count(identity, body) > 0]

    def unexplained(self, identity: str) -> list[str]:
        """Return the bodies that were left and never entered: what an edit made that no line tells of."""
        return [body for body in self._left.get(identity, ()) if body and body not in self._entered[identity]]

    def _count(self, identity: str, body: str) -> int:
        entered = self._entered.get(identity, Counter())[body]
        return entered - self._left.get(identity, Counter())[body] + (not body)


def read_balance(vault: Vault) -> Balance:
    """Count what all chains of a vault say; lines that can't be read, which ``audit verify`` reports, say nothing."""
    balance = Balance()
    for machine in machines(vault):
        for data in read_parts(vault, machine).values():
            take_lines(balance, machine, data.split(b"\n")[:-1])
    return balance


def take_lines(balance: Balance, machine: str, lines: Iterable[bytes]) -> None:
    """Count what lines of one machine say, as far as they can be read."""
    for line in lines:
        try:
            balance.take(machine, chain.parsed(line))
        except FormatError:
            continue
