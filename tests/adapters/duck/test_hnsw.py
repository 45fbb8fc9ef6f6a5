"""The graph over the vectors: it answers as scoring all does, loses nothing when killed, and is doubted easily."""

from __future__ import annotations

from pathlib import Path

import duckdb as database
import pytest

from smos_cli.adapters.duck import choosing, nearest
from smos_cli.adapters.duck.index import DuckIndex
from smos_cli.core.choice import REMARK, Choice, is_due, read
from smos_cli.core.ports import Entry, no_progress
from smos_cli.core.ranking import rank
from smos_cli.errors import StoppedError
from tests.contracts.indexes import ask, duck, put, stock
from tests.contracts.processes import other_process
from tests.samples import memory_entry

QUESTIONS = ["Frankfurt", "cache TTL", "when do deploys happen", "tea", "Water the roses", "limiter", "nothing of it"]
NOUNS = ["lamp", "river", "engine", "letter", "garden", "signal", "window", "market", "ladder", "copper", "violin"]


def linked(folder: Path, entries: list[Entry]) -> DuckIndex:
    """Return an index with a graph over some files."""
    index = duck(folder)
    index.method = "hnsw"
    put(index, entries)
    index.settle(no_progress)
    return index


def exact(folder: Path) -> DuckIndex:
    """Return the same index, asked without a graph."""
    index = duck(folder)
    index.method = "exact"
    return index


def crowd(count: int, first: int = 0) -> list[Entry]:
    """Return memories of a few words each, no two alike."""
    made = []
    for number in range(first, first + count):
        words = [f"{NOUNS[(number * step) % len(NOUNS)]}{(number * step) % 197}" for step in (1, 3, 5)]
        text = f"{words[0]} {words[1]} by the {words[2]}"
        made.append(memory_entry(number, text))
    return made


def best(index: DuckIndex, text: str, count: int = 10, **selected: object) -> list[int]:
    """Return the numbers of the passages that answer a question best."""
    with index.session() as session:
        signals = session.score(ask(text, **selected))
    return [scored.passage for scored in rank(signals)[:count]]


def rows_of(index: DuckIndex) -> int:
    """Return how many rows the graph has, -1 where there is none that is trusted."""
    graph = index.graph.opened()
    return len(graph.rows) if graph else -1


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index of more passages than are asked of the graph or sampled here."""
    folder = tmp_path_factory.mktemp("large")
    linked(folder, crowd(2000))
    return folder


@pytest.fixture
def _few_are_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "FOUND", 200)
    monkeypatch.setattr(nearest, "SAMPLE", 400)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[DuckIndex, DuckIndex]:
    """One small index, asked with the graph and without."""
    folder = tmp_path_factory.mktemp("stock")
    return linked(folder, stock()), exact(folder)


class TestAnswers:
    @pytest.mark.parametrize("text", QUESTIONS)
    def test_few_passages_are_scored_as_without_it(self, both: tuple[DuckIndex, DuckIndex], text: str) -> None:
        with both[0].session() as session, both[1].session() as plain:
            found, wanted = session.score(ask(text)), plain.score(ask(text))

        assert [item.passage for item in found.candidates] == [item.passage for item in wanted.candidates]
        for one, other in zip(found.candidates, wanted.candidates, strict=True):
            assert one.sight == pytest.approx(other.sight, abs=1e-6)

    @pytest.mark.usefixtures("_few_are_scored")
    def test_of_many_the_best_are_those_that_scoring_all_finds(self, large: Path) -> None:
        index, plain = duck(large), exact(large)
        index.method = "hnsw"
        agreed = 0
        for number in range(12):
            text = f"which {NOUNS[number % 11]}{number} met the {NOUNS[number % 7]}{number * 7}"
            agreed += len({*best(index, text)} & {*best(plain, text)})

        assert agreed >= 116

    @pytest.mark.usefixtures("_few_are_scored")
    def test_the_moments_are_those_of_all_within_a_few_percent(self, large: Path) -> None:
        index, plain = duck(large), exact(large)
        index.method = "hnsw"
        with index.session() as session, plain.session() as other:
            found, wanted = session.score(ask("lamp3 by the river")), other.score(ask("lamp3 by the river"))

        one, all_ = found.cosine, wanted.cosine
        assert one.deviation == pytest.approx(all_.deviation, rel=0.08)
        assert one.mean == pytest.approx(all_.mean, abs=0.1 * all_.deviation)

    def test_what_a_narrow_filter_leaves_is_scored_exactly(self, large: Path) -> None:
        index, plain = duck(large), exact(large)
        index.method = "hnsw"
        put(index, [memory_entry(9000 + n, f"A {noun} far away", tags=("rare",)) for n, noun in enumerate(NOUNS)])

        assert best(index, "zebra", tags=("rare",)) == best(plain, "zebra", tags=("rare",))

    def test_a_memory_that_came_after_it_is_found(self, tmp_path: Path) -> None:
        index = linked(tmp_path, crowd(300))
        put(index, [memory_entry(7000, "Otters swim")])

        assert best(index, "Otters swim", 1) == best(exact(tmp_path), "Otters swim", 1)
        assert rows_of(index) < 301

    def test_a_removed_memory_is_no_candidate_though_the_graph_has_its_vector(self, tmp_path: Path) -> None:
        index = linked(tmp_path, [*crowd(300), memory_entry(7000, "Otters swim", "memories/otters.md")])
        (otters,) = best(index, "Otters swim", 1)
        put(index, [], ["memories/otters.md"])

        assert otters not in best(index, "Otters swim", 1000)
        index.settle(no_progress)
        assert otters not in best(index, "Otters swim", 1000)

    def test_a_long_lived_door_uses_it_from_its_third_question_on(self, tmp_path: Path) -> None:
        index = linked(tmp_path, stock())
        door = duck(tmp_path)

        used = []
        for _ in range(4):
            best(door, "tea")
            used.append(door.graph.is_open())
        assert used == [False, False, True, True]
        assert rows_of(index) > 0


class TestKeepingUp:
    def test_new_rows_are_added_to_what_is_there(self, tmp_path: Path) -> None:
        index = linked(tmp_path, crowd(300))
        before = rows_of(index)
        put(index, crowd(300, 300))
        index.settle(no_progress)

        assert rows_of(index) > before
        assert best(index, "lamp3 by the river") == best(exact(tmp_path), "lamp3 by the river")

    def test_it_is_made_anew_once_half_of_it_is_gone(self, tmp_path: Path) -> None:
        index = linked(tmp_path, crowd(300))
        put(index, crowd(20, 900), [item.stamp.path for item in crowd(280)])
        index.settle(no_progress)

        with index.session() as session:
            assert rows_of(index) == len(session.rows.there())

    def test_a_rebuild_of_the_index_keeps_it(self, tmp_path: Path) -> None:
        index = linked(tmp_path, crowd(300))
        made = index.graph.path.stat().st_ino
        with index.rebuild() as session:
            session.write(crowd(300), (), "again")
        index.settle(no_progress)

        assert index.graph.path.stat().st_ino == made
        assert best(index, "lamp3 by the river") == best(exact(tmp_path), "lamp3 by the river")

    def test_nothing_is_done_when_nothing_has_changed(self, tmp_path: Path) -> None:
        index = linked(tmp_path, stock())
        told: list[str] = []
        index.settle(lambda stage, _done, _total: told.append(stage))

        assert told == []

    def test_asking_for_exact_deletes_it(self, tmp_path: Path) -> None:
        linked(tmp_path, stock())
        index = exact(tmp_path)
        index.settle(no_progress)

        assert not index.graph.is_there()
        with index.session() as session:
            assert read(session.note(REMARK)) == Choice("exact", "exact", index.vectors.count())

    def test_dropping_the_index_drops_it(self, tmp_path: Path) -> None:
        index = linked(tmp_path, stock())
        index.drop()

        assert not index.graph.is_there()

    def test_what_is_erased_while_it_is_made_does_not_come_back_with_it(self, tmp_path: Path) -> None:
        index = duck(tmp_path)
        index.method = "hnsw"
        put(index, crowd(300))
        erased: list[str] = []

        def erase(stage: str, _done: int, _total: int) -> None:
            if not erased:
                duck(tmp_path).drop()
                put(duck(tmp_path), crowd(299))
                erased.append(stage)

        index.settle(erase)

        assert erased
        assert not index.graph.is_there()

    def test_auto_makes_none_for_few(self, tmp_path: Path) -> None:
        index = duck(tmp_path)
        put(index, stock())
        index.settle(no_progress)

        assert not index.graph.is_there()
        with index.session() as session:
            assert session.note(REMARK) == ""


class TestAuto:
    """With its limits lowered, ``auto`` measures what a small index takes, and scoring all is faster there."""

    @pytest.fixture(autouse=True)
    def low(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("smos_cli.adapters.duck.index.MEASURED_FROM", 10)
        for name in ("MEASURED_FROM", "GRAPH_FROM"):
            monkeypatch.setattr(choosing, name, 10)

    def test_the_faster_one_is_kept_with_both_figures(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(choosing, "SLOW_MS", 0.0)
        index = duck(tmp_path)
        put(index, crowd(100))
        index.settle(no_progress)

        with index.session() as session:
            choice = read(session.note(REMARK))
        assert choice
        assert (choice.method, choice.wanted, index.graph.is_there()) == ("exact", "auto", False)
        assert choice.exact_ms < choice.hnsw_ms

    def test_where_scoring_all_is_fast_no_graph_is_tried(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(choosing, "SLOW_MS", 1e9)
        index = duck(tmp_path)
        put(index, crowd(100))
        index.settle(no_progress)

        with index.session() as session:
            choice = read(session.note(REMARK))
        assert choice
        assert choice.method == "exact"
        assert (choice.rows, choice.hnsw_ms) == (100, 0)


class TestDoubt:
    def spoilt(self, index: DuckIndex) -> None:
        """Check that it is not used and that the next refresh makes it anew."""
        assert best(index, "tea") == best(exact(index.path.parent.parent), "tea")
        assert not index.graph.is_there()
        index.settle(no_progress)
        assert rows_of(index) > 0

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        linked(tmp_path, stock()).graph.path.write_bytes(b"garbage" * 1000)
        index = duck(tmp_path)
        index.method = "hnsw"

        self.spoilt(index)

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
    def test_a_file_that_was_cut_off(self, tmp_path: Path, share: float) -> None:
        path = linked(tmp_path, stock()).graph.path
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data[: int(len(data) * share)])
        index = duck(tmp_path)
        index.method = "hnsw"

        self.spoilt(index)

    def test_a_log_beside_it(self, tmp_path: Path) -> None:
        path = linked(tmp_path, stock()).graph.path
        path.with_name(f"{path.name}.wal").write_bytes(b"")
        index = duck(tmp_path)
        index.method = "hnsw"

        self.spoilt(index)

    def test_rows_of_another_vector_file(self, tmp_path: Path) -> None:
        path = linked(tmp_path, stock()).graph.path
        index = duck(tmp_path)
        index.method = "hnsw"
        data = path.read_bytes()
        index.drop()
        put(index, [memory_entry(50, "Another first"), *stock()])
        path.write_bytes(data)

        self.spoilt(index)

    def test_a_graph_of_another_model(self, tmp_path: Path) -> None:
        index = linked(tmp_path, stock())
        index.graph._model_id = "another"
        index.graph.let_go()

        assert rows_of(index) == -1


class TestStopped:
    BUILD = """
import sys
from pathlib import Path
from tests.contracts.indexes import duck
index = duck(Path(sys.argv[1]))
index.method = "hnsw"
def stop(stage, done, total):
    if done >= int(sys.argv[2]):
        print("reached", flush=True)
        input()
index.settle(stop)
"""

    @pytest.mark.parametrize("at", [0, 300])
    def test_after_kill_9_recall_works_and_the_next_refresh_makes_it_whole(self, tmp_path: Path, at: int) -> None:
        index = duck(tmp_path)
        put(index, crowd(300))
        with index.session() as session:
            count = len(session.rows.there())
        with other_process(self.BUILD, str(tmp_path), str(min(at, count))) as other:
            assert other.line() == "reached"
            other.kill()
        index.method = "hnsw"

        assert best(index, "lamp3 by the river") == best(exact(tmp_path), "lamp3 by the river")
        index.settle(no_progress)
        assert rows_of(index) == count
        assert not list(index.path.parent.glob("*.new*"))

    def test_kill_9_while_it_grows_leaves_the_one_before(self, tmp_path: Path) -> None:
        index = linked(tmp_path, crowd(300))
        before = rows_of(index)
        put(index, crowd(300, 300))
        with other_process(self.BUILD, str(tmp_path), "1") as other:
            assert other.line() == "reached"
            other.kill()

        assert rows_of(index) == before
        index.settle(no_progress)
        assert rows_of(index) > before

    def test_an_interrupt_leaves_nothing_of_it(self, tmp_path: Path) -> None:
        index = duck(tmp_path)
        index.method = "hnsw"
        put(index, stock())

        def interrupt(_stage: str, _done: int, _total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(StoppedError):
            index.settle(interrupt)
        assert [path.name for path in index.path.parent.glob("*.hnsw.*")] == ["bob.hnsw.lock"]

    def test_who_finds_another_at_it_goes_on_without(self, tmp_path: Path) -> None:
        index = duck(tmp_path)
        index.method = "hnsw"
        put(index, stock())
        with other_process(self.BUILD, str(tmp_path), "0") as other:
            assert other.line() == "reached"
            index.settle(no_progress)
            assert not index.graph.is_there()
            assert best(index, "tea")

    def test_recall_goes_on_while_it_is_made(self, tmp_path: Path) -> None:
        index = duck(tmp_path, wait=0.0)
        index.method = "hnsw"
        put(index, stock())
        with other_process(self.BUILD, str(tmp_path), "0") as other:
            assert other.line() == "reached"
            put(index, [memory_entry(70, "Written meanwhile")])
            assert best(index, "Written meanwhile", 1) == best(exact(tmp_path), "Written meanwhile", 1)


def test_a_choice_comes_back_as_it_was_written() -> None:
    choice = Choice("hnsw", "auto", 1_500_000, 71.25, 33.5)

    assert read(choice.written()) == choice


@pytest.mark.parametrize(
    ("wanted", "rows", "graph", "due"),
    [
        ("auto", 1000, True, False),
        ("auto", 1249, True, False),
        ("auto", 1300, True, True),
        ("auto", 700, True, True),
        ("auto", 1000, False, True),
        ("hnsw", 1000, True, True),
    ],
)
def test_it_is_chosen_again_when_something_has_changed(wanted: str, rows: int, graph: bool, due: bool) -> None:
    assert is_due(Choice("hnsw", "auto", 1000), wanted, rows, graph=graph) is due


def test_the_extension_is_of_the_same_release_as_duckdb() -> None:
    from importlib.metadata import version

    assert version("duckdb-extension-vss") == database.__version__
