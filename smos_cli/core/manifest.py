"""What a backup says of itself: its personas, and the size and hash of every file in it.

Owns the names of what is in a backup and which names may be. Refuses a manifest of a newer format and every name that
could lead out of the folder that it is unpacked to, or into git's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from smos_cli.errors import FormatError

FORMAT = 1
MANIFEST = "manifest.json"
CONFIG = "config.toml"
STATE = "state.sqlite"
AUDIT = "audit/"
BUNDLE = "history.bundle"
LARGEST = 64_000_000
"""Bytes of the longest manifest."""
MOST = 500_000
"""Files of the largest backup."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEAD = re.compile(r"|refs/heads/[^\s\x00-\x1f\x7f]+|[0-9a-f]{40}|[0-9a-f]{64}")
_LONGEST_PATH = 4096
_LONGEST_PART = 255
_IGNORED_BY_DISKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_REMEDY = "Use another backup; nothing was changed."


class Member(NamedTuple):
    """One file of a backup."""

    size: int
    sha256: str


class Part(NamedTuple):
    """One persona of a backup."""

    name: str
    head: str = ""
    """the branch that was checked out, ``refs/heads/main``, or a commit's hash; empty where there is no history"""

    @property
    def folder(self) -> str:
        """Where its vault's files are in the backup; ends in ``/``."""
        return f"personas/{self.name}/files/"

    @property
    def bundle(self) -> str:
        """Where its history is in the backup, if it has one."""
        return f"personas/{self.name}/{BUNDLE}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything a backup is: when it was made (ISO-8601), by which version, and what is in it by name."""

    made: str
    version: str
    parts: tuple[Part, ...]
    members: Mapping[str, Member]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(member.size for member in self.members.values())


def text_of(manifest: Manifest) -> bytes:
    """Return a manifest as the file that is the first in a backup."""
    data = {
        "format": FORMAT,
        "made": manifest.made,
        "smos": manifest.version,
        "personas": [part._asdict() for part in manifest.parts],
        "files": [{"path": name, **member._asdict()} for name, member in manifest.members.items()],
    }
    text = (json.dumps(data, indent=0) + "\n").encode()
    if len(text) > LARGEST or len(manifest.members) > MOST:
        raise FormatError(
            f"{len(manifest.members)} files are too many for one backup.", "Back up each persona with --persona."
        )
    return text


def manifest_of(text: bytes) -> Manifest:
    """Read a manifest; ``FormatError`` for one that is newer or is not in order."""
    try:
        data = json.loads(text)
        form = data["format"]
        if isinstance(form, int) and form > FORMAT:
            raise FormatError(
                f"The backup has the format {form}, and this smos knows those up to {FORMAT}.",
                "Restore it with a newer smos; nothing was changed.",
            )
        if form != FORMAT:
            raise ValueError
        parts = tuple(_part(item) for item in data["personas"])
        manifest = Manifest(str(data["made"]), str(data["smos"]), parts, dict(map(_member, data["files"])))
        if len(manifest.members) != len(data["files"]) or len({part.name for part in parts}) != len(parts):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FormatError("The manifest of the backup is damaged.", _REMEDY) from error
    _check(manifest)
    return manifest


def _part(item: Any) -> Part:
    name, head = item["name"], item["head"]
    if not (_NAME.fullmatch(name) and _HEAD.fullmatch(head)):
        raise ValueError(name)
    return Part(name, head)


def _member(item: Any) -> tuple[str, Member]:
    name, size, digest = item["path"], item["size"], item["sha256"]
    if not (isinstance(name, str) and type(size) is int and size >= 0 and _SHA256.fullmatch(digest)):
        raise ValueError(name)
    return name, Member(size, digest)


def _check(manifest: Manifest) -> None:
    """Raise ``FormatError`` for names that no backup has."""
    bundles = {part.bundle for part in manifest.parts if part.head}
    folders = tuple(part.folder for part in manifest.parts)
    for name in manifest.members:
        check_name(name)
        ours = name in (CONFIG, STATE) or name in bundles or (name.startswith(AUDIT) and name.count("/") == 1)
        if not ours and not name.startswith(folders):
            raise FormatError(f"{name!r} is no part of a backup.", _REMEDY)
    missing = sorted({CONFIG, *bundles} - manifest.members.keys())
    if missing:
        raise FormatError(f"The backup has no {missing[0]}.", _REMEDY)


def check_name(name: str) -> None:
    """Raise ``FormatError`` for a name that is no plain relative path of a file, with ``/``."""
    parts = name.split("/")
    try:
        sizes = [len(part.encode()) for part in parts]
    except UnicodeEncodeError as error:
        raise FormatError(f"{name!r} can't be the name of a file in a backup.", _REMEDY) from error
    if "\0" in name or {"", ".", ".."}.intersection(parts) or any(map(is_gits, parts)):
        raise FormatError(f"{name!r} can't be the name of a file in a backup.", _REMEDY)
    if max(sizes) > _LONGEST_PART or sum(sizes) + len(sizes) > _LONGEST_PATH:
        raise FormatError(f"{name[:60]!r}... is too long for the name of a file in a backup.", _REMEDY)


def is_gits(part: str) -> bool:
    """Say whether a disk could take a part of a path for git's own folder."""
    plain = _IGNORED_BY_DISKS.sub("", part).casefold().split(":")[0].rstrip(". ")
    return plain in (".git", "git~1")
