"""Vectors of another model are made beside those in use, whatever stops that, and recall never waits for them."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from smos_cli.adapters.duck.index import DuckIndex
from smos_cli.adapters.static import MODEL_ID
from smos_cli.core.answering import Query, answer
from smos_cli.core.asking import question
from smos_cli.core.ports import no_progress
from smos_cli.core.reembedding import Embedded
from smos_cli.core.selection import Selection
from smos_cli.errors import IndexBusyError, ModelError, StoppedError
from tests.fakes import FakeEmbedder
from tests.samples import memory_entry

OLD, NEW, THIRD = "old@1", "new@2", "third@3"
COUNT = 700


@dataclass
class Model(FakeEmbedder):
    """A model that counts what it embeds, and may fail."""

    model_id: str = OLD
    broken: bool = False
    embedded: int = 0
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[int], None] = lambda _embedded: None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.broken:
            raise ModelError(f"{self.model_id} can't be loaded.", "Pull it again.")
        self.embedded += len(texts)
        self.meanwhile(self.embedded)
        return super().embed([f"{self.model_id} {text}" for text in texts])

    def embed_query(self, text: str) -> NDArray[np.float32]:
        self.asked.append(text)
        row: NDArray[np.float32] = self.embed([text])[0]
        return row


class Shelf(dict[str, Model]):
    """The models there are, by id."""

    def index(self, folder: Path, wanted: str, *, lease: float = 0.0) -> DuckIndex:
        index = DuckIndex(folder / "index", "bob", self[wanted], 5.0, lease=lease)
        index.spaces.others = self.get
        return index


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({name: Model(model_id=name) for name in (OLD, NEW, THIRD)})


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index with the vectors of the old model, to be copied."""
    folder = tmp_path_factory.mktemp("original")
    put(Shelf({OLD: Model(model_id=OLD)}).index(folder, OLD), range(COUNT))
    return folder / "index"


@pytest.fixture
def filled(tmp_path: Path, shelf: Shelf, original: Path) -> DuckIndex:
    """An index with the vectors of the old model."""
    shutil.copytree(original, tmp_path / "index")
    return shelf.index(tmp_path, OLD)


def put(index: DuckIndex, numbers: Sequence[int], *, removed: Sequence[str] = ()) -> None:
    with index.session(write=True) as session:
        session.write([memory_entry(number, f"Text number {number}") for number in numbers], removed, "print")


def found(index: DuckIndex, text: str) -> list[str]:
    """Return what a question finds, best first."""
    with index.session() as session:
        return [hit.found.memory.path for hit in answer(session, Query(text, Selection())).hits]


def cosine(index: DuckIndex, number: int) -> float:
    """Return how near a memory's own text is to it."""
    with index.session() as session:
        signals = session.score(question(f"Text number {number}", Selection())._replace(depth=10**6))
        paths = {one.number: one.memory.path for one in session.passages([c.passage for c in signals.candidates])}
        return next(c.sight.cosine for c in signals.candidates if paths[c.passage] == f"memories/m{number}.md")


def files(index: DuckIndex) -> list[str]:
    return sorted(path.name for path in index.path.parent.glob("*.vectors"))


@contextmanager
def stopped_after(model: Model, embedded: int, error: type[BaseException] = KeyboardInterrupt) -> Iterator[None]:
    """Stop it once it has embedded so many texts."""

    def stop(so_far: int) -> None:
        if so_far > embedded:
            raise error

    model.meanwhile = stop
    yield
    model.meanwhile = lambda _embedded: None


class TestUntilThen:
    def test_the_old_model_answers(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        index = shelf.index(tmp_path, NEW)

        assert cosine(index, 5) == pytest.approx(1, abs=0.02)
        assert (shelf[NEW].embedded, index.trouble()) == (0, "")

    def test_what_comes_gets_a_vector_of_the_old_model(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        index = shelf.index(tmp_path, NEW)
        put(index, [COUNT])

        assert cosine(index, COUNT) == pytest.approx(1, abs=0.02)
        assert (shelf[NEW].embedded, files(index)) == (0, files(filled))

    def test_it_is_told_whose_vectors_answer(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        index = shelf.index(tmp_path, NEW)

        assert index.embedded() == Embedded(OLD, NEW, 0, COUNT)
        assert index.embedded().due
        assert not filled.embedded().due

    def test_it_is_described_by_what_answers(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        index = shelf.index(tmp_path, NEW)
        found(index, "Text")

        assert index.describe()["model"] == OLD


class TestReembedding:
    def test_the_new_model_answers_afterwards(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        index = shelf.index(tmp_path, NEW)
        assert index.reembed(no_progress) == Embedded(NEW, NEW, COUNT, COUNT)
        shelf[OLD].asked.clear()

        assert cosine(shelf.index(tmp_path, NEW), 5) == pytest.approx(1, abs=0.02)
        assert (shelf[OLD].asked, shelf.index(tmp_path, NEW).embedded().due) == ([], False)

    def test_the_old_vectors_are_deleted(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        before = files(filled)
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert len(files(index)) == 1 and files(index) != before

    def test_a_door_that_has_it_open_goes_on_with_what_is_there_by_then(
        self, tmp_path: Path, shelf: Shelf, filled: DuckIndex
    ) -> None:
        door = shelf.index(tmp_path, OLD, lease=60.0)
        try:
            assert found(door, "Text number 5")[0] == "memories/m5.md"
            shelf.index(tmp_path, NEW).reembed(no_progress)

            assert cosine(door, 5) == pytest.approx(1, abs=0.02)
            assert door.describe()["model"] == NEW
        finally:
            door.give_up()

    def test_a_second_time_does_nothing(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        shelf.index(tmp_path, NEW).reembed(no_progress)
        made = shelf[NEW].embedded
        shelf.index(tmp_path, NEW).reembed(no_progress)

        assert shelf[NEW].embedded == made

    def test_progress_goes_from_nought_to_all(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        told: list[tuple[int, int]] = []
        shelf.index(tmp_path, NEW).reembed(lambda _stage, done, total: told.append((done, total)))

        assert told == sorted(told) and (told[0], told[-1]) == ((0, COUNT), (COUNT, COUNT))

    def test_an_empty_index_is_switched_at_once(self, tmp_path: Path, shelf: Shelf) -> None:
        put(shelf.index(tmp_path, OLD), [])
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert not index.embedded().due

    def test_the_embedded_model_keeps_the_file_without_a_name(self, tmp_path: Path, shelf: Shelf) -> None:
        shelf[MODEL_ID] = Model(model_id=MODEL_ID)
        put(shelf.index(tmp_path, OLD), range(3))
        index = shelf.index(tmp_path, MODEL_ID)
        index.reembed(no_progress)

        assert files(index) == ["bob.vectors"]

    def test_a_rebuild_takes_the_wanted_model(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        index = shelf.index(tmp_path, NEW)
        with index.rebuild() as session:
            session.write([memory_entry(1, "Text number 1")], (), "print")

        assert index.embedded() == Embedded(NEW, NEW, 1, 1)
        assert len(files(index)) == 1


class TestMeanwhile:
    def test_what_was_remembered_has_a_vector_too(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        self.once(shelf, lambda: put(shelf.index(tmp_path, NEW), [COUNT, COUNT + 1]))
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert cosine(index, COUNT + 1) == pytest.approx(1, abs=0.02)
        assert index.embedded() == Embedded(NEW, NEW, COUNT + 2, COUNT + 2)

    def test_what_went_and_changed_is_as_it_is_by_then(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        def edit() -> None:
            put(shelf.index(tmp_path, NEW), range(COUNT - 400, COUNT), removed=["memories/m0.md"])

        self.once(shelf, edit)
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert index.embedded() == Embedded(NEW, NEW, COUNT - 1, COUNT - 1)
        assert cosine(index, COUNT - 1) == pytest.approx(1, abs=0.02)

    def test_recall_answers(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        seen: list[float] = []
        self.once(shelf, lambda: seen.append(cosine(shelf.index(tmp_path, NEW), 7)))
        shelf.index(tmp_path, NEW).reembed(no_progress)

        assert seen == [pytest.approx(1, abs=0.02)]

    def test_it_is_told_how_far_it_is(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        seen: list[Embedded] = []
        self.once(shelf, lambda: seen.append(shelf.index(tmp_path, NEW).embedded()), after=400)
        shelf.index(tmp_path, NEW).reembed(no_progress)

        assert seen == [Embedded(OLD, NEW, 256, COUNT, at_work=True)]

    def test_a_rebuild_is_not_undone(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        def rebuild() -> None:
            with shelf.index(tmp_path, NEW).rebuild() as session:
                session.write([memory_entry(number, f"Text number {number}") for number in range(50)], (), "print")

        self.once(shelf, rebuild)
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert index.embedded() == Embedded(NEW, NEW, 50, 50)
        assert cosine(index, 49) == pytest.approx(1, abs=0.02)

    def test_what_was_erased_is_not_put_back(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        def erase() -> None:
            other = shelf.index(tmp_path, NEW)
            other.drop()
            put(shelf.index(tmp_path, OLD), range(1, 5))

        self.once(shelf, erase, after=400)
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert index.embedded() == Embedded(NEW, NEW, 4, 4)
        assert index.vectors.count() == 4

    def test_a_second_process_for_the_same_model_is_refused(
        self, tmp_path: Path, shelf: Shelf, filled: DuckIndex
    ) -> None:
        seen: list[str] = []

        def again() -> None:
            with pytest.raises(IndexBusyError) as refused:
                shelf.index(tmp_path, NEW).reembed(no_progress)
            seen.append(refused.value.message)

        self.once(shelf, again, after=400)
        shelf.index(tmp_path, NEW).reembed(no_progress)

        assert seen == [f"Another process is making the vectors of {NEW}: 256 of {COUNT}."]

    def test_one_for_another_model_takes_over(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        def claim() -> None:
            from smos_cli.adapters.duck.claim import State

            shelf.index(tmp_path, THIRD).spaces.claim.write(State(THIRD))

        self.once(shelf, claim)
        with pytest.raises(IndexBusyError, match="another model"):
            shelf.index(tmp_path, NEW).reembed(no_progress)
        index = shelf.index(tmp_path, THIRD)
        index.reembed(no_progress)

        assert index.embedded() == Embedded(THIRD, THIRD, COUNT, COUNT)
        assert len(files(index)) == 1

    def once(self, shelf: Shelf, act: Callable[[], None], *, after: int = 10) -> None:
        """Do something when the new model has embedded some texts."""

        def hook(embedded: int) -> None:
            if embedded > after:
                shelf[NEW].meanwhile = lambda _embedded: None
                act()

        shelf[NEW].meanwhile = hook


class TestStopped:
    def test_it_says_how_far_it_came(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        with stopped_after(shelf[NEW], 600), pytest.raises(StoppedError, match="512 of 700 passages"):
            shelf.index(tmp_path, NEW).reembed(no_progress)

        assert shelf.index(tmp_path, NEW).embedded() == Embedded(OLD, NEW, 512, COUNT)

    def test_what_was_made_is_not_made_again(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        with stopped_after(shelf[NEW], 600), pytest.raises(StoppedError):
            shelf.index(tmp_path, NEW).reembed(no_progress)
        shelf[NEW].embedded = 0
        index = shelf.index(tmp_path, NEW)
        index.reembed(no_progress)

        assert shelf[NEW].embedded < 250
        assert cosine(index, 5) == pytest.approx(1, abs=0.02)

    def test_the_old_vectors_answer(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        with stopped_after(shelf[NEW], 600), pytest.raises(StoppedError):
            shelf.index(tmp_path, NEW).reembed(no_progress)

        assert cosine(shelf.index(tmp_path, NEW), 5) == pytest.approx(1, abs=0.02)

    def test_going_back_to_the_old_model_needs_nothing(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        with stopped_after(shelf[NEW], 600), pytest.raises(StoppedError):
            shelf.index(tmp_path, NEW).reembed(no_progress)
        shelf[OLD].embedded = 0
        index = shelf.index(tmp_path, OLD)

        assert index.reembed(no_progress) == Embedded(OLD, OLD, COUNT, COUNT)
        assert shelf[OLD].embedded == 0

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
    @pytest.mark.parametrize("embedded", [0, 300, 699])
    def test_a_kill_loses_no_answer(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex, embedded: int) -> None:
        child = multiprocessing.get_context("spawn").Process(target=_killed, args=(tmp_path, embedded))
        child.start()
        child.join(30)
        assert child.exitcode == -signal.SIGKILL

        index = shelf.index(tmp_path, NEW)
        assert cosine(index, 5) == pytest.approx(1, abs=0.02)
        assert not index.embedded().at_work
        index.reembed(no_progress)
        assert cosine(index, COUNT - 1) == pytest.approx(1, abs=0.02)
        assert index.embedded() == Embedded(NEW, NEW, COUNT, COUNT)


def _killed(folder: Path, embedded: int) -> None:
    shelf = Shelf({name: Model(model_id=name) for name in (OLD, NEW)})

    def kill(so_far: int) -> None:
        if so_far > embedded:
            os.kill(os.getpid(), signal.SIGKILL)

    shelf[NEW].meanwhile = kill
    shelf.index(folder, NEW).reembed(no_progress)


class TestModelsThatFail:
    def test_one_that_is_gone_leaves_the_words(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        del shelf[OLD]
        index = shelf.index(tmp_path, NEW)

        assert found(index, "number 5")[0] == "memories/m5.md"
        assert index.trouble() == (
            f"The model {OLD} is no longer there, so words alone answer; `smos index` makes vectors of {NEW}."
        )

    def test_one_that_is_gone_takes_in_what_comes(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        del shelf[OLD]
        index = shelf.index(tmp_path, NEW)
        put(index, [COUNT])
        assert found(index, f"number {COUNT}")[0] == f"memories/m{COUNT}.md"
        index.reembed(no_progress)

        assert cosine(index, COUNT) == pytest.approx(1, abs=0.02)

    def test_the_embedded_model_makes_an_index_anew_whose_model_is_gone(
        self, tmp_path: Path, shelf: Shelf, filled: DuckIndex
    ) -> None:
        shelf[MODEL_ID] = Model(model_id=MODEL_ID)
        del shelf[OLD]
        index = shelf.index(tmp_path, MODEL_ID)
        put(index, range(3))

        assert cosine(index, 2) == pytest.approx(1, abs=0.02)
        assert index.trouble() == ""

    def test_one_that_does_not_load_leaves_the_words(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        shelf[OLD].broken = True

        assert found(filled, "number 5")[0] == "memories/m5.md"
        assert filled.trouble() == f"{OLD} can't be loaded. Words alone answer."

    def test_what_came_without_a_vector_gets_one_later(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        shelf[OLD].broken = True
        put(filled, [COUNT])
        shelf[OLD].broken = False
        assert filled.embedded() == Embedded(OLD, OLD, COUNT, COUNT + 1)
        filled.reembed(no_progress)

        assert not filled.embedded().due
        assert cosine(filled, COUNT) == pytest.approx(1, abs=0.02)

    def test_a_wanted_one_that_does_not_load_changes_nothing(
        self, tmp_path: Path, shelf: Shelf, filled: DuckIndex
    ) -> None:
        shelf[NEW].broken = True
        with pytest.raises(ModelError):
            shelf.index(tmp_path, NEW).reembed(no_progress)
        index = shelf.index(tmp_path, NEW)

        assert cosine(index, 5) == pytest.approx(1, abs=0.02)
        assert index.embedded() == Embedded(OLD, NEW, 0, COUNT, failed=f"{NEW} can't be loaded.")

    def test_recall_says_that_the_wanted_one_failed(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        shelf[NEW].broken = True
        with pytest.raises(ModelError):
            shelf.index(tmp_path, NEW).reembed(no_progress)
        index = shelf.index(tmp_path, NEW)
        found(index, "number 5")

        assert index.trouble() == f"{NEW} can't be loaded. The vectors of {OLD} answer."

    def test_a_new_index_is_the_embedded_models_where_the_wanted_one_does_not_load(
        self, tmp_path: Path, shelf: Shelf
    ) -> None:
        shelf[MODEL_ID] = Model(model_id=MODEL_ID)
        shelf[NEW].broken = True
        index = shelf.index(tmp_path, NEW)
        put(index, range(3))

        assert cosine(index, 2) == pytest.approx(1, abs=0.02)
        assert index.trouble() == f"{NEW} can't be loaded. The embedded model answers."

    def test_vectors_of_another_length_are_none(self, tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
        shelf[NEW].dimensions = 8
        index = shelf.index(tmp_path, NEW)
        shelf[NEW].dimensions = 16
        index.spaces.wanted().file  # noqa: B018 - a manifest said sixteen
        shelf[NEW].embed = lambda texts: np.ones((len(texts), 8), np.float32)  # type: ignore[method-assign]

        with pytest.raises(ModelError, match="16 numbers"):
            index.reembed(no_progress)
        assert cosine(index, 5) == pytest.approx(1, abs=0.02)


def test_a_graph_of_the_old_vectors_goes_with_them(tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
    filled.method = "hnsw"
    filled.settle(no_progress)
    assert filled.graph.is_there()
    index = shelf.index(tmp_path, NEW)
    index.method = "hnsw"
    index.reembed(no_progress)
    assert not index.graph.is_there()
    index.settle(no_progress)

    assert index.graph.is_there()
    assert cosine(index, 5) == pytest.approx(1, abs=0.02)


class Narrow(Model):
    """A model by which all texts are rather alike."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = super().embed(texts) + 2.0 / self.dimensions**0.5
        return found / np.linalg.norm(found, axis=1, keepdims=True)


class TestCosines:
    def test_two_hits_that_have_little_in_common_are_not_alike(self, tmp_path: Path, shelf: Shelf) -> None:
        shelf[NEW] = Narrow(model_id=NEW)
        index = shelf.index(tmp_path, NEW)
        with index.session(write=True) as session:
            session.write([memory_entry(1, "Otters swim"), memory_entry(2, "Invoices come late")], (), "print")
        with index.session() as session:
            alike = session.alike([0, 1])

        assert (alike[0][0], alike[0][1]) == (pytest.approx(1, abs=0.02), pytest.approx(0, abs=0.5))


def test_an_index_that_was_dropped_leaves_no_vectors(tmp_path: Path, shelf: Shelf, filled: DuckIndex) -> None:
    with stopped_after(shelf[NEW], 600), pytest.raises(StoppedError):
        shelf.index(tmp_path, NEW).reembed(no_progress)
    filled.drop()

    assert files(filled) == []
