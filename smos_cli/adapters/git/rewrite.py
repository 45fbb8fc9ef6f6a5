"""Commits made again without what was erased.

Owns which trees, commits and tags get a new form, and what stays in them: everything but the blobs that go, the words
of a message, and a signature, which would not hold any more. Whatever has nothing of it, and no ancestor that has,
keeps its name. A new object depends on the old ones alone, so that two clones make the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from smos_cli.adapters.git.call import Git
from smos_cli.adapters.git.objects import Objects, lines_of
from smos_cli.adapters.git.pack import Pack
from smos_cli.adapters.git.traces import DEAD, Traces, Verdict
from smos_cli.core.cleaning import without_words
from smos_cli.core.ports import Progress

_TREE_MODE = b"40000"
_FILE_MODE = b"100"
_SIGNED = (b"gpgsig ", b"gpgsig-sha256 ", b"mergetag ")
_SIGNATURE = re.compile(rb"^-----BEGIN (?:PGP|SSH|SIGNED) [A-Z ]+-----$.*", re.MULTILINE | re.DOTALL)
_NAME = re.compile(rb"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b")
_EVERY = 100


class Commit(NamedTuple):
    """A commit as it is stored."""

    name: bytes
    head: bytes
    """its header lines"""
    message: bytes
    tree: bytes
    parents: Sequence[bytes]

    @property
    def signed(self) -> bool:
        """Whether it has a signature, or the tag that it merged has."""
        return any(line.startswith(_SIGNED) for line in self.head.split(b"\n"))


class Node:
    """A folder, or a file, on the way to what changes."""

    __slots__ = ("children", "last", "path", "verdicts")

    def __init__(self) -> None:
        self.children: dict[bytes, Node] = {}
        self.verdicts: Mapping[bytes, Verdict] = {}
        self.path = ""
        self.last = b""
        """the folder as it was last written"""


class Rewriter:
    """Makes new objects and puts them into a pack."""

    def __init__(self, objects: Objects, traces: Traces, pack: Pack, name_length: int) -> None:
        self.of: dict[bytes, bytes] = {}
        """the new name of each commit that has one"""
        self.blobs: dict[tuple[bytes, str], bytes] = {}
        """the new name of each blob that has one, at its path"""
        self._objects = objects
        self._traces = traces
        self._pack = pack
        self._ids = traces.judge.erased.ids
        self._entry = re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % (name_length // 2), re.DOTALL)
        self._tainted: set[bytes] = set()
        self._trees: dict[tuple[bytes, int], bytes] = {}
        self._root = _tree_of(traces)

    def commits(self, all_of_them: Iterable[Commit], total: int, progress: Progress) -> None:
        """Make commits again, each after its parents."""
        for number, commit in enumerate(all_of_them):
            if number % _EVERY == 0:
                progress("Rewriting the history", number, total)
            self._commit(commit)
        progress("Rewriting the history", total, total)

    def tag(self, name: bytes) -> bytes:
        """Return the name that a tag, a commit or anything else has from now on; empty for a blob that goes."""
        item = self._objects.read(name)
        if item.kind == b"commit":
            return self.of.get(name, name)
        if item.kind != b"tag":
            return b"" if (verdict := self._traces.content.get(name)) and verdict.kind == DEAD else name
        target = item.data.split(b"\n", 1)[0].split()[1]
        new = self.tag(target)
        if new in (target, b""):
            return new and name
        head, blank, text = item.data.replace(target, new, 1).partition(b"\n\n")
        return self._pack.add(b"tag", _unsigned(head) + blank + _SIGNATURE.sub(b"", text))

    def _commit(self, commit: Commit) -> None:
        parents = [self.of.get(parent, parent) for parent in commit.parents]
        tree = commit.tree
        if commit.name in self._traces.touching or not self._tainted.isdisjoint(commit.parents):
            self._tainted.add(commit.name)
            tree = self._tree(commit.tree, self._root) or self._pack.add(b"tree", b"")
        message = without_words(commit.message, self._ids)
        if (tree, parents, message) == (commit.tree, list(commit.parents), commit.message):
            return
        message = _NAME.sub(lambda found: self.of.get(found[0], found[0]), message)
        lines = iter([b"tree " + tree, *(b"parent " + parent for parent in parents)])
        head = [
            next(lines) if line.startswith((b"tree ", b"parent ")) else line
            for line in _unsigned(commit.head).split(b"\n")
        ]
        self.of[commit.name] = self._pack.add(b"commit", b"\n".join(head) + b"\n\n" + message)

    def _tree(self, name: bytes, node: Node) -> bytes:
        """Return the name of a tree without what goes; empty where nothing is left of one that had something."""
        key = (name, id(node))
        if key not in self._trees:
            self._trees[key] = self._new_tree(name, node)
        return self._trees[key]

    def _new_tree(self, name: bytes, node: Node) -> bytes:
        data = self._objects.read(name).data
        kept = []
        for mode, entry, old in self._entry.findall(data):
            raw = old
            if child := node.children.get(entry):
                raw = bytes.fromhex(self._successor(mode, old.hex().encode(), child).decode())
            if raw:
                kept.append(b"%s %s\0%s" % (mode, entry, raw))
        whole = b"".join(kept)
        if whole == data:
            return name
        if not kept:
            return b""
        # The one before it at the same place is mostly the same.
        like, node.last = node.last, whole
        return self._pack.add(b"tree", whole, like)

    def _successor(self, mode: bytes, name: bytes, node: Node) -> bytes:
        """Return what is in a tree instead of an entry on the way to what changes; empty where it goes."""
        if mode == _TREE_MODE:
            return self._tree(name, node) if node.children else name
        verdict = node.verdicts.get(name)
        if verdict is None or not mode.startswith(_FILE_MODE):
            return name
        return b"" if verdict.kind == DEAD else self._blob(name, verdict, node.path)

    def _blob(self, name: bytes, verdict: Verdict, path: str) -> bytes:
        key = (name, path)
        if key not in self.blobs:
            cleaned = self._traces.judge.cleaned(path, self._objects.read(name).data, verdict)
            self.blobs[key] = self._pack.add(b"blob", cleaned)
        return self.blobs[key]


def commits_of(git: Git, objects: Objects, revisions: Sequence[str] = ("--all",)) -> Iterator[Commit]:
    """Yield all commits that revisions reach, each after its parents."""
    for item in objects.stream(lines_of(git, "rev-list", "--topo-order", "--reverse", *revisions)):
        head, _, message = item.data.partition(b"\n\n")
        lines = head.split(b"\n")
        parents = tuple(line[len(b"parent ") :] for line in lines if line.startswith(b"parent "))
        yield Commit(item.name, head, message, lines[0][len(b"tree ") :], parents)


def _unsigned(head: bytes) -> bytes:
    """Return header lines without signatures, which go on in lines that begin with a space."""
    kept: list[bytes] = []
    leave_out = False
    for line in head.split(b"\n"):
        leave_out = line.startswith(_SIGNED) or (leave_out and line.startswith(b" "))
        if not leave_out:
            kept.append(line)
    return b"\n".join(kept)


def _tree_of(traces: Traces) -> Node:
    root = Node()
    for path, verdicts in traces.verdicts.items():
        node = root
        for part in path.split(b"/"):
            node = node.children.setdefault(part, Node())
        node.verdicts, node.path = verdicts, os.fsdecode(path)
    return root
