"""One commit by ``git fast-import``: the stream it reads and the talk with it.

Owns quoting, marks and the rule that the branch moves only forward from where it was read. Touches no index.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from smos_cli.adapters.git.call import BULK_LIMIT, LIMIT, Call, Git
from smos_cli.adapters.git.settings import Settings
from smos_cli.errors import StorageError

BULK = 100
"""From this many files on, git keeps them in one pack, which has to be there before the index is told."""


class Draft(NamedTuple):
    """A commit to be made."""

    branch: str
    """in full, ``refs/heads/main``"""
    parent: str
    """hash of the commit the branch is at, or nothing when it has none"""
    text: str
    paths: tuple[str, ...]
    settings: Settings
    other: str = ""
    """hash of the commit that is merged with the parent; such a commit is made whatever its tree"""


def write_commit(git: Git, vault: Path, draft: Draft, start_index: Callable[[], Call]) -> str | None:
    """Commit what the draft's paths are on disk now; return the hash, or None when that is committed already.

    ``start_index`` starts the call that brings the index up to date. The branch moves only after that has
    succeeded: an index that is behind its branch would undo us with the user's next commit.
    """
    bulk = len(draft.paths) >= BULK
    index = None if bulk else start_index()
    words = ("fast-import", "--quiet", "--done", "--date-format=now")
    importer = git.start(*words, limit=limit_for(draft.paths))
    changes, unreadable = _send_files(importer, vault, draft)
    if bulk:
        importer.write(b"checkpoint\nprogress stored\n")
        importer.lines(1)
    commit = _send_commit(importer, draft, changes)
    try:
        (index or start_index()).finish()
        if unreadable is not None:
            raise StorageError(
                f"{unreadable.filename} can't be read.",
                "Make it readable.",
            ) from unreadable
    except StorageError:
        _end(importer, vault, _withdrawal(draft))
        raise
    _end(importer, vault, b"" if commit else _withdrawal(draft))
    return commit


def write_merge(git: Git, vault: Path, draft: Draft, start_index: Callable[[], Call]) -> str:
    """Commit a merge through git's own filters and signing, by an index of our own; return the hash."""
    own = vault / ".git/smos.index"
    extra = {**draft.settings.environment(), "GIT_INDEX_FILE": str(own)}
    limit = limit_for(draft.paths)
    # Left by one who was killed; who is here holds the lock of all that commit.
    for left_over in (own, own.with_name(f"{own.name}.lock")):
        left_over.unlink(missing_ok=True)
    try:
        git.run("read-tree", draft.parent, extra=extra, limit=limit)
        names = b"".join(os.fsencode(path) + b"\0" for path in draft.paths)
        words = ("update-index", "--add", "--remove", "--replace", "-z", "--stdin")
        git.run(*words, stdin=names, extra=extra, limit=limit)
        tree = git.run("write-tree", extra=extra).decode().strip()
        signed = ("-S",) * draft.settings.signs()
        ending = ("commit-tree", *signed, "-p", draft.parent, "-p", draft.other, "-F", "-", tree)
        commit = git.run(*ending, stdin=draft.text.encode("utf-8", "replace"), extra=extra).decode().strip()
    finally:
        own.unlink(missing_ok=True)
    start_index().finish()
    git.run("update-ref", draft.branch, commit, draft.parent)
    return commit


def limit_for(paths: Sequence[str]) -> float:
    """Return the seconds that git may take over this many files."""
    return BULK_LIMIT if len(paths) >= BULK else LIMIT


def _send_files(importer: Call, vault: Path, draft: Draft) -> tuple[list[bytes], OSError | None]:
    """Send every file's content; return the commit's lines about them, what is gone first."""
    keeps_modes = draft.settings.is_true("core.filemode")
    gone, kept = [], []
    for mark, path in enumerate(draft.paths, start=2):
        try:
            found = _content(vault / path, keeps_modes=keeps_modes)
        except OSError as error:
            return [], error
        if found is None:
            gone.append(b"D %s\n" % _quoted(path))
        else:
            mode, data = found
            importer.write(b"blob\nmark :%d\ndata %d\n%s\n" % (mark, len(data), data))
            kept.append(b"M %s :%d %s\n" % (mode, mark, _quoted(path)))
    return gone + kept, None


def _send_commit(importer: Call, draft: Draft, changes: list[bytes]) -> str | None:
    """Send the commit; return its hash, or None when its tree is its parent's."""
    text = draft.text.encode("utf-8", "replace")
    importer.write(
        b"commit %s\nmark :1\n" % os.fsencode(draft.branch)
        + b"author %s <%s> now\n" % _person(draft, "author")
        + b"committer %s <%s> now\n" % _person(draft, "committer")
        + b"data %d\n%s\n" % (len(text), text)
        + _from(draft)
        + (b"merge %s\n" % draft.other.encode() if draft.other else b"")
        + b"".join(changes)
    )
    # The first question ends the commit; inside one, ":1" is not known yet.
    importer.write(b'get-mark :1\nls :1 ""\n')
    commit, tree = importer.lines(2)
    if draft.other:
        return commit.decode()
    if not draft.parent:
        return commit.decode() if any(change.startswith(b"M") for change in changes) else None
    importer.write(b'ls %s ""\n' % draft.parent.encode())
    return commit.decode() if importer.lines(1) != [tree] else None


def _withdrawal(draft: Draft) -> bytes:
    """Return the command that leaves the branch where it was."""
    return b"reset %s\n%s\n" % (os.fsencode(draft.branch), _from(draft))


def _end(importer: Call, vault: Path, words: bytes) -> None:
    importer.write(words + b"done\n")
    try:
        importer.finish()
    except StorageError:
        (vault / f".git/fast_import_crash_{importer.number}").unlink(missing_ok=True)
        raise


def _from(draft: Draft) -> bytes:
    return b"from %s\n" % draft.parent.encode() if draft.parent else b""


def _person(draft: Draft, role: str) -> tuple[bytes, bytes]:
    name, email = draft.settings.person(role)
    return os.fsencode(name), os.fsencode(email)


def _content(path: Path, *, keeps_modes: bool) -> tuple[bytes, bytes] | None:
    """Return mode and bytes of what git would keep of a path, or None when there is nothing."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return b"120000", os.fsencode(path.readlink())
        if not stat.S_ISREG(mode):
            return None
        return b"100755" if keeps_modes and mode & stat.S_IXUSR else b"100644", path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _quoted(path: str) -> bytes:
    """Return a path in C quotes, as fast-import reads it; bytes that are not ASCII stay as they are."""
    escaped = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"%s"' % escaped
