"""A vault imported as a folder gives its memories and episodes, but not its own files, nor what was forgotten there."""

from __future__ import annotations

import pytest

from smos_cli.core.episode import Turn
from smos_cli.core.importing import Imported, import_source
from smos_cli.core.markdown import parse
from smos_cli.core.ports import Problem
from tests.core.bob import EPISODE, EPISODE_PATH, Bob, FakeSource, conversation
from tests.samples import episode_file, identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."
CARD = b"---\nformat: 1\n---\n# Bob\n"
OWN = "it belongs to the vault it lies in"


def take(into: Bob, files: dict[str, bytes]) -> Imported:
    done = import_source(into.ports, FakeSource(documents=files, name="bob"))
    assert done.seen == done.stored + done.duplicates + done.skipped + done.failed
    return done


def vault(**others: bytes) -> dict[str, bytes]:
    """Return a vault that forgot the third turn of its conversation."""
    files = {
        **conversation(),
        "memories/hector.md": memory_file(3, "The old server is gone.", session=f"{EPISODE}#^t3"),
        "memories/ttl.md": memory_file(1, TTL),
        "memories/dropped.md": b"Nobody gave me an id.\n",
        "README.md": b"About this folder.\n",
        "audit/x/2026-11.md": b"A record.\n",
        "notes/garden.md": b"Roses.\n",
        "roses.md": b"Red.\n",
        **others,
    }
    bob = Bob(files)
    bob.forget(identity(3))
    bob.vault.files["PERSONA.md"] = CARD
    return {path: bob.vault.files[path] for path in ("PERSONA.md", *bob.paths(), ".tombstones")}


@pytest.fixture
def carl() -> Bob:
    return Bob()


class VaultSource(FakeSource):
    """A folder in which hidden files can be read but are not found."""

    def documents(self):  # type: ignore[no-untyped-def]
        return (path for path in super().documents() if not path.rpartition("/")[2].startswith("."))


def take_vault(into: Bob, files: dict[str, bytes], below: str = "") -> Imported:
    return import_source(into.ports, VaultSource(documents={below + path: data for path, data in files.items()}))


@pytest.mark.parametrize("below", ["", "vaults/bob/", "smos/"])
def test_each_file_is_what_it_was_there(carl: Bob, below: str) -> None:
    take_vault(carl, vault(), below)

    assert carl.texts() == ["Nobody gave me an id.", TTL]
    assert [path.rsplit("/", 1)[0] for path in carl.paths("episodes/")] == ["episodes/2025/11"]
    assert carl.paths("notes/") == [f"notes/{below}garden.md", f"notes/{below}roses.md"]


def test_its_own_files_stay_out_for_that_reason(carl: Bob) -> None:
    done = take_vault(carl, vault())

    assert [p.where for p in done.problems if p.reason == OWN] == ["PERSONA.md", "README.md", "audit/x/2026-11.md"]
    assert done.skipped == 3


@pytest.mark.parametrize("below", ["", "vaults/bob/"])
def test_what_was_forgotten_there_is_not_learnt_here(carl: Bob, below: str) -> None:
    done = take_vault(carl, vault(), below)

    (path,) = carl.paths("episodes/")
    assert "Hector" not in "".join(data.decode() for data in carl.vault.files.values())
    assert "^t2" in carl.file(path)
    assert Problem(below + EPISODE_PATH, "1 of its turns were forgotten where it comes from, and left out") in (
        done.problems
    )


def test_an_episode_of_which_nothing_was_forgotten_is_copied_byte_for_byte(carl: Bob) -> None:
    take_vault(carl, {**conversation(), "PERSONA.md": CARD})

    assert carl.vault.files[carl.paths("episodes/")[0]] == conversation()[EPISODE_PATH]


def test_the_same_vault_again_stores_nothing(carl: Bob) -> None:
    take_vault(carl, vault())
    before = dict(carl.vault.files)
    carl.clock.milliseconds += 86_400_000

    done = take_vault(carl, vault())

    assert (done.stored, done.skipped, done.failed) == (0, 3, 0)
    assert carl.vault.files == before


def test_an_episode_lies_anywhere_and_is_told_by_its_session_and_its_turns(carl: Bob) -> None:
    data = episode_file(7, [Turn("Marta", "Hi.", "2025-11-25T10:00:00Z")], session="s1")

    take(carl, {"talks/monday.md": data})

    assert len(carl.paths("episodes/")) == 1
    assert carl.texts() == []


def test_an_episode_that_has_grown_apart_is_skipped_for_that_reason(carl: Bob) -> None:
    take_vault(carl, {**conversation(), "PERSONA.md": CARD})

    done = take_vault(carl, {EPISODE_PATH: conversation()[EPISODE_PATH] + b"\nMore.\n", "PERSONA.md": CARD})

    assert (done.stored, done.skipped) == (0, 2)
    assert done.problems[0].reason.startswith("that conversation is here")


def test_episodes_can_be_kept_out() -> None:
    carl = Bob(episodes="off")

    take_vault(carl, {**conversation(), "PERSONA.md": CARD})

    assert carl.paths() == []


@pytest.mark.parametrize("path", ["memories/diary.md", "episodes/one.md", "audit/2026.md", "PERSONA.md", "README.md"])
def test_in_a_folder_that_is_no_vault_the_same_names_mean_nothing(carl: Bob, path: str) -> None:
    take(carl, {path: b"Dear diary.\n"})

    assert carl.paths("notes/") == [f"notes/{path}"]


def test_a_memory_whose_id_is_here_with_another_text_is_skipped_for_that_reason(carl: Bob) -> None:
    take(carl, {"a.md": memory_file(1, TTL)})

    done = take(carl, {"a.md": memory_file(1, TEA)})

    assert (done.stored, done.skipped, done.problems) == (0, 1, [("a.md", "what has its id here has another text")])


def test_another_programs_ulid_and_status_make_a_note(carl: Bob) -> None:
    data = f"---\nid: {identity(1)}\nstatus: in-progress\n---\nA task.\n".encode()

    done = take(carl, {"task.md": data})

    assert (done.stored, done.failed) == (1, 0)
    assert carl.vault.files["notes/task.md"] == data


def test_two_notes_for_one_place_are_not_written_over_each_other(carl: Bob) -> None:
    done = take(carl, {"PERSONA.md": CARD, "a.md": b"One.\n", "notes/a.md": b"Two.\n"})

    assert (done.stored, done.skipped) == (1, 2)
    assert carl.vault.files["notes/a.md"] == b"One.\n"


def test_a_name_that_is_not_utf8_can_be_printed(carl: Bob) -> None:
    source = FakeSource(documents={"caf\udce9.md": b"x"})
    source.unreadable.add("caf\udce9.md")

    assert [problem.where for problem in import_source(carl.ports, source).problems] == ["caf\\xe9.md"]


def test_what_is_not_looked_into_is_counted_with_its_reason(carl: Bob) -> None:
    class Linked(FakeSource):
        def documents(self):  # type: ignore[no-untyped-def]
            yield Problem("a.md", "it is a link")

    done = import_source(carl.ports, Linked())

    assert (done.seen, done.skipped, done.problems) == (1, 1, [("a.md", "it is a link")])


def test_an_id_that_is_made_for_a_memory_of_a_vault_changes_nothing_else(carl: Bob) -> None:
    take(carl, {"PERSONA.md": CARD, "memories/tea.md": b"---\nmood: good\n---\n\nTea.\r\n"})

    (path,) = carl.paths("memories/")
    document = parse(carl.vault.files[path])
    assert (document.fields["mood"], document.body) == ("good", "\nTea.\n")


def test_a_file_that_says_just_what_was_forgotten_is_skipped_for_that_reason(carl: Bob) -> None:
    carl.vault.write("memories/ttl.md", memory_file(1, TTL))
    carl.forget(identity(1))

    done = take(carl, {"a.md": f"{TTL}\n".encode()})

    assert (done.stored, done.skipped) == (0, 1)
