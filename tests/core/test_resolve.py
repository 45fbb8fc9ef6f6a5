"""What a key means: one memory, none, or a choice that is left to the person."""

from __future__ import annotations

import pytest

from smos_cli.core.ports import Entry, IndexSession
from smos_cli.core.resolve import resolve
from smos_cli.core.scanning import ScannedSession
from smos_cli.errors import AmbiguousError, NotFoundError
from tests.contracts.indexes import TURNS
from tests.samples import entry, episode_file, identity, memory_entry


def holding(*entries: Entry) -> IndexSession:
    session = ScannedSession()
    session.write(entries, (), "")
    return session


@pytest.fixture
def session() -> IndexSession:
    return holding(
        memory_entry(1, "The TTL is 10 s", "memories/2025/11/cache-ttl-t3mnn75h.md", aliases=("TTL",)),
        memory_entry(2, "Marta likes tea", "memories/2025/11/tea.md"),
        memory_entry(3, "An old plan", "memories/2025/11/plan.md", status="archived"),
        entry("episodes/talk.md", episode_file(20, TURNS)),
        entry("notes/C# tips.md", b"Use var."),
        entry("notes/[[odd]].md", b"Odd."),
    )


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (identity(1), "memories/2025/11/cache-ttl-t3mnn75h.md"),
        (identity(1).lower(), "memories/2025/11/cache-ttl-t3mnn75h.md"),
        (f" {identity(1)[:12]}\n", "memories/2025/11/cache-ttl-t3mnn75h.md"),
        (identity(1)[-8:].lower(), "memories/2025/11/cache-ttl-t3mnn75h.md"),
        ("[[cache-ttl-t3mnn75h]]", "memories/2025/11/cache-ttl-t3mnn75h.md"),
        ("[[cache-ttl-t3mnn75h|the TTL]]", "memories/2025/11/cache-ttl-t3mnn75h.md"),
        ("TTL", "memories/2025/11/cache-ttl-t3mnn75h.md"),
        ("tea", "memories/2025/11/tea.md"),
        ("tea.md", "memories/2025/11/tea.md"),
        ("memories/2025/11/plan.md", "memories/2025/11/plan.md"),
        ("talk", "episodes/talk.md"),
        ("[[talk#^t2]]", "episodes/talk.md"),
        (f"{identity(20)}#t2", "episodes/talk.md"),
        ("notes/C# tips.md", "notes/C# tips.md"),
        ("C# tips", "notes/C# tips.md"),
        ("notes/[[odd]].md", "notes/[[odd]].md"),
    ],
)
def test_a_key_names_one(session: IndexSession, key: str, path: str) -> None:
    assert resolve(session, key).path == path


@pytest.mark.parametrize("key", ["", " ", "#t1", "[[]]", "nothing", "zzzzzzzz", "memories", "*", "%"])
def test_a_key_that_names_nothing_is_not_found(session: IndexSession, key: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        resolve(session, key)
    assert caught.value.remedy


def test_a_name_that_is_nearly_right_is_proposed(session: IndexSession) -> None:
    with pytest.raises(NotFoundError) as caught:
        resolve(session, "cache-tlt-t3mnn75h")
    assert "cache-ttl-t3mnn75h" in caught.value.remedy


def test_a_key_that_many_have_is_ambiguous_and_names_them(session: IndexSession) -> None:
    with pytest.raises(AmbiguousError) as caught:
        resolve(session, "01K")
    assert identity(1) in caught.value.message
    assert "memories/2025/11/tea.md" in caught.value.message


def test_of_very_many_only_some_are_named() -> None:
    session = holding(*(memory_entry(number, f"Text {number}") for number in range(30)))

    with pytest.raises(AmbiguousError) as caught:
        resolve(session, "01K")
    assert "30 memories" in caught.value.message
    assert len(caught.value.message) < 600


def test_a_whole_path_or_id_is_never_ambiguous() -> None:
    session = holding(
        memory_entry(1, "One", "memories/a.md"),
        memory_entry(2, "Two", "memories/b/memories/a.md"),
        memory_entry(3, "Three", aliases=("memories/a.md", identity(2))),
    )

    assert resolve(session, "memories/a.md").id == identity(1)
    assert resolve(session, identity(2)).id == identity(2)


def test_two_files_with_one_id_are_ambiguous_until_a_path_is_given() -> None:
    session = holding(memory_entry(1, "One", "memories/a.md"), memory_entry(1, "Copy", "memories/b.md"))

    with pytest.raises(AmbiguousError):
        resolve(session, identity(1))
    assert resolve(session, "memories/b.md").body == "Copy"


class TestBrokenFiles:
    @pytest.fixture
    def session(self) -> IndexSession:
        broken = b"---\nstatus: odd\n---\nText\n"
        return holding(
            memory_entry(1, "Good", "memories/good.md"),
            entry("memories/2025/11/cache-ttl-7tx2r9wq.md", broken),
            entry("memories/b/cache-ttl.md", broken),
        )

    @pytest.mark.parametrize(
        "key",
        [
            "memories/2025/11/cache-ttl-7tx2r9wq.md",
            "memories/2025/11/cache-ttl-7tx2r9wq",
            "cache-ttl-7tx2r9wq.md",
            "[[cache-ttl-7tx2r9wq]]",
            "7TX2R9WQ",
            "r9wq",
            "01KB8F3K2M7Q0ZT4V97TX2R9WQ",
        ],
    )
    def test_one_is_found_by_its_path_its_name_or_the_end_of_it(self, session: IndexSession, key: str) -> None:
        assert resolve(session, key).path == "memories/2025/11/cache-ttl-7tx2r9wq.md"

    def test_a_whole_name_is_not_the_beginning_of_another(self, session: IndexSession) -> None:
        assert resolve(session, "cache-ttl").path == "memories/b/cache-ttl.md"

    @pytest.mark.parametrize("key", ["9wq", "cache", "", "#"])
    def test_less_than_that_names_none(self, session: IndexSession, key: str) -> None:
        with pytest.raises(NotFoundError):
            resolve(session, key)


def test_several_sessions_are_as_one() -> None:
    first, second = holding(memory_entry(1, "One", "a.md")), holding(memory_entry(2, "Two", "b.md"))

    assert resolve(first, identity(2), second).body == "Two"
    with pytest.raises(AmbiguousError):
        resolve(first, "01K", second)
