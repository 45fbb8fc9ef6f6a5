"""Writing this machine's audit chain: one line for a command, while it holds the vault's lock.

Owns what a line says of the files that changed, and the order on disk: salts before the line that needs them, and a
checkpoint at the head of every file but the first. To write, no more of the chain is read than its end. Also where
the chains and salts of all machines lie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

from smos_cli.core import chain
from smos_cli.core.auditing import Mark
from smos_cli.core.bodies import Bodies
from smos_cli.core.chain import KEY_NAME, Last, Part
from smos_cli.core.changes import Touched
from smos_cli.core.layout import AUDIT
from smos_cli.core.ports import Ports, Vault
from smos_cli.core.salts import ENDING, LENGTH, Salt, Salts, without, without_retired

ERASE = "erase"
"""The verb whose line names what nobody can check any more."""
_MACHINE = re.compile(r"[a-z2-7]{26}")


class Entry(NamedTuple):
    """What one command did, for its line."""

    verb: str
    touched: Sequence[Touched] = ()
    ids: Sequence[str] = ()
    """the memories it concerns"""
    door: str = ""
    """empty: the door that the command came by"""
    paths: Collection[str] = ()
    """where what is erased ever lay: what was there without an id goes with it"""


def write(ports: Ports, entry: Entry) -> list[str]:
    """Add the line of a command, durably; return the files that were written. ``StorageError``.

    Files that ``erase`` took away lose their salts then. To be called while the vault's lock is held.
    """
    # A memory that is new can't have a salt yet, and reading them all takes time.
    salts = Salts() if entry.verb == "remember" else read_salts(ports.vault)
    bodies = Bodies(salts, ports.entropy)
    for touched in entry.touched:
        bodies.add(touched)
    if entry.verb != ERASE:
        return write_bodies(ports, entry, bodies)
    named = {identity for identity, _, _ in bodies.found}
    bodies.found += [(token, "", "") for token in salts.tokens(entry.paths) if token not in named]
    gone = {*entry.ids, *(identity for identity, _, after in bodies.found if not after)}
    bodies.made = [salt for salt in bodies.made if salt.identity not in gone]
    paths = write_bodies(ports, entry, bodies)
    return list(dict.fromkeys([*paths, *drop(ports, gone)]))


def redact(ports: Ports, touched: Sequence[Touched]) -> list[str]:
    """Add the line of conversations that turns were taken out of; return the files that were written.

    Each gets another salt, and the former ones go: with them a turn that was short could be guessed at from the lines
    there are. To be called while the vault's lock is held. ``StorageError``.
    """
    salts = read_salts(ports.vault)
    bodies = Bodies(salts, ports.entropy)
    former: set[str] = set()
    for one in touched:
        identity = one.identity or salts.token(one.path)
        old = salts.of(identity)
        if old is None and (one.before == one.after or ports.episodes != "versioned"):
            continue
        new = Salt(
            identity or ports.entropy(LENGTH).hex(), ports.entropy(LENGTH).hex(), "" if one.identity else one.path
        )
        bodies.made.append(new)
        bodies.found.append((new.identity, old.mac(one.before) if old else "", new.mac(one.after)))
        former |= {salt.retired for salt in salts.all_of(identity)}
    if not bodies.found:
        return []
    paths = write_bodies(ports, Entry("redact"), bodies)
    return list(dict.fromkeys([*paths, *_changed_salts(ports, lambda data: without_retired(data, former))]))


def write_bodies(ports: Ports, entry: Entry, bodies: Bodies) -> list[str]:
    """Add a line that says of files what is given, whatever the entry's own say; else as ``write``."""
    pen = _Pen(ports)
    groups = chain.split(bodies.found)
    named = {body[0] for body in bodies.found}
    ids = [identity for identity in entry.ids if identity not in named]
    said = {"verb": entry.verb, "door": entry.door or ports.door, **({"ids": ids} if ids else {})}
    for group in groups:
        pen.line({**said, "bodies": group})
    return pen.finish(bodies.made)


def checkpoint(ports: Ports) -> list[str]:
    """Sign the chain as it is now; return the files that were written, for the commit of who asked.

    Nothing where there is no chain yet. To be called while the vault's lock is held. ``StorageError``.
    """
    pen = _Pen(ports)
    if pen.last.part is None:
        return []
    pen.sign()
    return pen.finish(())


def drop(ports: Ports, identities: Collection[str]) -> list[str]:
    """Delete the salts of what is erased, on whichever machine they were made; return the files that changed."""
    return _changed_salts(ports, lambda data: without(data, identities))


def machines(vault: Vault) -> list[str]:
    """Return the machines that have a chain in a vault, sorted."""
    return [name for name in vault.names(f"{vault.base}{AUDIT}".rstrip("/")) if _MACHINE.fullmatch(name)]


def folder_of(vault: Vault, machine: str) -> str:
    """Return the folder of a machine's chain."""
    return f"{vault.base}{AUDIT}{machine}"


def read_parts(vault: Vault, machine: str) -> dict[Part, bytes]:
    """Return what each file of a machine's chain holds, in their order."""
    folder = folder_of(vault, machine)
    return {part: vault.read(f"{folder}/{part.file}").data for part in chain.parts(vault.names(folder))}


def salt_files(vault: Vault) -> Iterator[str]:
    """Yield the paths of all files of salts, the machine whose name sorts first before the others."""
    for machine in machines(vault):
        folder = folder_of(vault, machine)
        yield from (f"{folder}/{name}" for name in vault.names(folder) if chain.part_of(name, ENDING))


def read_salts(vault: Vault) -> Salts:
    """Read every salt of a vault."""
    return Salts(vault.read(path).data for path in salt_files(vault))


def _changed_salts(ports: Ports, change: Callable[[bytes], bytes]) -> list[str]:
    """Write files of salts as they are to be; return those that changed."""
    changed = []
    for path in salt_files(ports.vault):
        blob = ports.vault.read(path)
        if (data := change(blob.data)) != blob.data:
            ports.vault.replace(path, data, blob.etag)
            changed.append(path)
    return changed


class _Pen:
    """This machine's chain while lines are added to it; nothing is written before ``finish``."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._now = ports.now()
        self._machine = ports.machine
        self._name = ports.machine.name()
        self._folder = folder_of(ports.vault, self._name)
        self._names = ports.vault.names(self._folder)
        self._lines: dict[Part, bytes] = {}
        self._signed: Mark | None = None
        self.last = self._read_last()

    def line(self, fields: dict[str, Any]) -> None:
        """Add a line, after a signed one where it begins a new file."""
        if self.last.part and self.last.is_full(self._now[:7]):
            self.sign()
        self._put(self._whole(fields))

    def sign(self) -> None:
        """Add a line that is signed."""
        fields = self._whole({"verb": chain.CHECKPOINT, "door": self._ports.door, "bodies": []})
        signature = self._machine.sign(chain.signed_part(self._name, fields))
        self._put({**fields, "sig": signature.hex()})
        self._signed = Mark(self.last.number, self.last.digest)

    def finish(self, salts: Sequence[Salt]) -> list[str]:
        """Write all of it; return the paths."""
        vault, paths = self._ports.vault, []
        if KEY_NAME not in self._names:
            key = f"{self._folder}/{KEY_NAME}"
            vault.create({key: self._machine.public_key().hex().encode() + b"\n"})
            paths.append(key)
        # Over all files of lines that a large command makes: no file grows with the number of memories.
        share = -(-len(salts) // max(len(self._lines), 1))
        for place, part in enumerate(self._lines):
            if some := salts[place * share : (place + 1) * share]:
                paths.append(f"{self._folder}/{part.name}{ENDING}")
                vault.append(paths[-1], b"".join(salt.line for salt in some))
        for part, lines in self._lines.items():
            paths.append(f"{self._folder}/{part.file}")
            vault.append(paths[-1], lines)
        self._machine.mark(Mark(self.last.number, self.last.digest))
        if self._signed:
            self._machine.keep(checkpoint=self._signed)
        return paths

    def _read_last(self) -> Last:
        """Find the end of the chain; where home knows of lines behind it, that is kept for ``audit verify``."""
        last = Last()
        for part in reversed(chain.parts(self._names)):
            last = chain.last_line(self._ports.vault.read(f"{self._folder}/{part.file}").data, part)
            if last.lines:
                break
        head = self._machine.marks().head
        if head and (head.number > last.number or (head.number == last.number and head.digest != last.digest)):
            self._machine.keep(lost=head)
        return last

    def _whole(self, fields: dict[str, Any]) -> dict[str, Any]:
        follows = {"n": self.last.number + 1, "prev": self.last.digest}
        return {"v": chain.VERSION, "time": self._now, "actor": self._ports.actor, **fields, **follows}

    def _put(self, fields: dict[str, Any]) -> None:
        line = chain.canonical(fields) + b"\n"
        self.last = self.last.followed_by(line, self._now[:7])
        part = self.last.part
        assert part
        self._lines[part] = self._lines.get(part, b"") + line
