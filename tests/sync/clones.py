"""Clones of one vault, each in a home of its own, and what people do with them at random."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from smos_cli.core import personas
from smos_cli.core.cleaning import id_of
from smos_cli.core.edit import Edit
from smos_cli.core.joining import join
from smos_cli.core.ports import no_progress
from smos_cli.core.remember import NewMemory
from smos_cli.core.sync import Synced
from smos_cli.core.toolkit import Toolkit
from smos_cli.errors import FormatError, NotFoundError
from smos_cli.wiring import Wiring

_ROUNDS = 12


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


class Clone:
    """One home with a copy of the vault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = folder / "vaults/bob"
        self._environ = {**os.environ, "SMOS_HOME": str(folder), "USER": folder.name}

    def begin(self, remote: Path) -> None:
        personas.init(Wiring(self._environ).home(), "bob")
        self.smos.sync(str(remote))

    def join(self, remote: Path) -> None:
        wiring = Wiring(self._environ)
        join(wiring.home(), wiring.cloning(no_progress), str(remote), "bob")

    @property
    def smos(self) -> Toolkit:
        return Wiring(self._environ).toolkit("bob", no_progress)

    def sync(self) -> Synced:
        return self.smos.sync("")

    def files(self, *areas: str) -> dict[str, bytes]:
        """Return files by path: those of the vault's history, or of some folders."""
        found = (path for area in areas for path in (self.vault / area).rglob("*.md"))
        return {path.relative_to(self.vault).as_posix(): path.read_bytes() for path in sorted(found)}

    def objects(self) -> list[bytes]:
        """Return every blob of the repository, reachable or not."""
        listing = git(self.vault, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
        blobs = [row.split()[0] for row in listing.splitlines() if row.endswith(" blob")]
        return [git(self.vault, "cat-file", "blob", blob).encode() for blob in blobs]

    def tree(self) -> str:
        return git(self.vault, "rev-parse", "HEAD^{tree}").strip()


class Story:
    """What happens to some clones: told by a seed, and with what must be true of all that was written.

    Every text has a word of its own. ``dropped`` are the words that somebody took away knowingly.
    """

    def __init__(self, seed: int, clones: list[Clone], *, erasing: bool = False) -> None:
        self.random = random.Random(seed)
        self.clones = clones
        self.written: set[str] = set()
        self.dropped: set[str] = set()
        self.forgotten: set[str] = set()
        self.restored: set[str] = set()
        self.erased: set[str] = set()
        self.told: list[str] = []
        self._owners: dict[str, str] = {}
        self._erasing = erasing

    def happen(self, steps: int) -> None:
        for _ in range(steps):
            clone = self.random.choice(self.clones)
            act = self.random.choice(self._acts())
            self.told.append(f"{clone.folder.name} {act.__name__}")
            with suppress(NotFoundError, FormatError):
                act(clone)

    def end(self) -> None:
        """Sync until there is nothing more to say."""
        for _ in range(_ROUNDS):
            done = [clone.sync() for clone in self.clones]
            self.told.append(f"round {[(one.sent, one.received) for one in done]}")
            if not any(one.sent or one.received for one in done):
                return
        raise AssertionError(("never quiet", self.told))

    def _acts(self) -> list[Callable[[Clone], None]]:
        often = [self.remember, self.edit, self.append, self.sync, self.sync, self.note, self.sync_at_once]
        rare = [self.tag, self.pin, self.forget, self.restore, self.rename, self.delete, self.delete_note, self.learn]
        return [*often, *often, *rare, *([self.erase] * 2 if self._erasing else [])]

    def _word(self, owner: str = "") -> str:
        word = f"word{len(self.written):04d}x"
        self.written.add(word)
        self._owners[word] = owner
        self.told[-1] += f" {word}"
        return word

    def expected(self) -> set[str]:
        """Return the words that nobody took away: what was added to a memory that somebody erased meanwhile is gone."""
        return {word for word in self.written - self.dropped if self._owners[word] not in self.erased}

    def _memory(self, clone: Clone) -> tuple[Path, bytes]:
        files = clone.files("memories")
        if not files:
            raise NotFoundError("no memory", "")
        path = self.random.choice(sorted(files))
        self.told[-1] += f" {id_of(files[path])}"
        return clone.vault / path, files[path]

    def _drop(self, data: bytes, *, but: bytes = b"") -> None:
        self.dropped |= {word for word in self.written if word.encode() in data and word.encode() not in but}

    def sync(self, clone: Clone) -> None:
        done = clone.sync()
        self.told[-1] += f" {done.sent} {done.received} {done.put_away}"

    def sync_at_once(self, _: Clone) -> None:
        """All sync at the same moment, so that pushes are rejected and merges are made twice."""
        with ThreadPoolExecutor(len(self.clones)) as pool:
            list(pool.map(Clone.sync, self.clones))

    def remember(self, clone: Clone) -> None:
        clone.smos.remember(NewMemory(text=f"A thing called {self._word()}.\n\nAnd {self._word()} beside it.\n"))

    def learn(self, clone: Clone) -> None:
        lines = [json.dumps({"text": f"Imported {self._word()}"}) for _ in range(3)]
        file = clone.folder / "some.jsonl"
        file.write_text("\n".join(lines) + "\n")
        clone.smos.import_(str(file))

    def edit(self, clone: Clone) -> None:
        path, data = self._memory(clone)
        word = self._word(id_of(data))
        clone.smos.edit(path.relative_to(clone.vault).as_posix(), Edit(text=f"Now it is {word}"))
        self._drop(data, but=path.read_bytes())

    def append(self, clone: Clone) -> None:
        path, data = self._memory(clone)
        path.write_bytes(data.rstrip() + f"\n\nBy hand, {self._word(id_of(data))}.\n".encode())

    def note(self, clone: Clone) -> None:
        path = clone.vault / f"notes/page-{self.random.randrange(3)}.md"
        path.parent.mkdir(exist_ok=True)
        there = path.read_bytes() if path.exists() else b"# Notes\n"
        line = f"- {self._word()}\n".encode()
        path.write_bytes(there + line if self.random.random() < 0.5 else there.replace(b"\n", b"\n" + line, 1))

    def delete_note(self, clone: Clone) -> None:
        notes = clone.files("notes")
        if notes:
            path = self.random.choice(sorted(notes))
            (clone.vault / path).unlink()
            self._drop(notes[path])

    def tag(self, clone: Clone) -> None:
        path, _ = self._memory(clone)
        clone.smos.edit(path.relative_to(clone.vault).as_posix(), Edit(tags=(f"t{self.random.randrange(9)}",)))

    def pin(self, clone: Clone) -> None:
        path, _ = self._memory(clone)
        clone.smos.pin(path.relative_to(clone.vault).as_posix(), on=self.random.random() < 0.7)

    def rename(self, clone: Clone) -> None:
        path, data = self._memory(clone)
        target = clone.vault / f"memories/by-hand/{self.random.randrange(10**6)}-{id_of(data)[-8:].lower()}.md"
        target.parent.mkdir(exist_ok=True)
        path.rename(target)

    def delete(self, clone: Clone) -> None:
        path, data = self._memory(clone)
        path.unlink()
        self._drop(data)

    def forget(self, clone: Clone) -> None:
        path, data = self._memory(clone)
        smos = clone.smos
        smos.forget(smos.to_forget([path.relative_to(clone.vault).as_posix()]))
        self.forgotten.add(id_of(data))
        self.restored.discard(id_of(data))

    def restore(self, clone: Clone) -> None:
        there = {id_of(data) for data in clone.files("memories").values()}
        trash = [(path, data) for path, data in clone.files(".trash").items() if id_of(data) not in there]
        if trash:
            path, data = self.random.choice(trash)
            self.told[-1] += f" {id_of(data)}"
            clone.smos.restore([path])
            self.restored.add(id_of(data))

    def erase(self, clone: Clone) -> None:
        path, data = self._memory(clone)
        smos = clone.smos
        smos.erase(smos.to_erase([path.relative_to(clone.vault).as_posix()]))
        self.erased.add(id_of(data))
        self._drop(data)
