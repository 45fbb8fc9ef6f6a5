"""Clones of one vault without git: trees as dicts, commits with parents, and people who change them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from smos_cli.core.episode import Turn
from smos_cli.core.markdown import parse
from smos_cli.core.merging import Merged, Side, merge, virtual_base
from smos_cli.core.merging.matching import identity_of
from smos_cli.core.ulid import suffix
from tests.samples import episode_file, identity, memory_file

EPISODE = f"episodes/2025/11/talk-{suffix(identity(900))}.md"
NOTE = "notes/list.md"
CARD = "PERSONA.md"


_WORD = re.compile(r"\bw[0-9]+w\b")


class Commit(NamedTuple):
    """One state of a vault, and the states it came from."""

    name: str
    tree: Mapping[str, bytes]
    parents: tuple[Commit, ...]
    time: int


def commit(tree: Mapping[str, bytes], parents: Sequence[Commit], time: int) -> Commit:
    content = repr((sorted(tree.items()), [parent.name for parent in parents], time))
    return Commit(sha256(content.encode()).hexdigest(), tree, tuple(parents), time)


def side(one: Commit, without: Collection[str] = ()) -> Side:
    """Return a commit as a side of a merge, perhaps without some paths."""
    return Side({path: data for path, data in one.tree.items() if path not in without}, one.time, one.name)


def ancestors(one: Commit) -> dict[str, Commit]:
    """Return a commit and all that it came from, by name."""
    found: dict[str, Commit] = {}
    waiting = [one]
    while waiting:
        next_one = waiting.pop()
        if next_one.name not in found:
            found[next_one.name] = next_one
            waiting += next_one.parents
    return found


def bases(commits: Sequence[Commit]) -> list[Commit]:
    """Return the best common ancestors of some commits."""
    past = [ancestors(one) for one in commits]
    common = [one for name, one in past[0].items() if all(name in names for names in past[1:])]
    older = {name for one in common for name in ancestors(one) if name != one.name}
    return sorted((one for one in common if one.name not in older), key=lambda one: one.name)


def base_of(commits: Sequence[Commit], without: Collection[str] = ()) -> Mapping[str, bytes]:
    """Return the tree that a merge of some commits starts from."""
    best = [side(one, without) for one in bases(commits)]
    if not best:
        return {}
    return best[0].files if len(best) == 1 else virtual_base(base_of(bases(commits), without), best)


def merged(one: Commit, other: Commit) -> Merged:
    """Merge two commits, as ``sync`` does: given only what differs."""
    first = bases([one, other])
    trees = [commit.tree for commit in (*first, one, other)]
    paths = {path for tree in trees for path in tree}
    alike = {path for path in paths if len({tree.get(path) for tree in trees}) == 1} - {".tombstones"}
    base, sides = base_of([one, other], alike), (side(one, alike), side(other, alike))
    part = merge(base, *sides, known=alike)
    assert part == merge(base, *reversed(sides), known=alike), "the order of the sides changes the merge"
    result = part._replace(files={**{path: one.tree[path] for path in alike}, **part.files})
    if len(first) < 2:
        assert result == merge(base_of([one, other]), side(one), side(other)), "leaving out what is alike changes it"
    return result


class World:
    """Some clones of one vault, and what was written in any of them that nobody took out."""

    def __init__(self, clones: int = 3) -> None:
        start = commit(
            {
                CARD: b"Bob.\n\nHe keeps notes.\n",
                NOTE: b"one\ntwo\nthree\n",
                EPISODE: episode_file(900, [Turn("Marta", "hello", "2025-11-18T08:38:00Z")]),
                "memories/a.md": memory_file(1, "The first.\n\nWith detail."),
                "memories/b.md": memory_file(2, "The second.", tags=("x", "y")),
            },
            [],
            0,
        )
        self.heads = [start] * clones
        self.wanted: set[str] = set()
        self.put_away: list[bytes] = []
        self.erased: set[str] = set()
        self._words = 0
        self._clock = 0

    def word(self) -> str:
        """Return a word that was never written before."""
        self._words += 1
        return f"w{self._words}w"

    def change(self, clone: int, act: Callable[[dict[str, bytes]], None], step: int = 1) -> None:
        """Let a person do something in a clone, and commit it."""
        head = self.heads[clone]
        tree = dict(head.tree)
        act(tree)
        if tree != head.tree:
            before, now = _counts(head.tree), _counts(tree)
            self.wanted |= now.keys() - before.keys()
            # What a clash keeps twice may be taken out here by one person, and there by another.
            self.wanted -= (before - now).keys()
            self._commit(clone, tree, [head], step)

    def merge(self, clone: int, other: int, step: int = 1) -> None:
        """Bring a clone what another one has."""
        ours, theirs = self.heads[clone], self.heads[other]
        if theirs.name in ancestors(ours):
            return
        if ours.name in ancestors(theirs):
            self.heads[clone] = theirs
            return
        result = merged(ours, theirs)
        self.put_away += result.put_away.values()
        for path, data in result.files.items():
            if path.endswith(".md"):
                parse(data)
        self._commit(clone, result.files, [ours, theirs], step)

    def settle(self) -> None:
        """Merge in a circle until nothing is left to merge."""
        for _ in self.heads:
            for clone in range(len(self.heads)):
                self.merge(clone, (clone + 1) % len(self.heads))
        for clone in range(1, len(self.heads)):
            self.merge(0, clone)
        for clone in range(1, len(self.heads)):
            self.merge(clone, 0)

    def lost(self) -> set[str]:
        """Return what was written, and not taken out by anybody, and is nowhere."""
        there = {word for head in self.heads for word in _words(head.tree)}
        return self.wanted - there - _words(dict(enumerate(self.put_away))) - self._erased_words()

    def _erased_words(self) -> set[str]:
        """Return what ever stood in a memory that was erased."""
        past = {name: one for head in self.heads for name, one in ancestors(head).items()}
        files = {(path, data) for one in past.values() for path, data in one.tree.items()}
        return {word for file in files if identity_of(*file) in self.erased for word in _words(dict([file]))}

    def _commit(self, clone: int, tree: Mapping[str, bytes], parents: Sequence[Commit], step: int) -> None:
        self._clock += step
        self.heads[clone] = commit(tree, parents, self._clock)


def _words(tree: Mapping[Any, bytes]) -> set[str]:
    return set(_counts(tree))


def _counts(tree: Mapping[Any, bytes]) -> Counter[str]:
    """Return in how many files each of our words is."""
    return Counter(word for data in tree.values() for word in set(_WORD.findall(data.decode())))
