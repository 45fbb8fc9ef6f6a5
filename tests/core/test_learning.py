"""Learning: what is read, what comes of it, and that each turn is learnt once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from smos_cli.core.models import Candidate, Said
from smos_cli.core.prompting.writer import UnusableOutputError
from smos_cli.core.queue import DEAD, MOST_ATTEMPTS, PENDING, WAITING, Task
from smos_cli.errors import ModelError, NotFoundError, StoppedError, StorageError, UsageError
from tests.core.bob import FakeSource
from tests.core.taught import Keeper, Pupil, held, talk
from tests.samples import identity


def counts(report: object) -> tuple[int, ...]:
    return tuple(getattr(report, name) for name in ("seen", "stored", "duplicates", "skipped", "failed"))


def names(number: int) -> str:
    return f"talk-{identity(number)[-8:].lower()}"


def test_a_learnt_memory_says_what_was_said_by_whom_when_and_where() -> None:
    bob = Pupil(talk(1, "Hello", "So. !The cache TTL is 10 seconds. Bye"))

    report = bob.learn()

    (memory,) = report.memories
    assert (memory.text, memory.speaker, memory.created) == (
        "The cache TTL is 10 seconds",
        "Marta",
        "2025-11-18T08:01:00Z",
    )
    assert (memory.session, memory.model, memory.via) == (f"{names(1)}#^t2", "keeper-1", "chat")
    assert "> [!quote] Marta, 18 Nov: !The cache TTL is 10 seconds" in bob.file(memory.path)
    assert (report.turns, counts(report)) == (2, (1, 1, 0, 0, 0))


def test_what_came_by_an_import_says_so() -> None:
    bob = Pupil(talk(1, "!The cache TTL is 10 seconds", via="import"))

    assert bob.learn().memories[0].via == "import"


def test_what_is_learnt_is_one_change_in_the_history() -> None:
    bob = Pupil(talk(1, "!One thing. !Another") | talk(2, "!A third"))

    bob.learn()

    (change,) = [change for change in bob.history.changes if change.verb == "learn"]
    assert len(change.ids) == 3


def test_a_conversation_with_nothing_to_keep_changes_nothing() -> None:
    bob = Pupil(talk(1, "Hello", "Bye"))

    assert counts(bob.learn()) == (0, 0, 0, 0, 0)
    assert bob.history.changes == []
    assert list(bob.jobs()) == []


def test_each_turn_is_read_once() -> None:
    bob = Pupil(talk(1, "!One thing", "Bye"))
    bob.learn()
    bob.learn()
    bob.learn(identity(1))

    assert bob.keeper.read == ["t1", "t2"]
    assert bob.texts() == ["One thing"]


def test_of_a_conversation_that_went_on_only_what_is_new_is_read() -> None:
    bob = Pupil(talk(1, "!One thing"))
    bob.learn()
    (path,) = bob.paths("episodes")
    bob.vault.write(path, talk(1, "!One thing", "!Another")[path])

    bob.learn()

    assert bob.keeper.read == ["t1", "t2"]
    assert bob.texts() == ["Another", "One thing"]


def test_a_turn_out_of_reach_is_not_read() -> None:
    bob = Pupil(talk(1, "!One thing", "!Another"))
    bob.learn()
    bob.forget(next(one.id for one in bob.memories(memories_only=True) if one.text == "One thing"))
    bob.keeper.read.clear()

    bob.learn(again=True)

    assert bob.keeper.read == ["t2"]
    assert bob.texts() == ["Another"]


def test_a_turn_that_says_again_what_was_forgotten_is_out_of_reach_until_that_is_restored() -> None:
    bob = Pupil(talk(1, "!The cache TTL is 10 seconds"))
    memory = bob.learn().memories[0]
    bob.forget(memory.id)
    for path, data in talk(2, "!the cache TTL is ten seconds", "Fine").items():
        bob.vault.write(path, data)

    assert counts(bob.learn()) == (1, 0, 0, 1, 0)
    assert bob.answers("cache TTL") == ["Fine"]

    bob.restore(memory.id)

    assert {"The cache TTL is 10 seconds", "!the cache TTL is ten seconds"} <= set(bob.answers("cache TTL"))


def test_what_is_forgotten_while_it_is_read_is_not_learnt() -> None:
    bob = Pupil(talk(1, "!One thing", "Bye"))
    bob.learn()
    (memory,) = bob.memories(memories_only=True)

    def meanwhile(wanted: Sequence[Said]) -> None:
        bob.forget(memory.id)

    bob.keeper.wrong = meanwhile

    report = bob.learn(again=True)

    assert bob.texts() == []
    assert counts(report) == (1, 0, 0, 1, 0)
    assert report.problems[0].reason == "it was forgotten meanwhile"


def test_read_again_nothing_is_stored_twice() -> None:
    bob = Pupil(talk(1, "!One thing", "!Another"))
    bob.learn()

    assert counts(bob.learn(again=True)) == (2, 0, 2, 0, 0)
    assert bob.keeper.read == ["t1", "t2"] * 2
    assert bob.texts() == ["Another", "One thing"]


def test_what_a_person_corrected_does_not_come_back_by_reading_again() -> None:
    bob = Pupil(talk(1, "!The garden is 40 metres long"))
    bob.learn()
    (memory,) = bob.memories(memories_only=True)
    path = memory.path
    bob.vault.write(path, bob.vault.files[path].replace(b"The garden is 40 metres long\n", b"Lunch is at noon\n"))

    bob.learn(again=True)

    assert bob.texts() == ["Lunch is at noon"]


def test_a_dry_run_tells_and_leaves_everything_as_it_is() -> None:
    bob = Pupil(talk(1, "!One thing"))
    before = dict(bob.vault.files)

    report = bob.learn(dry_run=True)

    assert [(memory.text, memory.id, memory.path) for memory in report.memories] == [("One thing", "", "")]
    assert (report.turns, counts(report)) == (1, (1, 1, 0, 0, 0))
    assert bob.vault.files == before
    assert list(bob.jobs()) == []
    assert bob.learn().stored == 1
    assert bob.learn(dry_run=True).turns == 0
    assert counts(bob.learn(dry_run=True, again=True)) == (1, 0, 1, 0, 0)


def broken_at(word: str) -> Callable[[Sequence[Said]], Exception | None]:
    def wrong(wanted: Sequence[Said]) -> Exception | None:
        return ModelError("It does not answer.") if any(word in said.text for said in wanted) else None

    return wrong


def test_a_conversation_that_fails_does_not_stop_the_others_and_waits() -> None:
    bob = Pupil(talk(1, "!Before") | talk(2, "BAD") | talk(3, "!After"))
    bob.keeper.wrong = broken_at("BAD")

    report = bob.learn()

    assert bob.texts() == ["After", "Before"]
    assert counts(report) == (3, 2, 0, 0, 1)
    assert [(problem.where.rpartition("/")[2], problem.reason) for problem in report.problems] == [
        (f"{names(2)}.md", "It does not answer.")
    ]
    (job,) = bob.jobs()
    assert (job.task.episode, job.state, job.attempts) == (identity(2), WAITING, 1)


def test_an_extractor_that_reads_nothing_is_not_asked_for_ever() -> None:
    bob = Pupil({path: data for n in range(5) for path, data in talk(n, "BAD").items()})
    bob.keeper.wrong = broken_at("BAD")

    report = bob.learn()

    assert counts(report) == (2, 0, 0, 0, 2)
    assert "3 more were not tried" in report.problems[-1].reason
    assert sorted(job.state for job in bob.jobs()) == [PENDING] * 3 + [WAITING] * 2


def test_a_conversation_that_fails_too_often_is_given_up_and_told_of() -> None:
    bob = Pupil(talk(1, "BAD"))
    bob.keeper.wrong = broken_at("BAD")
    for _ in range(MOST_ATTEMPTS - 1):
        bob.learn()
        bob.clock.milliseconds = bob.jobs()[0].due

    assert bob.learn().problems[0].reason == "It does not answer. It was given up."
    assert bob.jobs()[0].state == DEAD
    report = bob.learn()
    assert counts(report) == (0, 0, 0, 0, 0)
    assert report.problems[0].reason == "it was given up; `smos queue retry 1` lets it be tried at once"
    bob.keeper.wrong = lambda wanted: None
    assert bob.learn(identity(1)).turns == 1


def test_what_helps_is_told_with_why_a_conversation_failed() -> None:
    bob = Pupil(talk(1, "BAD"))
    bob.keeper.wrong = lambda _: ModelError("The library is not there.", "Install it.")

    assert bob.learn().problems[0].reason == "The library is not there. Install it."


def test_a_conversation_that_failed_waits_its_time_unless_it_is_named() -> None:
    bob = Pupil(talk(1, "BAD"))
    bob.keeper.wrong = broken_at("BAD")
    bob.learn()
    bob.keeper.wrong = lambda wanted: None

    report = bob.learn()
    assert (report.turns, bob.jobs()[0].state) == (0, WAITING)
    assert report.problems[0].reason == (
        "it failed, and waits until 2025-11-18T12:00:30Z; `smos queue retry 1` lets it be tried at once"
    )
    assert bob.learn(identity(1)).turns == 1


def test_an_unusable_answer_is_kept_aside_and_what_else_was_found_is_learnt() -> None:
    bob = Pupil(talk(1, "!One thing", "BAD !Another", "!A third"))
    good = [Candidate("One thing", "!One thing", "t1", "Marta", "user")]
    bob.keeper.wrong = lambda wanted: UnusableOutputError("It gave no JSON.", "blah", ["t2", "t3"], good)

    report = bob.learn()

    assert bob.texts() == ["One thing"]
    assert counts(report) == (2, 1, 0, 0, 1)
    (job,) = bob.jobs()
    assert (job.state, job.reason, job.kept) == (WAITING, "It gave no JSON.", "blah")
    bob.keeper.wrong = lambda wanted: None
    bob.learn(identity(1))
    assert bob.keeper.read == ["t2", "t3"]


def test_no_secret_is_kept_of_an_unusable_answer_or_of_why_it_failed() -> None:
    key = "sk-proj-" + "Zq7Lw2Nf9Rt4Xc1Vb8Mk"
    bob = Pupil(talk(1, "Hello"))
    bob.keeper.wrong = lambda _: UnusableOutputError(f"It says {key}.", f"The key is {key}", ["t1"], [])

    bob.learn()

    (job,) = bob.jobs()
    assert "[redacted" in job.reason
    assert "[redacted" in job.kept
    assert key not in job.reason + job.kept


def test_an_answer_that_is_no_use_costs_only_its_own_portion() -> None:
    bob = Pupil(talk(1, *["BAD", *["Hello"] * 50, "!One thing"]))
    bob.slow()
    bob.keeper.wrong = lambda wanted: (
        UnusableOutputError("It gave no JSON.", "blah", [said.turn for said in wanted])
        if wanted[0].text == "BAD"
        else None
    )

    bob.learn()

    assert bob.texts() == ["One thing"]
    assert bob.jobs()[0].state == WAITING
    bob.keeper.read.clear()
    bob.learn(identity(1))
    assert bob.keeper.read == []


def test_a_disk_that_is_full_is_no_fault_of_a_conversation() -> None:
    bob = Pupil(talk(1, "!One thing"))
    bob.vault.full = True

    with pytest.raises(StorageError, match="No space"):
        bob.learn()

    assert [(job.state, job.attempts) for job in bob.jobs()] == [(PENDING, 0)]
    bob.vault.full = False
    bob.learn()
    assert bob.texts() == ["One thing"]


def test_an_interrupt_keeps_what_was_read_and_leaves_the_rest_in_the_queue() -> None:
    bob = Pupil(talk(1, "!Before") | talk(2, "STOP"))

    def wrong(wanted: Sequence[Said]) -> Exception | None:
        if any("STOP" in said.text for said in wanted):
            raise KeyboardInterrupt
        return None

    bob.keeper.wrong = wrong
    with pytest.raises(StoppedError, match="Stopped after 1 turns; 1 memories were stored"):
        bob.learn()

    assert bob.texts() == ["Before"]
    assert [(job.task.episode, job.state) for job in bob.jobs()] == [(identity(2), PENDING)]


class Babbler(Keeper):
    """One that never says the same in the same words."""

    def kept(self, said: Said) -> list[Candidate]:
        return [one._replace(text=f"{'very ' * len(self.read)}{one.text}") for one in super().kept(said)]


def test_where_the_queue_is_lost_the_vault_shows_what_was_learnt() -> None:
    bob = Pupil(talk(1, "!One thing", "Hello"))
    bob.learn()
    bob.state = type(bob.state)(bob.clock)
    bob.keeper = Babbler()

    bob.learn()

    assert bob.keeper.read == ["t2"]
    assert bob.texts() == ["One thing"]


def test_another_extractor_reads_all_of_it_and_what_it_finds_too_is_stored_once() -> None:
    bob = Pupil(talk(1, "!One thing", "Hello"))
    bob.learn()
    bob.keeper.model_id = "keeper-2"

    assert counts(bob.learn()) == (1, 0, 1, 0, 0)
    assert bob.texts() == ["One thing"]


class Killed(BaseException):
    """kill -9."""


class Mortal(Pupil):
    """One whose process dies in a certain step: a file is written, or something is told to the queue."""

    def __init__(self, *files: Mapping[str, bytes]) -> None:
        super().__init__({path: data for one in files for path, data in one.items()})
        self.dies: Callable[[str], bool] = lambda step: False
        write, enqueue, working = self.vault.write, self.state.enqueue, self.state.working

        def at(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
            def called(*words: Any) -> Any:
                if self.dies(f"before {name}"):
                    raise Killed
                result = call(*words)
                if self.dies(f"after {name}"):
                    raise Killed
                return result

            return called

        @contextmanager
        def mortal() -> Iterator[Any]:
            with working() as worker:
                yield SimpleNamespace(
                    learnt=worker.learnt,
                    fail=worker.fail,
                    **{name: at(name, getattr(worker, name)) for name in ("lease", "hold", "done")},
                )

        self.vault.write = at("write", write)  # type: ignore[method-assign]
        self.state.enqueue = at("enqueue", enqueue)  # type: ignore[method-assign]
        self.state.working = mortal  # type: ignore[method-assign, assignment]

    def killed_at(self, dies: Callable[[str], bool]) -> None:
        """Learn until the process dies; nothing of it is left in memory then."""
        self.dies = dies
        try:
            self.learn()
        except Killed:
            self.vault._held = False
        self.dies = lambda step: False


@pytest.mark.parametrize("number", range(40))
def test_a_crash_at_any_step_loses_no_turn_and_learns_none_twice(number: int) -> None:
    bob = Mortal(talk(1, "!One. !Two", "Hello", "!Three. !Four"), talk(2, "!Five. !Six"))
    steps = count()

    bob.killed_at(lambda step: next(steps) == number)
    bob.learn()

    assert bob.texts() == ["Five", "Four", "One", "Six", "Three", "Two"]
    assert list(bob.jobs()) == []
    assert bob.learn().turns == 0


def test_what_was_written_before_a_crash_is_not_read_again() -> None:
    bob = Mortal(talk(1, "!One. !Two", "Hello"))
    bob.keeper = Babbler()

    bob.killed_at("before done".__eq__)
    bob.learn()

    assert bob.keeper.read == ["t1", "t2"]
    assert len(bob.texts()) == 2
    assert list(bob.jobs()) == []


def test_a_file_is_brought_in_and_learnt_from() -> None:
    bob = Pupil()
    turn = {"session": "talk", "speaker": "Marta", "time": "2025-11-18T08:00:00Z", "text": "!One thing"}
    bob.files["talk.jsonl"] = FakeSource([turn, b"no json"], name="talk.jsonl")

    report = bob.learn("talk.jsonl")

    assert bob.texts() == ["One thing"]
    assert counts(report) == (2, 1, 0, 0, 1)
    assert report.problems[0].where == "talk.jsonl:2"


def test_what_a_key_names_must_be_a_conversation_or_a_file() -> None:
    bob = Pupil(talk(1, "!One thing"))
    bob.files["talk.jsonl"] = FakeSource([])
    memory = bob.remember("Lunch is at noon").memory

    def no_file(key: str) -> FakeSource:
        raise NotFoundError("There is no file.")

    with pytest.raises(UsageError, match="not a conversation"):
        bob.learn(memory.id)
    with pytest.raises(UsageError, match="brings nothing in"):
        bob.learn("talk.jsonl", dry_run=True)
    bob.files = type("None", (), {"__getitem__": staticmethod(no_file)})()
    with pytest.raises(NotFoundError, match="no conversation and no file 'nothing'"):
        bob.learn("nothing")


def test_what_was_dropped_is_learnt_only_when_it_is_named() -> None:
    bob = Pupil(talk(1, "!One thing"))
    bob.state.enqueue([Task("bob", identity(1), "keeper-1")])
    bob.state.drop([1])

    assert bob.learn().turns == 0
    assert bob.learn(names(1)).turns == 1


def test_what_another_process_has_is_left_to_it() -> None:
    bob = Pupil(talk(1, "!One thing"))
    bob.state.enqueue([Task("bob", identity(1), "keeper-1")])
    with bob.state.working() as other:
        other.lease(1)
        report = bob.learn()

    assert (report.turns, bob.texts()) == (0, [])
    assert report.problems[0].reason == "another process is learning from it, or has just done so"


def test_what_is_put_in_again_while_it_is_in_work_leaves_the_queue_too() -> None:
    bob = Pupil(talk(1, "!One thing"))

    def meanwhile(wanted: Sequence[Said]) -> None:
        bob.state.enqueue([Task("bob", identity(1), "keeper-1")])

    bob.keeper.wrong = meanwhile
    bob.learn()

    assert list(bob.jobs()) == []
    assert bob.keeper.read == ["t1"]


def test_a_conversation_that_is_gone_leaves_the_queue() -> None:
    bob = Pupil()

    assert counts(bob.learn(places=("GONE",))) == (0, 0, 0, 0, 0)
    assert list(bob.jobs()) == []


def test_what_the_gate_drops_is_told_with_its_turn() -> None:
    bob = Pupil(talk(1, "!One thing"))
    bob.keeper.kept = lambda said: [Candidate("It", "not said", said.turn, said.speaker, said.role)]  # type: ignore[method-assign]

    report = bob.learn()

    assert counts(report) == (1, 0, 0, 1, 0)
    assert report.problems[0].where.endswith(f"{names(1)}.md#^t1")
    assert list(bob.jobs()) == []


def test_a_candidate_of_a_turn_that_was_not_wanted_is_none() -> None:
    bob = Pupil(talk(1, "!One thing", "Hello"))
    bob.learn()
    (path,) = bob.paths("episodes")
    bob.vault.write(path, talk(1, "!One thing", "Hello", "Bye")[path])
    stray = Candidate("Stray", "!One thing", "t1", "Marta", "user")
    bob.keeper.kept = lambda said: [stray]  # type: ignore[method-assign]

    assert counts(bob.learn()) == (0, 0, 0, 0, 0)


def test_what_a_new_turn_confirms_of_one_that_was_learnt_before_is_learnt() -> None:
    bob = Pupil(talk(1, "Let us paint it blue", speaker="assistant"))
    bob.learn()
    (path,) = bob.paths("episodes")
    bob.vault.write(path, talk(1, "Let us paint it blue", "Yes, do that", speaker="assistant")[path])
    taken = Candidate("It is to be blue", "paint it blue", "t1", "assistant", "assistant", confirmed="t2")
    bob.keeper.kept = lambda said: [taken] if said.turn == "t2" else []  # type: ignore[method-assign]

    assert counts(bob.learn(dry_run=True)) == (1, 1, 0, 0, 0)
    assert counts(bob.learn()) == (1, 1, 0, 0, 0)
    assert bob.texts() == ["It is to be blue"]
    assert bob.learn().turns == 0


def test_a_slow_extractor_has_what_it_found_written_as_it_goes() -> None:
    bob = Pupil(talk(1, *[f"!Thing {n}" for n in range(60)]) | talk(2, *[f"!Other {n}" for n in range(60)]))
    bob.slow()
    stored: list[int] = []
    bob.keeper.wrong = lambda wanted: stored.append(len(bob.texts()))  # type: ignore[func-returns-value]

    bob.learn()

    assert stored == [0, 48, 60, 108]


def test_what_a_person_says_again_is_another_source_of_what_is_there() -> None:
    bob = Pupil(talk(1, "!One thing") | talk(2, "!One thing"))

    report = bob.learn()

    (memory,) = bob.memories(memories_only=True)
    assert (memory.session, memory.sources) == (f"{names(1)}#^t1", (f"{names(2)}#^t1",))
    assert counts(report) == (2, 1, 1, 0, 0)
    ((path, data),) = talk(1, "!One thing", "!One thing").items()
    bob.vault.write(path, data)
    assert bob.learn().duplicates == 1
    assert len(bob.memories(memories_only=True)[0].sources) == 2
    assert bob.history.changes[-1].verb == "learn"


def test_what_an_assistant_repeats_is_no_source() -> None:
    bob = Pupil(talk(1, "!One thing") | talk(2, "!One thing", speaker="assistant"))

    assert counts(bob.learn()) == (2, 1, 1, 0, 0)
    assert bob.memories(memories_only=True)[0].sources == ()


def test_a_file_without_an_id_of_ours_is_not_changed() -> None:
    mine = {"memories/mine.md": b"One thing\n"}
    bob = Pupil(talk(1, "!One thing") | mine)

    assert bob.learn().duplicates == 1
    assert bob.vault.files["memories/mine.md"] == b"One thing\n"


def test_what_can_not_be_written_now_is_noted_the_next_time() -> None:
    bob = Pupil(talk(1, "!One thing") | talk(2, "!One thing"))
    bob.learn(identity(1))
    (memory,) = bob.memories(memories_only=True)
    bob.vault.unreadable.add(memory.path)

    with pytest.raises(StorageError):
        bob.learn()
    bob.vault.unreadable.clear()
    bob.learn()

    assert len(bob.memories(memories_only=True)[0].sources) == 1


def test_a_memory_of_a_project_stays_of_it() -> None:
    bob = Pupil(talk(1, "!One thing", project="gateway"))

    assert bob.learn().memories[0].project == "gateway"


def test_what_is_read_has_roles_and_times_and_no_empty_or_erased_turns() -> None:
    bob = Pupil(talk(1, "Hello", "", "*(erased)*") | talk(2, "Yes", speaker="assistant"))

    assert [(said.turn, said.role, said.time) for said in held(bob, 1).turns] == [
        ("t1", "user", "2025-11-18T08:00:00Z")
    ]
    assert held(bob, 2).turns[0].role == "assistant"
