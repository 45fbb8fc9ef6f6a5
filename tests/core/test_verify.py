"""What ``audit verify`` finds: every kind of tampering, and edits outside that are none."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from smos_cli.core import chain
from smos_cli.core.audit import checkpoint
from smos_cli.core.auditing import Marks
from smos_cli.core.changes import Touched
from smos_cli.core.finding import Finding
from smos_cli.core.verify import Counts, verify
from smos_cli.errors import IndexBusyError
from tests.core.bob import Bob
from tests.core.kept import kept
from tests.core.test_audit import MONTH, folder, said
from tests.fakes import FakeMachine
from tests.samples import identity, memory_file

Lines = list[bytes]


def chain_path(bob: Bob) -> str:
    return f"{folder(bob)}/2025-11.jsonl"


def tamper(bob: Bob, change: Callable[[Lines], Lines]) -> None:
    """Change the lines of the chain, each with its newline."""
    path = chain_path(bob)
    bob.vault.write(path, b"".join(change(bob.vault.files[path].splitlines(keepends=True))))


def problems(bob: Bob) -> list[Finding]:
    return [finding for finding in verify(bob.ports).findings if finding.level == "problem"]


def the_problem(bob: Bob) -> tuple[str, str]:
    """Return the one problem: the line it is at (or the file), and what it is."""
    (found,) = problems(bob)
    return found.where.removeprefix(f"{chain_path(bob)}:").removeprefix(f"{folder(bob)}/"), found.what


def notes(bob: Bob) -> list[tuple[str, str]]:
    return [(one.where, one.what) for one in verify(bob.ports).findings if one.level == "note"]


def alone(bob: Bob) -> Bob:
    """Return the persona on a machine that knows nothing of the chain but what lies in the vault."""
    return bob.on(FakeMachine(9)).with_history(Bob().history, Bob().ports.past)


@pytest.fixture
def bob() -> Bob:
    """A chain of five lines: three memories, an edit outside, a forgotten one."""
    made = kept()
    past: Any = made.ports.past
    past.save_all()
    memories = [made.remember(text).memory for text in ("Tea is at four.", "The TTL is 10 s.", "Marta is in Oslo.")]
    made.vault.write(memories[1].path, made.vault.files[memories[1].path] + b"\nMore.\n")
    made.forget(memories[0].id)
    return made


class TestASoundChain:
    def test_nothing_is_wrong_and_all_is_counted(self, bob: Bob) -> None:
        checkpoint(bob.ports)

        found = verify(bob.ports)

        assert found.findings == []
        assert found.counts == Counts(chains=1, lines=6, bodies=5, checkpoints=1, erased=0)

    def test_nothing_is_written(self, bob: Bob) -> None:
        before = dict(bob.vault.files)

        verify(bob.ports)

        assert bob.vault.files == before

    def test_a_vault_without_one_has_nothing_wrong(self) -> None:
        assert verify(Bob().ports).findings == []

    def test_it_goes_on_through_months_and_machines(self, bob: Bob) -> None:
        bob.clock.milliseconds += MONTH
        bob.remember("Coffee is at nine.")
        carl = bob.on(FakeMachine(2))
        carl.remember("Milk is at ten.")

        assert verify(bob.ports).findings == verify(carl.ports).findings == []
        assert verify(carl.ports).counts.chains == 2

    def test_memories_made_before_it_are_one_note(self, bob: Bob) -> None:
        bob.vault.write("memories/a.md", memory_file(1, "One."))
        bob.vault.write("memories/b.md", b"Two.\n")

        (note,) = notes(bob)
        assert note == ("memories", "2 memories that no line names, made before the chain began.")

    def test_without_a_history_the_rest_is_looked_at(self, bob: Bob) -> None:
        assert notes(alone(bob)) == [("history", "The history was not looked at: No history is kept.")]


class TestTampering:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'"actor":""', b'"actor":"eve"'),
            (b"remember", b"rememder"),
            (b"T12:00:00Z", b"T12:00:01Z"),
            (b'"n":2', b'"n":7'),
            (b'"v":1', b'"v":2'),
            (b'{"', b'{ "'),
            (b"}", b""),
        ],
    )
    def test_a_changed_byte_is_found_where_it_is(self, bob: Bob, old: bytes, new: bytes) -> None:
        tamper(bob, lambda lines: [lines[0], lines[1].replace(old, new, 1), *lines[2:]])

        where, what = the_problem(bob)
        assert (where, what.split(":")[0]) == ("2", "It was changed")
        assert the_problem(alone(bob)) == (f"{chain_path(bob)}:2", what)

    def test_one_in_the_first_line_too(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [lines[0].replace(b'"prev":""', b'"prev":"0"'), *lines[1:]])

        assert the_problem(bob) == ("1", "It was changed: it is the first line, and names one before it.")

    def test_one_in_what_a_line_names_is_found_there(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [*lines[:2], lines[2].replace(b'"prev":"', b'"prev":"0'), *lines[3:]])

        assert the_problem(bob) == ("3", "It was changed: neither the line before it nor the one after it fits.")

    def test_one_in_the_last_line_is_known_at_home(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [*lines[:-1], lines[-1].replace(b'"actor":""', b'"actor":"eve"')])

        assert the_problem(bob) == ("5", "It was changed: it is not the line 5 that was written here.")

    def test_one_in_a_body_is_found(self, bob: Bob) -> None:
        body = chain.parsed(bob.vault.files[chain_path(bob)].splitlines()[0])["bodies"][0][2].encode()
        tamper(bob, lambda lines: [lines[0].replace(body, body[::-1]), *lines[1:]])

        assert the_problem(bob) == ("1", "It was changed: the line after it names another one.")

    def test_a_line_that_was_taken_out_of_the_middle_is_missing(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [lines[0], *lines[2:]])

        assert the_problem(bob) == ("2", "Line 2 is missing before it.")

    def test_so_are_several(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [lines[0], *lines[3:]])

        assert the_problem(bob) == ("2", "Lines 2 to 3 are missing before it.")

    def test_lines_that_were_swapped_stand_in_the_wrong_place(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [lines[0], lines[2], lines[1], *lines[3:]])

        what = "It stands in the wrong place: line 2 has to come here, and this is 3."
        assert the_problem(bob) == ("2", what)

    def test_a_line_that_stands_there_twice_does_too(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [*lines[:2], lines[1], *lines[2:]])

        assert the_problem(bob)[1].startswith("It stands in the wrong place")

    def test_a_line_of_another_month_can_not_be_in_a_file(self, bob: Bob) -> None:
        bob.clock.milliseconds += MONTH
        bob.remember("Coffee.")
        later = f"{folder(bob)}/2025-12.jsonl"
        data = bob.vault.files[later]
        bob.vault.delete(later)
        tamper(bob, lambda lines: [*lines, data])

        assert the_problem(alone(bob))[1] == "It was changed: a line of 2025-12 can't be in this file."

    def test_a_file_in_the_middle_that_is_gone_is_missing(self, bob: Bob) -> None:
        for _ in range(2):
            bob.clock.milliseconds += MONTH
            bob.remember(f"Coffee at {bob.clock.milliseconds}.")
        bob.vault.delete(f"{folder(bob)}/2025-12.jsonl")

        assert the_problem(bob)[1] == "Lines 6 to 7 are missing before it."

    def test_half_a_line_at_the_end_is_no_forgery(self, bob: Bob) -> None:
        tamper(bob, lambda lines: [*lines, b'{"actor":'])

        assert problems(bob) == []
        assert notes(bob)[0][1] == "It is half a line: a power cut came while it was written."

    def test_in_an_earlier_file_it_is(self, bob: Bob) -> None:
        bob.clock.milliseconds += MONTH
        bob.remember("Coffee.")
        tamper(bob, lambda lines: [*lines[:-1], lines[-1][:-9]])

        assert the_problem(bob)[1] == "Line 5 is missing before it."

    def test_another_key_is_not_that_of_the_folder(self, bob: Bob) -> None:
        bob.vault.write(f"{folder(bob)}/key.pub", FakeMachine(2).public_key().hex().encode() + b"\n")

        assert the_problem(bob) == ("key.pub", "It is not the key that its folder is named by.")

    def test_a_key_that_is_gone_is_missed(self, bob: Bob) -> None:
        bob.vault.delete(f"{folder(bob)}/key.pub")

        assert the_problem(bob) == ("key.pub", "The public key is not there.")

    def test_of_files_without_an_id_they_may_have_gone_with_an_erased_memory(self, bob: Bob) -> None:
        bob.vault.write("notes/a.md", b"Mine.\n")
        bob.remember("Coffee.")
        salts = f"{folder(bob)}/2025-11.salts"
        bob.vault.write(salts, b"".join(line for line in bob.vault.files[salts].splitlines(True) if b".md" not in line))
        (missed,) = problems(bob)

        bob.vault.write(".tombstones", f"erased {identity(9)}\n".encode())

        assert "The salt of" in missed.what
        assert problems(bob) == []

    def test_salts_that_are_gone_are_missed(self, bob: Bob) -> None:
        bob.vault.delete(f"{folder(bob)}/2025-11.salts")

        assert all("The salt of" in found.what for found in problems(bob))
        assert len(problems(bob)) == 3

    def test_of_each_chain_the_first_break_is_told(self, bob: Bob) -> None:
        carl = bob.on(FakeMachine(2))
        carl.remember("Milk.")
        carl.remember("Coffee.")
        tamper(bob, lambda lines: [*lines[1:3], lines[4]])
        tamper(carl, lambda lines: lines[1:])

        assert len(problems(bob)) == 2


class TestTruncation:
    def test_behind_a_checkpoint_home_knows(self, bob: Bob) -> None:
        checkpoint(bob.ports)
        bob.machine.noted = bob.machine.noted._replace(head=None)
        tamper(bob, lambda lines: lines[:-1])

        what = "The chain is truncated: line 6 was signed here, and this is the last."
        assert the_problem(bob) == ("5", what)

    def test_between_checkpoints_home_knows_the_last_line(self, bob: Bob) -> None:
        tamper(bob, lambda lines: lines[:-2])

        what = "The chain is truncated: line 5 was written here, and this is the last."
        assert the_problem(bob) == ("3", what)

    def test_it_is_still_known_when_the_chain_went_on(self, bob: Bob) -> None:
        tamper(bob, lambda lines: lines[:-2])
        bob.remember("Coffee.")
        bob.remember("Milk.")
        bob.remember("Water.")

        assert "was truncated or changed before it went on: line 5" in problems(bob)[0].what

    def test_where_home_knows_nothing_the_history_does(self, bob: Bob) -> None:
        bob.machine.noted = Marks()
        tamper(bob, lambda lines: lines[:-1])

        where, what = the_problem(bob)
        assert where == "2025-11.jsonl"
        assert what.startswith("It is truncated: commit ")

    def test_the_history_also_knows_a_file_that_is_gone(self, bob: Bob) -> None:
        bob.machine.noted = Marks()
        for path in [path for path in bob.vault.files if path.startswith("audit/")]:
            bob.vault.delete(path)

        assert the_problem(bob)[1].startswith("The file is gone, with the lines that commit ")

    def test_a_chain_that_is_gone_is_known_at_home(self, bob: Bob) -> None:
        here = bob.with_history(Bob().history, Bob().ports.past)
        for path in [path for path in bob.vault.files if path.startswith("audit/")]:
            bob.vault.delete(path)

        assert [found.what for found in problems(here)] == [
            "The chain is truncated: line 5 was written here, and this is the last."
        ]


class TestARewrittenChain:
    @staticmethod
    def rewrite(bob: Bob) -> None:
        """Write the whole chain anew with another actor and fitting hashes, as one can who lacks the key."""

        def anew(lines: Lines) -> Lines:
            made: Lines = []
            digest = ""
            for line in lines:
                fields = {**chain.parsed(line), "actor": "eve", "prev": digest}
                made.append(chain.canonical(fields) + b"\n")
                digest = chain.digest_of(made[-1])
            return made

        tamper(bob, anew)

    def test_its_signatures_are_forged(self, bob: Bob) -> None:
        checkpoint(bob.ports)
        bob.remember("Milk.")
        self.rewrite(bob)

        what = "Its signature is forged: it was not made with the key of this chain."
        assert the_problem(alone(bob)) == (f"{chain_path(bob)}:6", what)

    def test_one_that_was_left_out_is_forged_too(self, bob: Bob) -> None:
        checkpoint(bob.ports)
        bob.remember("Milk.")
        tamper(bob, lambda lines: [*lines[:5], lines[5].replace(b'"sig":"', b'"gis":"'), *lines[6:]])

        assert the_problem(bob)[0] == "6"

    def test_without_a_signature_home_knows(self, bob: Bob) -> None:
        self.rewrite(bob)

        assert the_problem(bob) == ("5", "It was changed: it is not the line 5 that was written here.")

    def test_without_both_the_history_knows(self, bob: Bob) -> None:
        bob.machine.noted = Marks()
        self.rewrite(bob)

        where, what = the_problem(bob)
        assert where == "1"
        assert what.startswith("It was changed: commit ")


class TestBodies:
    def test_one_that_was_changed_outside_is_no_forgery(self, bob: Bob) -> None:
        path = bob.paths("memories/")[0]
        bob.vault.write(path, bob.vault.files[path] + b"\nMore.\n")

        assert problems(bob) == []
        assert notes(bob) == [(path, "It was changed outside smos, and no line tells of that yet.")]

    def test_neither_is_one_that_was_deleted_outside(self, bob: Bob) -> None:
        memory = bob.remember("Coffee is at nine.").memory
        bob.vault.delete(memory.path)

        assert problems(bob) == []
        assert notes(bob) == [(memory.id, "It was deleted outside smos, and no line tells of that yet.")]

    def test_nor_one_that_came_back(self, bob: Bob) -> None:
        trashed = next(path for path in bob.vault.files if path.startswith(".trash/"))
        bob.vault.write("memories/back.md", bob.vault.files[trashed])

        assert notes(bob) == [("memories/back.md", "It was changed outside smos, and no line tells of that yet.")]

    def test_an_edit_before_a_change_that_no_line_tells_of_is_a_note(self) -> None:
        bob = Bob()
        memory = bob.remember("Coffee is at nine.").memory
        bob.vault.write(memory.path, bob.vault.files[memory.path] + b"\nMore.\n")
        bob.forget(memory.id)

        what = "It was changed outside smos once, before a later change, and no line tells of that."
        assert (memory.id, what) in notes(bob)

    def test_what_was_erased_is_accepted(self, bob: Bob) -> None:
        memory = bob.remember("A secret.").memory
        one = sha256(bob.vault.files[memory.path]).hexdigest()
        bob.vault.delete(memory.path)
        bob.vault.files[".tombstones"] += f"erased {memory.id}\n".encode()
        said(bob, "erase", Touched(memory.id, memory.path, one), ids=[memory.id])
        bob.history.past.save_all()

        found = verify(bob.ports)
        assert found.findings == []
        assert found.counts.erased == 1

    def test_an_erased_id_that_has_a_file_is_a_problem(self, bob: Bob) -> None:
        bob.vault.files[".tombstones"] += f"erased {identity(1)}\n".encode()
        bob.vault.write("memories/back.md", memory_file(1, "A secret."))

        (found,) = problems(bob)
        assert (found.where, found.what) == ("memories/back.md", "It was erased, and is here again.")

    def test_one_that_can_not_be_read_is_a_problem(self, bob: Bob) -> None:
        path = bob.paths("memories/")[0]
        bob.vault.unreadable.add(path)

        assert path in [found.where for found in problems(bob)]

    def test_bodies_that_were_never_committed_are_counted(self) -> None:
        bob = kept()
        bob.history.off = True
        memory = bob.remember("Coffee is at nine.").memory
        bob.forget(memory.id)

        assert notes(bob)[-1] == ("history", "1 body of those that lines name can't be found in the history.")


class TestWhileOthersWrite:
    def test_what_looks_wrong_is_looked_at_again_when_nobody_writes(self, bob: Bob) -> None:
        path = bob.paths("memories/")[0]
        data = bob.vault.files[path]
        bob.vault.write(path, data + b"half")
        lock = bob.vault.lock

        def given_up() -> Any:
            bob.vault.write(path, data)
            return lock()

        bob.vault.lock = given_up

        assert verify(bob.ports).findings == []

    def test_a_lock_that_is_never_given_up_is_told(self, bob: Bob) -> None:
        tamper(bob, lambda lines: lines[1:])

        with bob.vault.lock(), pytest.raises(IndexBusyError):
            verify(bob.ports)
