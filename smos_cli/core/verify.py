"""Audit verify: every line of every chain, against one another, home, the files and the history. It only looks.

Owns what is a problem and what a note: a chain that was tampered with is a problem, an edit outside smos is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from smos_cli.core.audit import ERASE, folder_of, machines, read_parts, read_salts
from smos_cli.core.balance import Balance
from smos_cli.core.breaks import Chain, Files, against, check
from smos_cli.core.chain import KEY_NAME
from smos_cli.core.committed import bodies, first_loss, not_kept, versions
from smos_cli.core.finding import Finding
from smos_cli.core.holding import Held, Said, compare, holdings
from smos_cli.core.ports import Ports
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import StorageError


class Counts(NamedTuple):
    """How much was looked at."""

    chains: int
    lines: int
    bodies: int
    """that lines name, before and after each change"""
    checkpoints: int
    erased: int
    """ids that lines name and whose bodies nobody can check any more"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found, problems first, and how much was looked at."""

    findings: Sequence[Finding]
    counts: Counts


def verify(ports: Ports) -> Verified:
    """Check all audit chains of a vault, and what they say of its files and its history."""
    result = _verify(ports)
    if result.findings:
        # A change that another process was in the middle of is none any more when nobody holds the lock.
        with ports.vault.lock():
            result = _verify(ports)
    return result


def _verify(ports: Ports) -> Verified:
    # Home first: what it knows of the chain of this machine may be older than the chain, and never newer.
    own, marks = ports.machine.known(), ports.machine.marks()
    files = [_files(ports, machine) for machine in machines(ports.vault)]
    chains = [check(one, ports.machine.genuine) for one in files]
    said = _said(ports, chains)
    held, findings = holdings(ports, said.salts)
    findings += compare(said, held)
    broken = {one.machine: one.broken for one in chains if one.broken}
    mine = next((one for one in chains if one.machine == own), Chain(own, (), None))
    if own and own not in broken and (difference := against(mine, marks, folder_of(ports.vault, own))):
        broken[own] = difference
    findings += [note for one in chains for note in one.notes]
    losses, notes = _history(ports, files, said, held)
    findings += [*notes, *(losses | broken).values()]
    ordered = sorted(set(findings), key=lambda one: (one.level != "problem", one.where, one.what))
    return Verified(ordered, _counts(chains, said))


def _files(ports: Ports, machine: str) -> Files:
    vault, folder = ports.vault, folder_of(ports.vault, machine)
    key = vault.read(f"{folder}/{KEY_NAME}").data if KEY_NAME in vault.names(folder) else None
    return Files(machine, folder, key, read_parts(vault, machine))


def _said(ports: Ports, chains: Sequence[Chain]) -> Said:
    balance = Balance()
    erased = set(read_forgotten(ports.vault).erased)
    for one in chains:
        for row in one.rows:
            if row.fields is not None:
                balance.take(one.machine, row.fields)
                if row.fields["verb"] == ERASE:
                    erased.update(identity for identity, _, after in row.fields["bodies"] if not after)
    return Said(balance, read_salts(ports.vault), erased)


def _history(
    ports: Ports, files: Sequence[Files], said: Said, held: dict[str, list[Held]]
) -> tuple[dict[str, Finding], list[Finding]]:
    """Return what chains lost since it was committed, by machine, and the notes."""
    base = ports.vault.base
    try:
        known = versions(ports.past, base)
        losses = first_loss(ports.past, known, files)
        missing = not_kept(said, held, bodies(ports.past, known, said, base))
    except StorageError as error:
        what = f"The history was not looked at: {error.message}"
        return {}, [Finding("note", "history", what, error.remedy)] if files else []
    if not missing:
        return losses, []
    what = f"{missing} {'body' if missing == 1 else 'bodies'} of those that lines name can't be found in the history."
    return losses, [Finding("note", "history", what, "Nothing needs to be done: their hashes stand in the chain.")]


def _counts(chains: Sequence[Chain], said: Said) -> Counts:
    rows = [row.fields for one in chains for row in one.rows if row.fields is not None]
    named = sum(len(fields["bodies"]) for fields in rows)
    gone = [one for one in said.balance.identities() if one in said.erased and not said.salts.all_of(one)]
    lines = sum(len(one.rows) for one in chains)
    return Counts(len(chains), lines, named, sum(one.checkpoints for one in chains), len(gone))
