"""The toolkit of one persona: all that a door receives. Each method is one use case; none has a rule of its own.

A use case's module is loaded when it is first called, so that a command pays only for what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smos_cli.core.doctor import Examination, Finding
    from smos_cli.core.edit import Edit, Edited
    from smos_cli.core.forget import Forgot
    from smos_cli.core.importing import Imported, Source
    from smos_cli.core.listing import Shown
    from smos_cli.core.memory import Memory
    from smos_cli.core.ports import Editor, Ports
    from smos_cli.core.recall import Query, Recalled
    from smos_cli.core.refresh import Report
    from smos_cli.core.remember import NewMemory, Remembered
    from smos_cli.core.selection import Selection
    from smos_cli.core.status import Status


class Toolkit:
    """What can be done with one persona's memory."""

    def __init__(
        self,
        ports: Ports,
        *,
        editor: Editor,
        source: Callable[[str], Source],
        examine: Examination,
    ) -> None:
        self._ports = ports
        self._editor = editor
        self._source = source
        self._examine = examine

    @property
    def persona(self) -> str:
        """The persona's name."""
        return self._ports.persona

    def remember(self, new: NewMemory) -> Remembered:
        from smos_cli.core.remember import remember

        return remember(self._ports, new)

    def recalling(self) -> AbstractContextManager[Callable[[Query], Recalled]]:
        """Open memory for one or many questions."""
        from smos_cli.core.recall import recalling

        ports = self._ports
        return recalling(ports.vault, ports.index, ports.timer, ports.progress)

    def to_forget(self, keys: Sequence[str], selection: Selection | None = None) -> list[Memory]:
        from smos_cli.core.forget import to_forget

        return to_forget(self._ports, keys, selection)

    def forget(self, memories: Sequence[Memory]) -> Forgot:
        from smos_cli.core.forget import forget

        return forget(self._ports, memories)

    def restore(self, keys: Sequence[str]) -> Forgot:
        from smos_cli.core.forget import restore

        return restore(self._ports, keys)

    def to_erase(self, keys: Sequence[str]) -> list[tuple[str, Memory]]:
        from smos_cli.core.erase import to_erase

        return to_erase(self._ports, keys)

    def erase(self, targets: Sequence[tuple[str, Memory]]) -> Forgot:
        from smos_cli.core.erase import erase

        return erase(self._ports, targets)

    def show(self, key: str) -> Shown:
        from smos_cli.core.listing import show

        return show(self._ports, key)

    def list(self, selection: Selection) -> Sequence[Memory]:
        from smos_cli.core.listing import list_memories

        return list_memories(self._ports, selection)

    def tags(self) -> Mapping[str, int]:
        from smos_cli.core.listing import tags

        return tags(self._ports)

    def pin(self, key: str, *, on: bool) -> Edited:
        from smos_cli.core.edit import pin

        return pin(self._ports, key, on=on)

    def edit(self, key: str, change: Edit) -> Edited:
        from smos_cli.core.edit import edit_memory

        return edit_memory(self._ports, key, change)

    def edit_by_hand(self, key: str) -> Edited:
        from smos_cli.core.edit import edit_by_hand

        return edit_by_hand(self._ports, key, self._editor)

    def refresh(self, *, rebuild: bool = False) -> Report:
        from smos_cli.core.refresh import refresh

        return refresh(self._ports.vault, self._ports.index, rebuild=rebuild, progress=self._ports.progress)

    def adopt(self) -> tuple[Sequence[Memory], tuple[str, ...]]:
        from smos_cli.core.adopt import adopt

        return adopt(self._ports)

    def status(self) -> Status:
        from smos_cli.core.status import status

        return status(self._ports)

    def doctor(self) -> Sequence[Finding]:
        from smos_cli.core.doctor import doctor

        return doctor(self._ports, self._examine)

    def import_(self, path: str) -> Imported:
        from smos_cli.core.importing import import_source

        return import_source(self._ports, self._source(path))

    def export(self, selection: Selection) -> Iterator[dict[str, Any]]:
        from smos_cli.core.export import export

        return export(self._ports, selection)
