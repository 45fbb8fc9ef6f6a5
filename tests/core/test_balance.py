"""Which bodies are current, counted over chains in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from smos_cli.core import chain
from smos_cli.core.balance import Balance, read_balance
from tests.core.bob import Bob
from tests.fakes import FakeMachine


def line(*bodies: tuple[str, str, str], n: int = 1, time: str = "2025-11-18T12:00:00Z") -> dict[str, Any]:
    return {"n": n, "time": time, "bodies": bodies}


def counted(*lines: dict[str, Any]) -> Balance:
    balance = Balance()
    for one in lines:
        balance.take("m", one)
    return balance


def test_what_was_entered_last_is_current() -> None:
    balance = counted(line(("a", "", "x")), line(("a", "x", "y")))

    assert balance.current("a") == ["y"]
    assert not balance.is_current("a", "x")
    assert not balance.is_current("a", "")


def test_what_no_line_names_may_be_absent_and_nothing_else() -> None:
    assert counted().is_current("a", "")
    assert not counted().is_current("a", "x")


def test_what_was_forgotten_is_absent_and_what_was_restored_is_not() -> None:
    forgotten = [line(("a", "", "x"), n=1), line(("a", "x", ""), n=2)]
    restored = [*forgotten, line(("a", "", "x"), n=3)]

    assert counted(*forgotten).is_current("a", "")
    assert counted(*forgotten).current("a") == []
    assert counted(*restored).current("a") == ["x"]
    assert not counted(*restored).is_current("a", "")


def test_two_files_of_one_id_are_both_current() -> None:
    assert sorted(counted(line(("a", "", "x"), ("a", "", "y"))).current("a")) == ["x", "y"]


def test_a_merge_leaves_both_sides() -> None:
    base = line(("a", "", "x"))
    balance = counted(base, line(("a", "x", "y")), line(("a", "x", "z")), line(("a", "y", "m"), ("a", "z", "m")))

    assert balance.current("a") == ["m"]
    assert not balance.is_current("a", "")


def test_what_entered_on_two_machines_can_still_be_forgotten() -> None:
    twice = [line(("a", "", "x")), line(("a", "", "x"))]

    assert counted(*twice, line(("a", "x", ""), n=3, time="2025-11-19T12:00:00Z")).is_current("a", "")


def test_what_was_left_and_never_entered_is_unexplained() -> None:
    assert counted(line(("a", "", "x")), line(("a", "y", "z"))).unexplained("a") == ["y"]
    assert counted(line(("a", "", "x")), line(("a", "x", ""))).unexplained("a") == []


@given(some.randoms(use_true_random=False))
def test_the_order_in_which_lines_are_read_does_not_matter(random: Any) -> None:
    bodies = [("a", "", "x"), ("a", "x", "y"), ("a", "y", ""), ("a", "", "z"), ("b", "", "x"), ("b", "x", "y")]
    lines = [line(body, n=number) for number, body in enumerate(bodies, 1)]
    random.shuffle(lines)

    balance = counted(*lines)

    assert (balance.current("a"), balance.current("b")) == (["z"], ["y"])
    assert not balance.is_current("a", "")


def test_all_chains_of_a_vault_count_and_broken_lines_do_not() -> None:
    bob = Bob()
    bob.remember("Tea.")
    bob.on(FakeMachine(2)).remember("Coffee.")
    path = next(path for path in bob.vault.files if path.endswith(".jsonl"))
    bob.vault.write(path, b"broken\n" + bob.vault.files[path] + b"half")

    assert len(read_balance(bob.vault).identities()) == 2
    assert chain.parsed(bob.vault.files[path].splitlines()[1])["n"] == 1
