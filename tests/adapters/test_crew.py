"""Processes that share work: what comes of it, and that none of them stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from smos_cli.adapters.crew import MANY, Crew, crew
from tests.children import children
from tests.contracts.processes import other_process
from tests.waiting import until

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

KILLED = """
import os, sys
from smos_cli.adapters.crew import crew

def work(numbers):
    for number in numbers:
        yield b"%d " % os.getpid() * 10_000

with crew(1000, work, 2) as others:
    others.begin()
    print(*(others.made(n).split()[0].decode() for n in range(2)), flush=True)
    input()
"""


def numbered(numbers: range) -> Iterator[bytes]:
    for number in numbers:
        yield b"%d by %d" % (number, os.getpid())


def all_made(others: Crew, count: int = MANY) -> list[bytes | None]:
    others.begin()
    return [others.made(number) for number in range(count)]


@pytest.mark.parametrize("size", [2, 3, 4])
def test_the_work_comes_in_order_from_so_many_other_processes(size: int) -> None:
    with crew(MANY, numbered, size) as others:
        made = [piece.split(b" by ") for piece in all_made(others) if piece]

    assert [int(number) for number, _ in made] == list(range(MANY))
    assert len({process for _, process in made} - {b"%d" % os.getpid()}) == size


def test_pieces_of_more_than_a_pipe_holds_come_through() -> None:
    with crew(MANY, lambda numbers: (b"%d" % n * 100_000 for n in numbers), 2) as others:
        assert all_made(others) == [b"%d" % n * 100_000 for n in range(MANY)]


def test_what_one_of_them_fails_in_is_left_to_who_asks() -> None:
    def work(numbers: range) -> Iterator[bytes]:
        for number in numbers:
            if number == 11:
                os._exit(7)
            yield b"%d" % number

    with crew(MANY, work, 2) as others:
        assert all_made(others) == [None if n % 2 and n >= 11 else b"%d" % n for n in range(MANY)]


def test_an_error_there_is_not_told_twice(capfd: pytest.CaptureFixture[str]) -> None:
    def work(_numbers: range) -> Iterator[bytes]:
        raise ValueError("told")
        yield b""

    with crew(MANY, work, 2) as others:
        assert all_made(others) == [None] * MANY

    assert capfd.readouterr() == ("", "")


def test_nobody_works_before_the_beginning() -> None:
    with crew(MANY, numbered, 2) as others:
        assert others
        assert others.made(0) is None


@pytest.mark.parametrize(("count", "size"), [(MANY - 1, 2), (MANY, 1), (0, None)])
def test_little_work_is_left_to_who_asks(count: int, size: int | None) -> None:
    with crew(count, numbered, size) as others:
        assert not others
        assert all_made(others) == [None] * MANY


@pytest.mark.parametrize("asked", [0, 1, MANY])
@pytest.mark.parametrize("begun", [True, False])
def test_no_process_and_no_pipe_is_left_behind(asked: int, *, begun: bool) -> None:
    before, there = len(os.listdir("/dev/fd")), children()
    with suppress(KeyboardInterrupt), crew(MANY, lambda numbers: (bytes(99_999) for _ in numbers), 2) as others:
        if begun:
            others.begin()
        for number in range(asked):
            others.made(number)
        raise KeyboardInterrupt

    assert len(os.listdir("/dev/fd")) == before
    assert children() == there


def test_they_end_with_a_process_that_is_killed() -> None:
    with other_process(KILLED) as other:
        children = [int(word) for word in other.line().split()]
        assert len(set(children)) == 2
        other.kill()

        until(lambda: not any(map(_runs, children)))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return _state(process) != "Z"


def _state(process: int) -> str:
    """Return its letter: one that has ended stays a Z where nobody takes in orphans."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""
