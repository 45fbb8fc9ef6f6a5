"""What the core asks of the queue, asked of the one in state.sqlite and of the fake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smos_cli.adapters.state import StateQueue
from smos_cli.core.queue import DEAD, LEASED, MOST_ATTEMPTS, PENDING, WAITING, Job, State, Task, wait_ms
from tests.fake_state import FakeState
from tests.fakes import FakeClock

TALK, OTHER = Task("bob", "EPISODE1", "rules@1"), Task("bob", "EPISODE2", "rules@1")
Make = Callable[[], State]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "fake"])
def state(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[State]:
    if request.param == "fake":
        yield FakeState(clock)
        return
    made = StateQueue(tmp_path / "home", clock, lambda: 1.0)
    yield made
    made.close()


def only(state: State) -> Job:
    (job,) = state.jobs("bob")
    return job


def test_an_empty_queue_has_no_jobs_and_knows_of_nothing(state: State) -> None:
    assert list(state.jobs("bob")) == []
    assert state.settled("bob", "rules@1") == {}
    state.wipe("bob")


def test_what_is_put_in_twice_is_one_job(state: State) -> None:
    state.enqueue([TALK, OTHER])
    state.enqueue([TALK])

    assert [(job.number, job.task, job.state) for job in state.jobs("bob")] == [
        (1, TALK, PENDING),
        (2, OTHER, PENDING),
    ]


def test_another_extractor_and_another_persona_have_jobs_of_their_own(state: State) -> None:
    state.enqueue([TALK, TALK._replace(extractor="llm@1"), TALK._replace(persona="eve")])

    assert [job.task.extractor for job in state.jobs("bob")] == ["rules@1", "llm@1"]
    assert [job.task.persona for job in state.jobs("eve")] == ["eve"]


def test_a_job_is_one_workers_at_a_time(state: State) -> None:
    state.enqueue([TALK])

    with state.working() as one, state.working() as other:
        assert one.lease(1)
        assert other.lease(1) is None
        assert only(state).state == LEASED
        assert one.lease(1)


def test_a_job_goes_back_when_its_worker_leaves(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as one:
        one.lease(1)

    assert only(state).state == PENDING
    with state.working() as other:
        assert other.lease(1)


def test_a_job_that_is_gone_can_not_be_taken(state: State) -> None:
    with state.working() as worker:
        assert worker.lease(7) is None


def test_what_was_learnt_adds_up_until_the_job_ends(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        worker.done(job, ["t1", "t2"])
        assert (worker.learnt(TALK).turns, only(state).state) == ({"t1", "t2"}, LEASED)
        assert state.settled("bob", "rules@1") == {}
        worker.done(job, ["t3"], "etag")

        assert worker.learnt(TALK).turns == {"t1", "t2", "t3"}
    assert list(state.jobs("bob")) == []
    assert state.settled("bob", "rules@1") == {"EPISODE1": "etag"}


def test_a_job_that_is_put_in_again_while_it_is_done_is_done_once_more(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        state.enqueue([TALK])
        worker.done(job, ["t1"], "etag")

        assert only(state).state == PENDING
        again = worker.lease(1)
        assert again
        worker.done(again, ["t2"], "etag2")
    assert list(state.jobs("bob")) == []


def test_numbers_are_never_given_twice(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        worker.done(job, ["t1"], "etag")
    state.enqueue([TALK])

    assert only(state).number == 2


def test_a_plan_is_there_for_who_comes_after_a_worker_that_died(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as one:
        job = one.lease(1)
        assert job
        assert one.hold(job, {"t1": ["ID1", "ID2"], "t2": []})

    with state.working() as other:
        job = other.lease(1)
        assert job
        assert job.plan == {"t1": ["ID1", "ID2"], "t2": []}
        other.done(job, ["t1"])
        assert only(state).plan is None


def test_who_lost_a_job_is_told(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        state.drop([1])

        assert not worker.hold(job, {})


def test_a_job_that_failed_waits_longer_each_time_and_is_given_up_at_last(state: State, clock: FakeClock) -> None:
    state.enqueue([TALK])
    waits = []
    for _ in range(MOST_ATTEMPTS):
        with state.working() as worker:
            job = worker.lease(1)
            assert job
            failed = worker.fail(job, "It said no.", "no")
        seen = only(state)
        assert (seen.state, seen.attempts, seen.reason, seen.kept) == (
            failed.state,
            failed.attempts,
            "It said no.",
            "no",
        )
        waits.append(seen.due - clock.milliseconds)
        clock.milliseconds = max(clock.milliseconds, seen.due)

    assert waits[:-1] == [wait_ms(attempts, 1.0) for attempts in range(1, MOST_ATTEMPTS)]
    assert sorted(waits[:-1]) == waits[:-1]
    assert only(state).state == DEAD
    with state.working() as worker:
        assert worker.lease(1) is None


def test_a_job_waits_until_it_is_due(state: State, clock: FakeClock) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        worker.fail(job, "It said no.")

    assert only(state).state == WAITING
    clock.milliseconds = only(state).due
    assert only(state).state == PENDING


@pytest.mark.parametrize("again", ["retry", "enqueue"])
def test_a_job_that_was_given_up_has_all_its_attempts_again_when_it_is_asked_for(state: State, again: str) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        for _ in range(MOST_ATTEMPTS):
            job = worker.lease(1)
            assert job
            worker.fail(job, "It said no.")
        state.retry([1]) if again == "retry" else state.enqueue([TALK])

        assert (only(state).state, only(state).attempts) == (PENDING, 0)
        assert worker.lease(1)


def test_what_is_dropped_is_in_no_list_and_looked_for_no_more_until_it_is_put_in_again(state: State) -> None:
    state.enqueue([TALK])
    state.drop([1])

    assert list(state.jobs("bob")) == []
    assert state.settled("bob", "rules@1") == {"EPISODE1": ""}
    with state.working() as worker:
        assert worker.lease(1) is None
    state.enqueue([TALK])
    assert only(state).state == PENDING
    assert state.settled("bob", "rules@1") == {}


def test_what_is_unlearnt_is_to_be_read_again_whatever_else_shows_that_it_was_read(state: State) -> None:
    state.enqueue([TALK])
    with state.working() as worker:
        job = worker.lease(1)
        assert job
        worker.done(job, ["t1"], "etag")
        state.unlearn([TALK, OTHER])

        assert worker.learnt(TALK) == worker.learnt(OTHER) == (frozenset(), True)
        assert state.settled("bob", "rules@1") == {}
        state.enqueue([TALK])
        job = worker.lease(2)
        assert job
        worker.done(job, ["t1"])
        assert worker.learnt(TALK) == ({"t1"}, True)
        worker.done(job, ["t2"], "etag")
        assert worker.learnt(TALK) == ({"t1", "t2"}, False)


def test_what_was_kept_aside_is_wiped_for_one_persona(state: State) -> None:
    state.enqueue([TALK, TALK._replace(persona="eve")])
    with state.working() as worker:
        for number in (1, 2):
            job = worker.lease(number)
            assert job
            worker.fail(job, "It said: the code is 1234.", "the code is 1234")
    state.wipe("bob")

    assert (only(state).kept, only(state).reason, only(state).attempts) == ("", "", 1)
    assert state.jobs("eve")[0].kept == "the code is 1234"
