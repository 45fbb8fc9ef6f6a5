"""The commits of the vault's repository, as a sync sees them: what leads to what, and the move forward.

Owns the order of that move: index and branch only after the files, with a note beside them until both are done.
Commits nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from subprocess import CalledProcessError

from smos_cli.adapters.git.call import BULK_LIMIT
from smos_cli.adapters.git.objects import Objects
from smos_cli.adapters.git.repository import Repository
from smos_cli.core.remote import Branch, Difference
from smos_cli.errors import StorageError

_FILES = (b"100644", b"100755")
_NOT_ON_WINDOWS = frozenset('\\:*?"<>|')
_BUT_AUDIT = (".", ":(exclude,top)audit", ":(exclude,top)smos/audit")
"""A commit that only signs the record of what was done makes no side the later one."""
_KINDS = {b"120000": "a link", b"160000": "another repository"}


class GitRevisions:
    """The ``Revisions`` port; ``tracking`` is the full name of the ref that the remote's branch is fetched to."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._git = repository.git()
        self.tracking = ""

    def branch(self) -> Branch:
        self._repository.check_at_rest()
        name = self._repository.branch()
        return Branch(name.removeprefix("refs/heads/"), self._repository.tip(name))

    def fetched(self) -> str:
        return self._line("rev-parse", "--quiet", "--verify", f"{self.tracking}^{{commit}}") if self.tracking else ""

    def bases(self, one: str, other: str) -> Sequence[str]:
        return self._line("merge-base", "--all", one, other).split()

    def count(self, commit: str, without: str = "") -> int:
        left_out = [f"^{without}"] if without else []
        return int(self._git.read("rev-list", "--count", commit, *left_out)) if commit else 0

    def seconds(self, commit: str) -> int:
        words = ("log", "--max-count=1", "--no-show-signature", "--format=%ct", commit)
        told = self._git.read("--no-literal-pathspecs", *words, "--", *_BUT_AUDIT) or self._git.read(*words)
        return int(told)

    def differences(self, one: str, other: str) -> Sequence[Difference]:
        return [_difference(line, path) for line, path in self._rows(one, other)]

    def file(self, commit: str, path: str) -> bytes:
        facts = self._line("ls-tree", "-z", "--full-tree", commit, "--", path).partition("\t")[0].split()
        return self.blobs([facts[2]])[facts[2]] if facts[1:2] == ["blob"] else b""

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        with Objects(self._git) as objects:
            wanted = dict.fromkeys(name.encode() for name in names)
            return {item.name.decode(): item.data for item in objects.stream(wanted)}

    def forward(self, branch: Branch, commit: str) -> None:
        rows = self._rows(branch.tip, commit)
        paths = [os.fsdecode(path) for _, path in rows]
        pending = self._repository.pending
        # What is noted is no change that the user has staged, should this process end before the branch is moved.
        pending.begin(paths)
        self._stage(rows)
        was = branch.tip or "0" * len(commit)
        self._git.run("update-ref", "-m", "smos sync", f"refs/heads/{branch.name}", commit, was)
        pending.end(paths, commit)

    def _rows(self, one: str, other: str) -> list[tuple[bytes, bytes]]:
        """Return what differs as git tells it: ``:MODE MODE NAME NAME LETTER``, and the path."""
        first = one or self._line("hash-object", "-t", "tree", "--stdin")
        words = ("diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--full-index", first, other)
        parts = self._git.read(*words).split(b"\0")
        return list(zip(parts[:-1:2], parts[1::2], strict=True))

    def _stage(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        """Make the index hold what the second commit has of these paths, and the files be programs where it says so."""
        lines = []
        for line, path in rows:
            _, mode, _, name, _ = line.split()
            lines.append(b"%s %s\t%s\0" % (mode.lstrip(b"0") or b"0", name, path))
            if mode == b"100755":
                file = self._repository.vault / os.fsdecode(path)
                with suppress(OSError):
                    file.chmod(file.stat().st_mode | 0o111)
        self._git.run("update-index", "-z", "--index-info", stdin=b"".join(lines), limit=BULK_LIMIT)

    def _line(self, *words: str) -> str:
        """Return what git prints, or nothing where it says by its exit code alone that there is nothing."""
        try:
            return self._git.read(*words).decode("utf-8", "surrogateescape").strip()
        except StorageError as error:
            cause = error.__cause__
            if isinstance(cause, CalledProcessError) and cause.returncode == 1 and not cause.stderr:
                return ""
            raise


def refused_name(path: str) -> str:
    """Return why no file of a vault can have a path, or nothing."""
    for part in path.split("/"):
        plain = part.rstrip(" .").lower()
        if part in ("", ".", "..") or plain in (".git", "git~1"):
            return "a name that leads out of the vault or into git's own folder"
    return "a name that this system can't have" if os.name == "nt" and _NOT_ON_WINDOWS.intersection(path) else ""


def _difference(line: bytes, path: bytes) -> Difference:
    modes, names = line[1:].split()[:2], line[1:].split()[2:4]
    name = os.fsdecode(path)
    before, after = (_blob(mode, blob) for mode, blob in zip(modes, names, strict=True))
    refused = ""
    if modes[1] not in (*_FILES, b"000000"):
        refused = _KINDS.get(modes[1], "not a file")
    elif after:
        refused = refused_name(name)
    return Difference(name, before, after, refused)


def _blob(mode: bytes, name: bytes) -> str:
    return name.decode() if mode in _FILES else ""
