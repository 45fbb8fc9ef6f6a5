"""Our own files merged: tombstones, salts and audit chains."""

from __future__ import annotations

from smos_cli.core.merging.documents import Versions
from smos_cli.core.merging.own import fork_name, longer_chain, merge_salts, merge_tombstones

KEY = b"# What was forgotten.\nkey ab\n"


def tombstones(base: bytes | None, early: bytes, late: bytes) -> bytes:
    return merge_tombstones(Versions(base, early, late))


def test_tombstones_of_both_sides_are_all_there_and_what_was_restored_is_not() -> None:
    base = KEY + b"forgotten A 1\nforgotten B 2\n"
    assert tombstones(base, KEY + b"forgotten B 2\nforgotten C 3\n", base + b"forgotten D 4\n") == (
        KEY + b"forgotten B 2\nforgotten C 3\nforgotten D 4\n"
    )


def test_what_says_that_something_was_erased_is_never_taken_out() -> None:
    base = KEY + b"erased A\nmasked B#t1\nmasked B#t2 erased\n"
    assert tombstones(base, KEY, base) == KEY + b"erased A\nmasked B#t2 erased\n"


def test_of_what_was_erased_no_hash_of_its_text_stays() -> None:
    assert tombstones(KEY, KEY + b"forgotten A 1\n", KEY + b"erased A\n") == KEY + b"erased A\n"


def test_two_keys_are_both_kept() -> None:
    assert tombstones(None, b"key ab\nforgotten A 1\n", b"key cd\n") == b"key ab\nforgotten A 1\nkey cd\n"


def test_tombstones_that_are_alike_stay_as_they_are() -> None:
    odd = KEY + b"\n\nwhat is this\xff\n"
    assert tombstones(KEY, odd, odd) == odd


def test_salts_are_all_there_but_those_of_what_was_erased_or_was_taken_out() -> None:
    base = b"A 11\ntoken 22 path\n"
    merged = merge_salts(Versions(base, b"A 11\nB 33\n", base + b"C 44\n"), {"A"})
    assert merged == b"B 33\nC 44\n"


def test_a_chain_that_goes_on_from_the_other_is_taken() -> None:
    assert longer_chain(Versions(b"1\n", b"1\n2\n3\n", b"1\n2\n")) == b"1\n2\n3\n"
    assert longer_chain(Versions(b"1\n", b"1\n2\n", b"1\n3\n")) is None


def test_the_second_chain_of_a_machine_is_named_by_what_it_holds() -> None:
    assert fork_name("audit/m/2026-11.jsonl", b"1\n") == "audit/m/fork-4355a46b.jsonl"
