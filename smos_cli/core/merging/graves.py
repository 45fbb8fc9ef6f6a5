"""What the tombstones of a merge say: what stays forgotten or erased, whatever the other side did with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smos_cli.core.forgotten import Forgotten, mask
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.markdown import parse
from smos_cli.core.memory import content_hash
from smos_cli.core.merging.documents import Versions
from smos_cli.core.merging.matching import File, identity_of
from smos_cli.core.merging.own import merge_tombstones
from smos_cli.errors import FormatError


class Graves:
    """The merged tombstones of a base and two sides."""

    def __init__(self, base: Mapping[str, bytes], early: Mapping[str, bytes], late: Mapping[str, bytes], prefix: str):
        self.path = prefix + TOMBSTONES
        there = [tree.get(self.path) for tree in (base, early, late)]
        self._any = any(data is not None for data in there)
        self._data = merge_tombstones(Versions(there[0], there[1] or b"", there[2] or b""))
        self._now = _read(self._data)
        self._before = _read(there[0] or b"")

    @property
    def erased(self) -> frozenset[str]:
        """Ids of what was erased."""
        return self._now.erased

    @property
    def ids(self) -> frozenset[str]:
        """Ids of what was forgotten or erased."""
        return self._now.ids

    @property
    def erased_turns(self) -> frozenset[str]:
        """Turns that were erased, as masks name them."""
        return self._now.erased_turns

    def holds(self, path: str, data: bytes, base: bytes | None) -> bool:
        """Say whether a file that one side has no more, or not yet, was forgotten there.

        What was forgotten before the sides parted, and is new since, was put back by somebody.
        """
        identity = identity_of(path, data)
        if identity in self._now.ids:
            return base is not None or identity not in self._before.ids
        return base is not None and self._now.knows(_digest(base))

    def data(self, renumbered: Iterable[tuple[File, Iterable[tuple[str, str]]]]) -> bytes | None:
        """Return the merged file; None if there is none. A turn with a new number is masked as it was under the old."""
        if not self._any:
            return None
        lines = self._data.decode("utf-8", "surrogateescape").split("\n")
        more = []
        for file, pairs in renumbered:
            for place in filter(None, [identity_of(*file), file.path]):
                for old, new in pairs:
                    masked = [line.split() for line in lines if line.split()[:2] == ["masked", mask(place, old)]]
                    more += [" ".join(["masked", mask(place, new), *words[2:]]) for words in masked]
        lines[-1:-1] = [line for line in dict.fromkeys(more) if line not in lines]
        return "\n".join(lines).encode("utf-8", "surrogateescape")


def _read(data: bytes) -> Forgotten:
    return Forgotten(data.decode("utf-8", "surrogateescape"))


def _digest(data: bytes) -> str:
    try:
        return content_hash(parse(data).body)
    except FormatError:
        return ""
