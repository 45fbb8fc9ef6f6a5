"""Where a new file goes: a folder a month, at most 500 files in each."""

from __future__ import annotations

from smos_cli.core.layout import FOLDER_LIMIT, file_name, month_folder, overflow
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Vault


class Placer:
    """Gives out paths; remembers what it gave, so that one import fills folders evenly."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._current: dict[str, tuple[str, set[str]]] = {}

    def path(self, memory: Memory, title: str, area: str = "memories") -> str:
        """Return the path of a new memory or episode; nothing is there, and it was not given out before."""
        wanted = self._vault.base + month_folder(area, memory.created)
        folder, names = self._current.get(wanted) or self._last(wanted)
        if len(names) >= FOLDER_LIMIT:
            folder, names = _next(wanted, folder), set()
        self._current[wanted] = (folder, names)
        name, number = file_name(title, memory.id, memory.kind), 1
        while name in names:
            number += 1
            name = file_name(f"{number} {title}", memory.id, memory.kind)
        names.add(name)
        return f"{folder}/{name}"

    def _last(self, wanted: str) -> tuple[str, set[str]]:
        year, month = wanted.rsplit("/", 1)
        folders = overflow(self._vault.names(year), month)
        folder = f"{year}/{folders[-1]}" if folders else wanted
        return folder, {name.lower() for name in self._vault.names(folder)}


def _next(wanted: str, folder: str) -> str:
    number = int(folder[len(wanted) + 1 :] or 1)
    return f"{wanted}-{number + 1}"
