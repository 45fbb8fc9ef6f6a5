"""The toolkit of one persona: all that a door receives. Each method is one use case; none has a rule of its own.

A use case's module is loaded when it is first called, so that a command pays only for what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from smos_cli.core.keeping import Keeping

if TYPE_CHECKING:
    from smos_cli.core.answering import Query
    from smos_cli.core.block import Blocked
    from smos_cli.core.doctor import Examination
    from smos_cli.core.drafts import Editor
    from smos_cli.core.edit import Edit, Edited
    from smos_cli.core.erasable import Plan
    from smos_cli.core.erase import Erasure
    from smos_cli.core.forget import Forgot
    from smos_cli.core.importing import Imported, Source
    from smos_cli.core.learning import Learned, Wanted
    from smos_cli.core.listing import Shown
    from smos_cli.core.many import MakeCrew
    from smos_cli.core.memory import Memory
    from smos_cli.core.mending import Origins
    from smos_cli.core.models import Extractor
    from smos_cli.core.ports import Problem
    from smos_cli.core.purging import Purge
    from smos_cli.core.queue import State
    from smos_cli.core.recall import Recalled
    from smos_cli.core.reembedding import Embedded
    from smos_cli.core.refresh import Report
    from smos_cli.core.remains import Remains
    from smos_cli.core.remember import NewMemory, Remembered
    from smos_cli.core.remote import Meet
    from smos_cli.core.repair import Look
    from smos_cli.core.selection import Selection
    from smos_cli.core.status import Status
    from smos_cli.core.targets import Target
    from smos_cli.core.watching import Watcher, Watching


class Special(NamedTuple):
    """What one use case each needs beside the ports."""

    editor: Editor
    keep: Editor
    """keeps a copy for a person, and lets nobody edit it"""
    source: Callable[[str], Source]
    examine: Examination
    look: Look
    watcher: Watcher
    crew: MakeCrew
    purge: Callable[[], Purge]
    remains: Callable[[], Remains]
    meet: Callable[[str], Meet]
    origins: Origins
    queue: Callable[[], State]
    extractor: Callable[[], Extractor]


class Toolkit(Keeping):
    """What can be done with one persona's memory."""

    @property
    def persona(self) -> str:
        """The persona's name."""
        return self._ports.persona

    def now(self) -> str:
        """Return the time as ISO-8601 UTC to the second: the moment of asking."""
        return self._ports.now()

    def remember(self, new: NewMemory) -> Remembered:
        """Store a memory; a text that is there already is answered with the memory it is in."""
        from smos_cli.core.remember import remember

        return remember(self._ports, new)

    def recalling(self) -> AbstractContextManager[Callable[[Query], Recalled]]:
        """Open memory for one or many questions."""
        from smos_cli.core.recall import Second, recalling

        ports = self._ports
        second = Second(ports.count_tokens, ports.reranker)
        return recalling(ports.vault, ports.index, ports.timer, ports.progress, second)

    def blocks(self) -> AbstractContextManager[Callable[[Query], Blocked]]:
        """Open memory for blocks that a model is given."""
        from smos_cli.core.block import blocks

        return blocks(self._ports)

    def recall_many(
        self, queries: Sequence[Query], say: Callable[[int, Recalled], str]
    ) -> AbstractContextManager[Iterator[str]]:
        """Open memory for many questions: what ``say`` makes of each one's number and answer, in order."""
        from smos_cli.core.many import Task, answers
        from smos_cli.core.recall import Second, asker

        ports = self._ports
        second = Second(ports.count_tokens, ports.reranker)
        return answers(ports, self._special.crew, Task(queries, lambda memory: asker(memory, ports.timer, second), say))

    def block_many(
        self, queries: Sequence[Query], say: Callable[[int, Blocked], str]
    ) -> AbstractContextManager[Iterator[str]]:
        """Open memory for the blocks of many questions: what ``say`` makes of each one's number and block, in order."""
        from smos_cli.core.block import block_maker
        from smos_cli.core.many import Task, answers

        return answers(
            self._ports, self._special.crew, Task(queries, lambda memory: block_maker(self._ports, memory), say)
        )

    def to_forget(self, keys: Sequence[str], selection: Selection | None = None) -> list[Target]:
        """Return what ``forget`` would take: by ids, or by a filter."""
        from smos_cli.core.forget import to_forget

        return to_forget(self._ports, keys, selection)

    def forget(self, targets: Sequence[Target]) -> Forgot:
        """Put memories out of reach; they can be restored."""
        from smos_cli.core.forget import forget

        self.queue().wipe()
        return forget(self._ports, targets)

    def restore(self, keys: Sequence[str], at: str = "") -> Forgot:
        """Bring forgotten memories back, or memories to what they were at a revision or a date."""
        from smos_cli.core.forget import restore

        return restore(self._ports, keys, at)

    def trash(self) -> tuple[Sequence[Memory], Sequence[Problem]]:
        """Return what can be restored, newest first, and files of the trash that are broken."""
        from smos_cli.core.trash import list_trash

        return list_trash(self._ports)

    def to_erase(self, keys: Sequence[str]) -> Plan:
        """Return what ``erase`` would delete, in the vault, its trash and its history."""
        from smos_cli.core.erasable import to_erase

        return to_erase(self._ports, self._special.purge(), keys)

    def erase(self, plan: Plan, *, keep_history: bool = False) -> Erasure:
        """Delete memories for good, and prove it."""
        from smos_cli.core.erase import Tools, erase

        self.queue().wipe()
        tools = Tools(self._special.purge(), self._special.remains())
        return erase(self._ports, tools, plan, keep_history=keep_history)

    def show(self, key: str, at: str = "") -> Shown:
        """Return one memory, episode or note as its file has it, or had it at a revision or a date."""
        from smos_cli.core.listing import show

        return show(self._ports, key, at)

    def list(self, selection: Selection) -> Sequence[Memory]:
        """Return memories, newest first."""
        from smos_cli.core.listing import list_memories

        return list_memories(self._ports, selection)

    def tags(self) -> Mapping[str, int]:
        """Return every tag and how many memories have it."""
        from smos_cli.core.listing import tags

        return tags(self._ports)

    def pin(self, key: str, *, on: bool, etag: str | None = None) -> Edited:
        """Make a memory standing, or no longer."""
        from smos_cli.core.edit import pin

        return pin(self._ports, key, on=on, etag=etag)

    def edit(self, key: str, change: Edit) -> Edited:
        """Change a memory by options."""
        from smos_cli.core.edit import edit_memory

        return edit_memory(self._ports, key, change, self._special.keep)

    def edit_by_hand(self, key: str, etag: str | None = None) -> Edited:
        """Let a person change a copy in an editor, and take in what they saved."""
        from smos_cli.core.edit import edit_by_hand

        return edit_by_hand(self._ports, key, self._special.editor, etag)

    def refresh(self, *, rebuild: bool = False) -> tuple[Report, str]:
        """Bring the index up to date or make it anew, with vectors of the wanted model; say what went wrong there."""
        from smos_cli.core.reembedding import brought_up

        return brought_up(self._ports, rebuild=rebuild)

    def reembed(self) -> Embedded:
        """Make every passage a vector of the wanted model, and take them into use."""
        from smos_cli.core.reembedding import reembed

        return reembed(self._ports)

    def watching(self) -> AbstractContextManager[Watching]:
        """Keep the index fresh as files change, for as long as the block runs."""
        from smos_cli.core.watching import watching

        return watching(self._ports, self._special.watcher)

    def adopt(self) -> tuple[Sequence[Memory], tuple[str, ...]]:
        """Give ids to memories that have none."""
        from smos_cli.core.adopt import adopt

        return adopt(self._ports)

    def status(self) -> Status:
        """Return what there is and where it is."""
        from smos_cli.core.status import status

        return replace(status(self._ports), queue=self.queue().counts())

    def import_(self, path: str) -> Imported:
        """Import a file or folder by its path."""
        from smos_cli.core.importing import import_source

        return import_source(self._ports, self._special.source(path))

    def learn(self, wanted: Wanted) -> Learned:
        """Make memories of conversations."""
        from smos_cli.core.learning import Tools, learn

        special = self._special
        return learn(self._ports, Tools(special.queue(), special.extractor(), special.source), wanted)

    def export(self, selection: Selection) -> Iterator[dict[str, Any]]:
        """Yield every selected memory as an object, oldest first."""
        from smos_cli.core.export import export

        return export(self._ports, selection)
