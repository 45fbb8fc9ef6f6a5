"""Many questions at once: who answers them, and that it makes no difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from smos_cli.core.answering import Query
from smos_cli.core.many import MakeCrew, Task, answers
from smos_cli.core.recall import Recalled, asker
from smos_cli.core.scanning import ScannedSession
from smos_cli.core.selection import Selection
from tests.core.bob import Bob, DamagedIndex
from tests.fakes import FakeIndex
from tests.samples import memory_file

QUERIES = [Query(text, Selection()) for text in ("cache TTL", "tea", "builds", "nothing at all")]


class FakeCrew:
    """The ``Crew`` port in this process: what it does before a number from which on it has failed."""

    def __init__(self, work: Callable[[range], Iterator[bytes]], count: int, failed_from: int) -> None:
        self._work = work
        self._count = count
        self._failed_from = failed_from
        self.made_here: dict[int, bytes] = {}
        self.begun = False

    def __bool__(self) -> bool:
        return self._count > 0

    def begin(self) -> None:
        self.begun = True
        numbers = range(min(self._count, self._failed_from))
        self.made_here = dict(zip(numbers, self._work(numbers), strict=True))

    def made(self, number: int) -> bytes | None:
        return self.made_here.get(number)


def fake_crew(made: list[FakeCrew], *, failed_from: int = 100, none: bool = False) -> MakeCrew:
    @contextmanager
    def crew(count: int, work: Callable[[range], Iterator[bytes]]) -> Iterator[FakeCrew]:
        made.append(FakeCrew(work, 0 if none else count, failed_from))
        yield made[-1]

    return crew


class StrictIndex(FakeIndex):
    """An index that nobody reads while it is open for writing."""

    @contextmanager
    def session(self, *, write: bool = False, wait: float | None = None) -> Iterator[ScannedSession]:
        with super().session(write=write, wait=wait) as session:
            self.busy = write
            try:
                yield session
            finally:
                self.busy = False


@pytest.fixture
def bob() -> Bob:
    texts = ("The cache TTL is ten seconds.", "Tea is at four.", "Builds take four minutes.")
    return Bob({f"memories/{n}.md": memory_file(n, text) for n, text in enumerate(texts)}, index=StrictIndex())


def said(bob: Bob, crew: MakeCrew) -> list[str]:
    def words(number: int, found: Recalled) -> str:
        return f"{number}: {[hit.id for hit in found.hits]} {found.degraded}"

    ports = bob.ports
    task = Task(QUERIES, lambda memory: asker(memory, ports.timer), words)
    with answers(ports, crew, task) as lines:
        return list(lines)


@pytest.mark.parametrize("failed_from", [100, 2, 0])
def test_nobody_can_tell_who_answered(bob: Bob, failed_from: int) -> None:
    alone = said(bob, fake_crew([], none=True))

    assert [line[0] for line in alone] == ["0", "1", "2", "3"]
    assert said(bob, fake_crew([], failed_from=failed_from)) == alone


def test_others_answer_what_they_can(bob: Bob) -> None:
    made: list[FakeCrew] = []
    said(bob, fake_crew(made))

    assert list(made[0].made_here) == [0, 1, 2, 3]


def test_others_read_beside_this_process_also_after_it_had_to_write(bob: Bob) -> None:
    for text in (b"Coffee is at five.\n", b"Cake is at six.\n"):
        bob.vault.write("memories/new.md", text)
        made: list[FakeCrew] = []
        said(bob, fake_crew(made))

        assert len(made[0].made_here) == 4


@pytest.mark.parametrize("index", [DamagedIndex(), FakeIndex()])
def test_without_an_index_the_files_answer_and_nobody_else_begins(index: FakeIndex) -> None:
    index.busy = True
    made: list[FakeCrew] = []

    lines = said(Bob({"memories/tea.md": b"Tea is at four.\n"}, index=index), fake_crew(made))

    assert not made[0].begun
    assert all(line.endswith("index.") or line.endswith("read.") for line in lines), lines
