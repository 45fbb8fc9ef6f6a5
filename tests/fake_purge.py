"""A history that can be rewritten, and a search of what is left, in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from smos_cli.core import cleaning
from smos_cli.core.purging import Erased, Rewritten, Survey
from smos_cli.core.remains import Searched
from smos_cli.errors import StorageError
from tests.fakes import FakeVault


class FakePurge:
    """The ``Purge`` port over files that lie in commits, by path; there is no history until there is one."""

    def __init__(self, **files: bytes) -> None:
        self.files = dict(files)
        self.refused: tuple[str, str] | None = None
        self.broken = False
        self.asked: list[Erased] = []
        """what it was rewritten without"""

    def refusal(self) -> tuple[str, str] | None:
        return self.refused

    def survey(self, erased: Erased) -> Survey:
        found = {path: data for path, data in self.files.items() if cleaning.id_of(data) in erased.ids}
        bodies = {cleaning.id_of(data): (path, data) for path, data in found.items()}
        texts = frozenset[str]().union(*map(cleaning.texts_of, found.values()))
        changed = len(found)
        return Survey(tuple(sorted(found)), changed, changed, changed, len(self.files), texts=texts, bodies=bodies)

    def holds(self, erased: Erased, revisions: Sequence[str] = ()) -> bool:
        return bool(self.survey(erased).versions)

    def rewrite(self, erased: Erased) -> Rewritten:
        if self.broken:
            raise StorageError("git failed.", "Look again.")
        self.asked.append(erased)
        gone = self.survey(erased).paths
        self.files = {path: data for path, data in self.files.items() if path not in gone}
        return Rewritten(len(gone), tip="f" * 40)


class FakeRemains:
    """The ``Remains`` port over the files of a vault and of a history."""

    def __init__(self, vault: FakeVault, purge: FakePurge) -> None:
        self.vault = vault
        self.purge = purge
        self.texts: Collection[str] = ()
        """what was looked for last"""

    def search(self, erased: Erased, texts: Collection[str]) -> Searched:
        self.texts = texts
        everything = {**self.vault.files, **{f"history: {path}": data for path, data in self.purge.files.items()}}
        left = [path for path, data in everything.items() if cleaning.id_of(data) in erased.ids]
        hit = [path for path, data in everything.items() if any(t.encode() in cleaning.plain(data) for t in texts)]
        return Searched(
            len(self.purge.files),
            len(self.vault.files),
            tuple(sorted(left)),
            tuple(sorted(path for path in hit if path not in left)),
        )
