"""What a command leaves in this machine's audit chain."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest

from smos_cli.core import chain
from smos_cli.core.audit import Entry, checkpoint, drop, read_salts, write
from smos_cli.core.auditing import Mark
from smos_cli.core.changes import Touched
from smos_cli.errors import StorageError
from tests.core.bob import Bob
from tests.fakes import FakeMachine
from tests.samples import identity

ONE, TWO = identity(1), identity(2)
PATH = "memories/2025/11/ttl.md"
MONTH = 31 * 86_400_000


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def folder(bob: Bob) -> str:
    return f"{bob.vault.base}audit/{bob.machine.name()}"


def lines(bob: Bob) -> list[dict[str, Any]]:
    """Return every line of the chain, the files in their order."""
    parts = chain.parts(bob.vault.names(folder(bob)))
    data = b"".join(bob.vault.files[f"{folder(bob)}/{part.name}.jsonl"] for part in parts)
    return [json.loads(line) for line in data.splitlines()]


def said(bob: Bob, verb: str, *touched: Touched, ids: Sequence[str] = ()) -> list[str]:
    return write(bob.ports, Entry(verb, touched, ids))


def mac(bob: Bob, one: str, text: str) -> str:
    salt = read_salts(bob.vault).of(one)
    assert salt
    return salt.mac(digest(text))


@pytest.fixture
def bob() -> Bob:
    return Bob()


class TestALine:
    def test_it_says_who_did_what_to_which_bodies(self) -> None:
        bob = Bob(actor="marta", door="chat")

        said(bob, "remember", Touched(ONE, PATH, "", digest("tea")), ids=[ONE])

        assert lines(bob) == [
            {
                "actor": "marta",
                "bodies": [[ONE, "", mac(bob, ONE, "tea")]],
                "door": "chat",
                "n": 1,
                "prev": "",
                "time": "2025-11-18T12:00:00Z",
                "v": 1,
                "verb": "remember",
            }
        ]

    def test_it_names_the_line_before_it(self, bob: Bob) -> None:
        said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))
        (first,) = bob.vault.files[f"{folder(bob)}/2025-11.jsonl"].splitlines()
        said(bob, "edit", Touched(ONE, PATH, digest("tea"), digest("coffee")))

        second = lines(bob)[1]
        assert (second["n"], second["prev"]) == (2, sha256(first).hexdigest())
        assert second["bodies"] == [[ONE, mac(bob, ONE, "tea"), mac(bob, ONE, "coffee")]]

    def test_it_holds_neither_path_nor_text(self, bob: Bob) -> None:
        bob.remember("The cache TTL is 10 seconds.")

        data = bob.vault.files[f"{folder(bob)}/2025-11.jsonl"]
        assert b"memories" not in data
        assert b"cache" not in data.lower()

    def test_ids_without_a_body_are_named_beside(self, bob: Bob) -> None:
        said(bob, "forget", Touched(ONE, PATH, "", digest("tea")), ids=[ONE, TWO])

        assert lines(bob)[0]["ids"] == [TWO]

    def test_a_file_that_only_moved_is_not_named(self, bob: Bob) -> None:
        said(bob, "undo", Touched(ONE, PATH, digest("tea"), digest("tea")))

        assert lines(bob)[0]["bodies"] == []

    def test_a_file_that_was_there_before_the_chain_enters_first(self, bob: Bob) -> None:
        said(bob, "edit", Touched(ONE, PATH, digest("tea"), digest("coffee")))

        tea, coffee = mac(bob, ONE, "tea"), mac(bob, ONE, "coffee")
        assert lines(bob)[0]["bodies"] == [[ONE, "", tea], [ONE, tea, coffee]]

    def test_a_file_without_an_id_has_a_token_by_its_path(self, bob: Bob) -> None:
        said(bob, "import", Touched("", "notes/a b.md", "", digest("tea")))
        said(bob, "import", Touched("", "notes/a b.md", digest("tea"), digest("coffee")))

        token = read_salts(bob.vault).token("notes/a b.md")
        assert [body[0] for line in lines(bob) for body in line["bodies"]] == [token, token]

    def test_one_that_gets_an_id_leaves_its_token(self, bob: Bob) -> None:
        said(bob, "import", Touched("", PATH, "", digest("tea")))
        said(bob, "adopt", Touched(ONE, PATH, digest("tea"), digest("tea, with an id")))

        token = read_salts(bob.vault).token(PATH)
        assert lines(bob)[1]["bodies"] == [
            [token, mac(bob, token, "tea"), ""],
            [ONE, "", mac(bob, ONE, "tea, with an id")],
        ]

    def test_a_memory_in_the_place_of_a_file_without_an_id_is_a_new_one(self, bob: Bob) -> None:
        said(bob, "outside", Touched("", PATH, "", digest("tea")))
        said(bob, "outside", Touched("", PATH, digest("tea")))
        said(bob, "import", Touched(ONE, PATH, "", digest("coffee")))

        assert lines(bob)[2]["bodies"] == [[ONE, "", mac(bob, ONE, "coffee")]]

    def test_a_large_import_has_several(self, bob: Bob) -> None:
        touched = [Touched(identity(n), f"{n}.md", "", digest(str(n))) for n in range(chain.MOST_BODIES + 1)]

        said(bob, "import", *touched)

        assert [len(line["bodies"]) for line in lines(bob)] == [chain.MOST_BODIES, 0, 1]
        assert [line["verb"] for line in lines(bob)] == ["import", "checkpoint", "import"]

    def test_in_an_adopted_folder_it_is_below_smos(self) -> None:
        bob = Bob(base="smos/")

        paths = said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))

        assert all(path.startswith(f"smos/audit/{bob.machine.name()}/") for path in paths)


class TestFiles:
    def test_the_files_that_were_written_are_told(self, bob: Bob) -> None:
        first = said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))
        second = said(bob, "edit", Touched(ONE, PATH, digest("tea"), digest("coffee")))

        names = [path.removeprefix(f"{folder(bob)}/") for path in first]
        assert names == ["key.pub", "2025-11.salts", "2025-11.jsonl"]
        assert second == [f"{folder(bob)}/2025-11.jsonl"]

    def test_the_key_lies_beside_them(self, bob: Bob) -> None:
        bob.remember("Tea.")

        key = bytes.fromhex(bob.file(f"{folder(bob)}/key.pub"))
        assert chain.machine_of(key) == bob.machine.name()

    def test_a_new_month_begins_a_file_with_a_checkpoint(self, bob: Bob) -> None:
        bob.remember("Tea.")
        bob.clock.milliseconds += MONTH
        bob.remember("Coffee.")

        assert [line["verb"] for line in lines(bob)] == ["remember", "checkpoint", "remember"]
        assert len(bob.vault.files[f"{folder(bob)}/2025-12.jsonl"].splitlines()) == 2
        assert bob.file(f"{folder(bob)}/2025-12.salts").count("\n") == 1

    def test_a_full_file_is_followed_by_another(self, bob: Bob) -> None:
        for _ in range(chain.MOST_LINES + 2):
            said(bob, "undo")

        assert len(bob.vault.files[f"{folder(bob)}/2025-11.jsonl"].splitlines()) == chain.MOST_LINES
        assert len(bob.vault.files[f"{folder(bob)}/2025-11-2.jsonl"].splitlines()) == 3
        assert [line["n"] for line in lines(bob)] == [*range(1, chain.MOST_LINES + 4)]

    def test_an_empty_file_is_gone_on_with(self, bob: Bob) -> None:
        said(bob, "undo")
        bob.vault.write(f"{folder(bob)}/2025-11-2.jsonl", b"")
        said(bob, "undo")

        assert [line["n"] for line in lines(bob)] == [1, 2]

    def test_nothing_is_written_on_a_full_disk(self, bob: Bob) -> None:
        bob.vault.full = True

        with pytest.raises(StorageError):
            said(bob, "undo")


class TestSalts:
    def test_one_that_another_machine_made_is_used(self, bob: Bob) -> None:
        said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))
        carl = bob.on(FakeMachine(2))

        said(carl, "edit", Touched(ONE, PATH, digest("tea"), digest("coffee")))

        assert len(list(read_salts(carl.vault).all_of(ONE))) == 1
        assert lines(carl)[0]["bodies"] == [[ONE, mac(bob, ONE, "tea"), mac(bob, ONE, "coffee")]]

    def test_what_is_erased_loses_its_salt_on_every_machine(self, bob: Bob) -> None:
        said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))
        said(bob, "remember", Touched(TWO, "b.md", "", digest("milk")))
        carl = bob.on(FakeMachine(2))

        paths = said(carl, "erase", Touched(ONE, PATH, digest("tea")), ids=[ONE])

        assert f"{folder(bob)}/2025-11.salts" in paths
        assert list(read_salts(carl.vault).identities()) == [TWO]

    def test_what_an_erasure_only_changed_keeps_it(self, bob: Bob) -> None:
        said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))

        said(
            bob,
            "erase",
            Touched(ONE, PATH, digest("tea"), digest("milk")),
            Touched(TWO, "b.md", digest("x")),
            ids=[TWO],
        )

        assert list(read_salts(bob.vault).identities()) == [ONE]

    def test_those_of_ids_can_be_taken_out(self, bob: Bob) -> None:
        said(bob, "remember", Touched(ONE, PATH, "", digest("tea")))

        assert drop(bob.ports, {ONE}) == [f"{folder(bob)}/2025-11.salts"]
        assert drop(bob.ports, {ONE}) == []


class TestCheckpoints:
    def test_one_is_signed_and_kept_in_home(self, bob: Bob) -> None:
        bob.remember("Tea.")

        assert checkpoint(bob.ports) == [f"{folder(bob)}/2025-11.jsonl"]

        line = lines(bob)[1]
        data = chain.signed_part(bob.machine.name(), line)
        assert bob.machine.genuine(bob.machine.public_key(), data, bytes.fromhex(line["sig"]))
        assert bob.machine.marks().checkpoint == Mark(2, chain.digest_of(chain.canonical(line)))

    def test_without_a_chain_there_is_nothing_to_sign(self, bob: Bob) -> None:
        assert checkpoint(bob.ports) == []
        assert bob.vault.names("audit") == []


class TestHome:
    def test_it_knows_how_far_the_chain_came(self, bob: Bob) -> None:
        bob.remember("Tea.")
        (line,) = lines(bob)

        assert bob.machine.marks().head == Mark(1, chain.digest_of(chain.canonical(line)))

    def test_what_was_cut_off_is_noted_before_the_chain_goes_on(self, bob: Bob) -> None:
        bob.remember("Tea.")
        bob.remember("Coffee.")
        head = bob.machine.marks().head
        path = f"{folder(bob)}/2025-11.jsonl"
        bob.vault.write(path, bob.vault.files[path].splitlines(keepends=True)[0])

        bob.remember("Milk.")

        assert bob.machine.marks().lost == (head,)
        assert [line["n"] for line in lines(bob)] == [1, 2]

    def test_a_hint_that_lags_behind_is_no_loss(self, bob: Bob) -> None:
        bob.remember("Tea.")
        early = bob.machine.marks()
        bob.remember("Coffee.")
        bob.machine.noted = early
        bob.remember("Milk.")

        assert bob.machine.marks().lost == ()


def test_the_salts_of_a_large_command_are_spread_over_the_files_of_its_lines() -> None:
    bob = Bob()
    many = [Touched(identity(n), f"memories/{n}.md", after=digest(str(n))) for n in range(1, 4_003)]

    said(bob, "import", *many)

    sizes = [len(data) for path, data in bob.vault.files.items() if path.endswith(".salts")]
    assert len(sizes) == 3
    assert max(sizes) < 2 * min(sizes)
    salts = read_salts(bob.vault)
    assert all(salts.of(one.identity) for one in many)
