"""The turn that a memory came from is found whatever became of its conversation, and never guessed."""

from __future__ import annotations

import pytest

from smos_cli.core.episode import Turn
from smos_cli.core.masking import masks_of
from smos_cli.core.ulid import suffix
from tests.core.bob import EPISODE, EPISODE_PATH, Bob, conversation
from tests.samples import episode_file, identity, memory_file

HECTOR = "Hector is switched off."
MASK = f"{identity(7)}#t3"
TURNS = [Turn("Marta", "One."), Turn("Bob", "Two."), Turn("Marta", HECTOR)]


def bob_with(session: str, files: dict[str, bytes] | None = None, base: str = "") -> Bob:
    """A persona with a memory that came from a turn."""
    memory = memory_file(3, "The old server is gone.", session=session)
    return Bob({**(files or conversation()), f"{base}memories/hector.md": memory}, base)


@pytest.mark.parametrize(
    "link",
    [
        EPISODE,
        f"{EPISODE}.md",
        EPISODE_PATH,
        f"another-title-{suffix(identity(7))}",
        identity(7),
        "The day of the limiter",
    ],
)
def test_a_conversation_is_found_by_its_name_the_end_of_its_id_or_an_alias(link: str) -> None:
    files = {
        EPISODE_PATH: conversation()[EPISODE_PATH].replace(b"---\n", b"---\naliases: [The day of the limiter]\n", 1)
    }
    bob = bob_with(f"{link}#^t3", files)

    bob.forget(identity(3))

    assert f"masked {MASK}\n" in bob.file(".tombstones")
    assert HECTOR not in bob.answers("Hector")


@pytest.mark.parametrize("lines", [b"kind: meeting\n", b"kind: two words\n"])
def test_a_kind_of_its_own_makes_it_no_less_a_conversation(lines: bytes) -> None:
    files = {EPISODE_PATH: conversation()[EPISODE_PATH].replace(b"---\n", b"---\n" + lines, 1)}
    bob = bob_with(f"{EPISODE}#^t3", files)

    bob.forget(identity(3))

    assert HECTOR not in bob.answers("Hector")
    assert [memory.kind for memory in bob.memories(kinds=("episode",))] == ["episode"]


def test_what_could_be_two_conversations_is_not_guessed_and_said() -> None:
    files = {"episodes/a/talk.md": episode_file(7, TURNS), "episodes/b/talk.md": episode_file(8, TURNS)}
    bob = bob_with("talk#^t3", files)

    done = bob.forget(identity(3))

    assert "masked" not in bob.file(".tombstones")
    assert done.warnings == (
        f"The turn that {identity(3)} came from could not be found, so it is still in its conversation.",
    )


def test_a_whole_path_is_never_ambiguous_nor_are_two_copies_of_one_conversation() -> None:
    talk = episode_file(7, TURNS)
    for link, files in (
        ("episodes/talk", {"episodes/talk.md": talk, "episodes/b/episodes/talk.md": episode_file(8, TURNS)}),
        ("talk", {"episodes/a/talk.md": talk, "episodes/b/talk.md": talk}),
    ):
        bob = bob_with(f"{link}#^t3", files)

        assert bob.forget(identity(3)).warnings == ()
        assert f"masked {MASK}\n" in bob.file(".tombstones")


@pytest.mark.parametrize("base", ["", "smos/"])
def test_one_without_an_id_is_masked_by_its_path_and_no_other_is(base: str) -> None:
    nameless = episode_file(7, TURNS).replace(f"id: {identity(7)}\n".encode(), b"created: 2025-11-18\n")
    files = {f"{base}episodes/our talk, 100%.md": nameless, f"{base}episodes/b.md": nameless}
    bob = bob_with("our talk, 100%#^t3", files, base)

    bob.forget(identity(3))

    assert f"masked {base}episodes/our%20talk%2C%20100%25.md#t3\n" in bob.file(f"{base}.tombstones")
    assert bob.answers("Hector").count(HECTOR) == 1
    bob.restore(identity(3))
    assert bob.answers("Hector").count(HECTOR) == 2


def test_a_memory_or_a_note_of_that_name_is_no_conversation() -> None:
    bob = bob_with(
        "talk#^t3", {"memories/talk.md": memory_file(9, HECTOR, kind="episode"), "notes/talk.md": b"A note.\n"}
    )

    assert len(bob.forget(identity(3)).warnings) == 1
    assert "masked" not in bob.file(".tombstones")


def test_the_turn_stays_out_when_its_conversation_was_forgotten_first_and_comes_back() -> None:
    bob = bob_with(f"{EPISODE}#^t3")
    bob.forget(identity(7))
    bob.forget(identity(3))

    bob.restore(identity(7))

    assert HECTOR not in bob.answers("Hector")
    assert len(bob.answers("limiter")) == 2


@pytest.mark.parametrize("session", ["", EPISODE, "#^t3", f"{EPISODE}#^", "[[]]#^t1"])
def test_a_link_without_a_conversation_or_a_turn_masks_nothing(session: str) -> None:
    bob = bob_with(session)

    assert masks_of(bob.ports, bob.memories(memories_only=True)).turns == frozenset()


def bob_with_sources(*sources: str) -> Bob:
    """A persona with a memory that was said again in other turns."""
    memory = memory_file(3, "The old server is gone.", session=f"{EPISODE}#^t3", sources=sources)
    return Bob({**conversation(), "memories/hector.md": memory, "episodes/talk.md": episode_file(8, TURNS)})


def test_every_turn_that_said_it_is_masked_and_comes_back_with_it() -> None:
    bob = bob_with_sources(f"{EPISODE}#^t2", "talk#^t3", "talk#^t3")

    bob.forget(identity(3))

    masked = [line for line in bob.file(".tombstones").splitlines() if line.startswith("masked ")]
    assert masked == sorted(f"masked {place}" for place in (f"{identity(7)}#t2", MASK, f"{identity(8)}#t3"))
    assert HECTOR not in bob.answers("Hector")
    bob.restore(identity(3))
    assert "masked" not in bob.file(".tombstones")
    assert bob.answers("Hector").count(HECTOR) == 2


def test_every_turn_that_said_it_is_erased_with_it() -> None:
    bob = bob_with_sources("talk#^t3")

    bob.erase(identity(3))

    assert HECTOR not in bob.file(EPISODE_PATH)
    assert HECTOR not in bob.file("episodes/talk.md")
    assert "Two." in bob.file("episodes/talk.md")


def test_a_turn_stays_masked_while_another_forgotten_memory_came_from_it() -> None:
    bob = bob_with_sources("talk#^t3")
    bob.vault.write("memories/other.md", memory_file(4, "Hector rests.", session="talk#^t3"))
    bob.forget(identity(3))
    bob.forget(identity(4))

    bob.restore(identity(3))

    assert f"masked {identity(8)}#t3\n" in bob.file(".tombstones")
    assert f"masked {MASK}\n" not in bob.file(".tombstones")


def test_one_source_that_is_not_there_is_said_once_and_hides_no_other() -> None:
    bob = bob_with_sources("gone#^t1", "gone#^t2", "talk#^t3")

    done = bob.forget(identity(3))

    assert done.warnings == (
        f"The turn that {identity(3)} came from could not be found, so it is still in its conversation.",
    )
    assert f"masked {identity(8)}#t3\n" in bob.file(".tombstones")


def repeated() -> Bob:
    turns = [Turn("Marta", HECTOR), Turn("Bob", f"Noted:  {HECTOR.lower()}"), Turn("Marta", "Then switch the lamp on.")]
    said = memory_file(3, f"The old server is gone.\n\n> [!quote] Marta, 18 Nov: {HECTOR}", session=f"{EPISODE}#^t1")
    return Bob({EPISODE_PATH: episode_file(7, turns), "memories/hector.md": said})


def test_a_turn_that_says_its_words_back_is_masked_and_comes_back_with_it() -> None:
    bob = repeated()

    bob.forget(identity(3))
    assert bob.answers("Hector lamp") == ["Then switch the lamp on."]

    bob.restore(identity(3))
    assert len(bob.answers("Hector lamp")) == 4


def test_a_turn_that_says_its_words_back_is_erased_with_it() -> None:
    bob = repeated()

    bob.erase(identity(3))

    assert "hector" not in bob.file(EPISODE_PATH).lower()
    assert "Then switch the lamp on." in bob.file(EPISODE_PATH)
