"""A persona whose history is kept, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from smos_cli.core.changes import read_record
from smos_cli.core.edit import Edit, edit_memory
from smos_cli.core.log import log
from smos_cli.core.undo import Undone, undo
from tests.core.bob import Bob
from tests.fake_past import FakePast


class ToldBob(Bob):
    """Bob with a history, whose first commit has the files that he began with."""

    def __init__(self, files: Mapping[str, bytes] | None = None, base: str = "", **others: Any) -> None:
        super().__init__(files, base, **others)
        self.past = FakePast(self.vault, hidden=(f"{base}.trash/",))
        self.ports = replace(self.ports, history=self.past, past=self.past)
        self.past.save_all("init: Begin the history\n\nSmos-Verb: init\n")

    def edit(self, key: str, text: str) -> None:
        edit_memory(self.ports, key, Edit(text=text))

    def undo(self, revision: str = "") -> Undone:
        return undo(self.ports, revision)

    def log(self, key: str = "") -> list[str]:
        """Return the verbs of a life, newest first; of commits that are not ours their subjects."""
        return [step.told.verb or step.told.subject for step in log(self.ports, key).changes]

    def last(self, back: int = 0) -> str:
        """Return the name of the last commit, or of one before it."""
        return self.past.made[-1 - back].name

    def verbs(self) -> list[str]:
        """Return the verbs of all commits but the first, oldest first."""
        return [read_record(one.text).verb for one in self.past.made[1:]]

    def tombstones(self) -> Sequence[str]:
        """Return the lines that keep something out."""
        lines = self.vault.files.get(".tombstones", b"").decode().splitlines()
        return [line for line in lines if line.split()[0] in ("forgotten", "masked", "erased")]
