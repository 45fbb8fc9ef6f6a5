"""Backing up: everything that can't be made again, in one file that can be checked.

Owns what is in a backup and in which order. Never in it: the index, models, locks, the key that signs, and of a
repository anything but its history. A vault is held while it is copied, so that its copy is of one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple, Protocol

from smos_cli.core.manifest import CONFIG, Manifest, Member, Part, text_of
from smos_cli.core.outside import changing
from smos_cli.core.personas import PersonaInfo
from smos_cli.core.ports import Ports, Problem, Progress, Scan
from smos_cli.core.signing import sign
from smos_cli.errors import NotFoundError, StorageError


class Archive(Protocol):
    """A backup while it is made. Raises ``StorageError`` when its disk refuses."""

    @property
    def members(self) -> Mapping[str, Member]:
        """What is in it by now, in order."""

    @property
    def scratch(self) -> str:
        """A folder of its own, for what is made only to be put in."""

    def add(self, name: str, data: bytes) -> None:
        """Put in a file of its own making."""

    def take(self, name: str, source: str, mode: int = 0o644) -> str:
        """Put in a file of the disk; return why that can't be done, or nothing."""

    def finish(self, manifest: bytes) -> int:
        """Make it the file it is to be, with the manifest before all else; return its size in bytes."""


class Listed(NamedTuple):
    """The files of a vault that belong into a backup, by their paths in it, and what was passed over."""

    paths: Sequence[str]
    skipped: Sequence[Problem] = ()
    """what is never in a backup, such as links"""
    failed: Sequence[Problem] = ()
    """what can't be"""


class Copies(Protocol):
    """A home as a backup sees it."""

    version: str
    """of smos"""

    def now(self) -> str:
        """Return the time as ISO-8601 UTC to the second."""

    def personas(self) -> Mapping[str, PersonaInfo]:
        """Return every configured persona by name."""

    def archive(self, file: str) -> AbstractContextManager[Archive]:
        """Begin a backup, of which nothing stays unless it is finished.

        ``StaleError`` when the file is there, ``UsageError`` when it would be in a vault or among what is made again.
        """

    def config(self, names: Sequence[str]) -> bytes:
        """Return the settings as the file has them, without personas that are not named."""

    def files(self, persona: PersonaInfo, scan: Scan) -> Listed:
        """Return which files of a vault belong into a backup, sorted."""

    def history(self, persona: PersonaInfo, archive: Archive, name: str) -> str:
        """Put the history that smos keeps in a vault into a backup; return the branch, or nothing."""

    def beside(self, archive: Archive, names: Sequence[str], *, whole: bool) -> None:
        """Put in what home has of some personas beside their vaults, and of a ``whole`` home its state."""


class Wanted(NamedTuple):
    """What to back up where: all personas unless one is named."""

    file: str
    persona: str = ""


class Created(NamedTuple):
    """A backup that was made: where, its bytes, what it says of itself, what is not in it."""

    file: str
    size: int
    manifest: Manifest
    skipped: tuple[Problem, ...]
    failed: tuple[Problem, ...]
    warnings: tuple[str, ...]


Still = Callable[[str], AbstractContextManager[tuple[Scan, tuple[str, ...]]]]
"""Holds a persona's vault still, given its name; yields its listing and warnings."""


def create(copies: Copies, still: Still, wanted: Wanted, progress: Progress) -> Created:
    """Back up a home, or one persona of it; what can't be read is left out and told."""
    known = copies.personas()
    personas = [_named(known, wanted.persona)] if wanted.persona else sorted(known.values())
    if not personas:
        raise NotFoundError("There is no persona here yet.", "Make one with `smos init`, or just `smos remember`.")
    names = [persona.name for persona in personas]
    left_out, warnings = Listed(()), list[str]()
    with copies.archive(wanted.file) as archive:
        archive.add(CONFIG, copies.config(names))
        parts = []
        for persona in personas:
            with still(persona.name) as (scan, told):
                part, passed = _copy(copies, archive, persona, scan, progress)
            warnings += told
            parts.append(part)
            left_out = Listed((), (*left_out.skipped, *passed.skipped), (*left_out.failed, *passed.failed))
        copies.beside(archive, names, whole=not wanted.persona)
        manifest = Manifest(copies.now(), copies.version, tuple(parts), dict(archive.members))
        size = archive.finish(text_of(manifest))
    return Created(wanted.file, size, manifest, tuple(left_out.skipped), tuple(left_out.failed), tuple(warnings))


@contextmanager
def at_rest(ports: Ports) -> Iterator[tuple[Scan, tuple[str, ...]]]:
    """Hold a vault against other writers, signed and with all of it in its history; yield its listing and warnings."""
    with changing(ports) as warnings:
        told = warnings + sign(ports, "backup", "everything up to now")
        yield ports.vault.scan(), told


def _named(known: Mapping[str, PersonaInfo], name: str) -> PersonaInfo:
    if name not in known:
        raise NotFoundError(f"There is no persona {name!r}.", f"There are: {', '.join(sorted(known)) or 'none yet'}.")
    return known[name]


def _copy(
    copies: Copies, archive: Archive, persona: PersonaInfo, scan: Scan, progress: Progress
) -> tuple[Part, Listed]:
    """Put a vault into a backup; return its part of it and what was left out."""
    part = Part(persona.name)
    listed = copies.files(persona, scan)
    failed = list(listed.failed)
    for done, path in enumerate(listed.paths, 1):
        if reason := archive.take(part.folder + path, f"{persona.path}/{path}"):
            failed.append(Problem(path, reason))
        progress(f"backing up {persona.name}", done, len(listed.paths))
    try:
        part = part._replace(head=copies.history(persona, archive, part.bundle))
    except StorageError as error:
        failed.append(Problem(".git", error.message))
    return part, Listed((), listed.skipped, failed)
