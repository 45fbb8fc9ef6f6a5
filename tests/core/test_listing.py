"""What is there, without a question."""

from __future__ import annotations

import pytest

from smos_cli.core.listing import list_memories, show, tags
from smos_cli.core.selection import Selection
from smos_cli.errors import AmbiguousError, IndexBusyError, NotFoundError
from tests.core.bob import EPISODE, EPISODE_PATH, Bob, conversation
from tests.samples import identity, link, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."


@pytest.fixture
def bob() -> Bob:
    return Bob(
        {
            "memories/a.md": memory_file(1, f"{TTL}\n\nMarta measured it.", tags=("cache", "api")),
            "memories/b.md": memory_file(2, TEA, tags=("api",)),
            "memories/c.md": memory_file(3, "Waits.", status="pending", tags=("api", "new")),
            "notes/n.md": b"---\ntags: [api]\n---\nA note.\n",
        }
    )


def test_the_newest_come_first(bob: Bob) -> None:
    found = list_memories(bob.ports, Selection(memories_only=True))

    assert [memory.id for memory in found] == [identity(2), identity(1)]


def test_what_a_person_did_since_is_seen(bob: Bob) -> None:
    list_memories(bob.ports, Selection())
    bob.vault.delete("memories/a.md")

    assert [memory.id for memory in list_memories(bob.ports, Selection(memories_only=True))] == [identity(2)]


def test_a_limit_and_filters_hold(bob: Bob) -> None:
    def ids(**selection: object) -> list[str]:
        return [memory.id for memory in list_memories(bob.ports, Selection(memories_only=True, **selection))]

    assert ids(limit=1) == [identity(2)]
    assert ids(tags=("cache",)) == [identity(1)]
    assert ids(everything=True) == [identity(3), identity(2), identity(1)]


def test_tags_are_counted_most_used_first(bob: Bob) -> None:
    bob.vault.write("memories/d.md", memory_file(4, "Old.", tags=("zoo", "cache")))

    assert list(tags(bob.ports).items()) == [("api", 3), ("cache", 2), ("zoo", 1)]


def test_tags_of_what_is_not_recalled_do_not_count(bob: Bob) -> None:
    bob.vault.write("memories/d.md", memory_file(4, "Newer.", supersedes=(link(1),)))

    assert tags(bob.ports) == {"api": 2}


@pytest.mark.parametrize("key", [identity(1), identity(1)[-8:].lower(), "a", "memories/a.md"])
def test_one_is_shown_whole_with_its_source(bob: Bob, key: str) -> None:
    shown = show(bob.ports, key)

    assert shown.memory.body == f"{TTL}\n\nMarta measured it."
    assert shown.source.encode() == bob.vault.files["memories/a.md"]


def test_a_note_or_a_conversation_is_shown_too() -> None:
    bob = Bob({**conversation(), "notes/n.md": b"# Tea\r\n\r\nAt four.\r\n"})

    assert show(bob.ports, "notes/n.md").source == "# Tea\r\n\r\nAt four.\r\n"
    assert show(bob.ports, "notes/n.md").memory.body == "# Tea\n\nAt four."
    assert "Hector is switched off." in show(bob.ports, f"{identity(7)}#t3").memory.body
    assert show(bob.ports, EPISODE_PATH).memory.kind == "episode"


def test_what_is_forgotten_is_not_shown(bob: Bob) -> None:
    bob.forget(identity(1))

    with pytest.raises(NotFoundError):
        show(bob.ports, identity(1))


def test_what_is_not_clear_is_said_so(bob: Bob) -> None:
    with pytest.raises(AmbiguousError):
        show(bob.ports, identity(1)[:2])


def test_who_holds_the_index_is_an_error_not_an_empty_list(bob: Bob) -> None:
    bob.index.busy = True

    with pytest.raises(IndexBusyError):
        list_memories(bob.ports, Selection())


class TestWhatWasForgottenInAConversation:
    def test_the_turn_is_not_shown_and_the_others_are(self) -> None:
        data = conversation()[EPISODE_PATH]
        bob = Bob({EPISODE_PATH: data, "memories/a.md": memory_file(3, "Gone.", session=f"{EPISODE}#^t2")})
        bob.forget(identity(3))

        shown = show(bob.ports, EPISODE_PATH)

        for text in (shown.source, shown.memory.body):
            assert "the cache TTL should be" not in text
            assert "Bob" in text
            assert text.count("[forgotten]") == 1
            assert "The limiter resets" in text
            assert "Hector is switched off." in text
        bob.restore(identity(3))
        assert show(bob.ports, EPISODE_PATH).source.encode() == data

    def test_it_is_not_shown_either_once_the_file_is_broken(self) -> None:
        bob = Bob({**conversation(), "memories/a.md": memory_file(3, "Gone.", session=f"{EPISODE}#^t3")})
        bob.forget(identity(3))
        bob.vault.write(EPISODE_PATH, bob.vault.files[EPISODE_PATH].replace(b"---\n", b"---\ncreated: soon\n", 1))

        shown = show(bob.ports, EPISODE_PATH)

        assert shown.problem
        assert "Hector" not in shown.source
        assert "The limiter resets" in shown.source


@pytest.mark.parametrize("data", [b"---\nid: [\n---\nText\n", b"---\nstatus: odd\n---\nText\n", b"\xff\xfe"])
def test_a_file_that_breaks_the_format_is_shown_as_it_is_with_what_is_wrong(bob: Bob, data: bytes) -> None:
    bob.vault.write("memories/broken.md", data)

    shown = show(bob.ports, "broken")

    assert shown.source == data.decode("utf-8", "replace")
    assert (shown.memory.path, shown.memory.body) == ("memories/broken.md", shown.source)
    assert shown.problem.startswith("memories/broken.md: ")
