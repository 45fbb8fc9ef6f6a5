"""Conversations of other programs, imported: one episode a session, each turn once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from smos_cli.core.importing import Imported, import_source
from tests.core.bob import Bob, FakeSource
from tests.core.transcripts.test_readers import CLAUDE, CODEX


@pytest.fixture
def bob() -> Bob:
    return Bob()


def whole(bob: Bob, value: Any, name: str = "chat.json") -> Imported:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return import_source(bob.ports, FakeSource(whole=data, name=name))


def counts(done: Imported) -> tuple[int, int, int, int, int]:
    return done.seen, done.stored, done.duplicates, done.skipped, done.failed


def test_a_session_of_claude_code_is_an_episode(bob: Bob) -> None:
    done = bob.import_(*CLAUDE, name="s1.jsonl")

    assert counts(done) == (4, 3, 0, 1, 0)
    (path,) = bob.paths("episodes/")
    assert path.startswith("episodes/2026/11/2026-11-18-let-s-go-with-10s-")
    assert "## 08:38 user <!-- ref: u1 --> ^t1\n\nlet's go with 10s\n" in bob.file(path)
    assert done.episodes == [bob.memories(everything=True)[0].id]


def test_a_session_that_has_grown_is_gone_on_with(bob: Bob) -> None:
    bob.import_(*CODEX[:3], name="c1.jsonl")

    done = bob.import_(*CODEX, name="c1.jsonl")

    assert counts(done) == (3, 2, 1, 0, 0)
    assert len(bob.paths("episodes/")) == len(done.episodes) == 1


def test_the_same_session_again_changes_nothing(bob: Bob) -> None:
    bob.import_(*CODEX)
    files = dict(bob.vault.files)

    assert counts(bob.import_(*CODEX)) == (3, 0, 3, 0, 0)
    assert bob.vault.files == files


def test_a_line_that_is_broken_fails_and_the_others_are_taken(bob: Bob) -> None:
    done = bob.import_(CLAUDE[2], b'{"type": "user", "sess', CLAUDE[4])

    assert counts(done) == (3, 2, 0, 0, 1)
    assert done.problems[0].where == "lines.jsonl:2"


def test_messages_in_a_json_file_are_an_episode_named_for_what_a_person_said(bob: Bob) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which port?"}]

    assert counts(whole(bob, {"messages": messages})) == (2, 2, 0, 0, 0)
    assert "which-port" in bob.paths("episodes/")[0]


def test_a_list_of_memories_in_a_json_file_are_memories(bob: Bob) -> None:
    done = whole(bob, [{"text": "The TTL is 10 s"}, {"text": "The port is 8080"}, 3])

    assert counts(done) == (3, 2, 0, 0, 1)
    assert bob.texts() == ["The TTL is 10 s", "The port is 8080"]


def test_one_memory_over_several_lines_is_a_memory(bob: Bob) -> None:
    assert counts(whole(bob, b'{\n  "text": "The TTL is 10 s"\n}\n')) == (1, 1, 0, 0, 0)


def test_a_conversation_as_plain_text_is_an_episode(bob: Bob) -> None:
    done = whole(bob, b"Marta: let's go\nwith 10 s\n\nTom: fine\nMarta: good\nTom: bye\n", "chat.txt")

    assert counts(done) == (4, 4, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"It was a dark night.\n", "no conversation"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[[[[", "not JSON"),
        (b"[" * 100_000, "nested too deep"),
    ],
)
def test_a_file_that_is_nothing_we_know_fails_with_a_reason(bob: Bob, data: bytes, reason: str) -> None:
    done = whole(bob, data)

    assert counts(done) == (1, 0, 0, 0, 1)
    assert reason in done.problems[0].reason


def test_a_message_that_is_none_fails_and_the_others_are_taken(bob: Bob) -> None:
    done = whole(
        bob, [{"role": "user", "content": "a"}, 5, {"role": "user", "content": 7}, {"role": "user", "content": "b"}]
    )

    assert counts(done) == (4, 2, 0, 0, 2)
    assert [problem.reason.split(" can't")[0] for problem in done.problems] == ["Message 2", "Message 3"]


def test_turns_out_of_order_and_without_times_are_kept_in_the_order_given(bob: Bob) -> None:
    late, early = ({"role": "user", "content": text, "time": time} for text, time in (("b", "2026-02-02"), ("a", "?")))

    assert counts(whole(bob, [late, early])) == (2, 2, 0, 0, 0)
    text = bob.file(bob.paths("episodes/")[0])
    assert text.index("\nb\n") < text.index("\na\n")


def test_a_secret_is_kept_in_no_name(bob: Bob) -> None:
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bD0fG3iL6"
    turn = {"session": token, "id": token, "speaker": token, "text": "We decided to use Redis."}

    bob.import_(turn, name=f"{token}.jsonl")

    (path,) = bob.paths("episodes/")
    assert token not in bob.file(path)
    assert "## [redacted: github-token] <!-- ref: [redacted: github-token] --> ^t1" in bob.file(path)
    assert bob.import_(turn, name=f"{token}.jsonl").duplicates == 1


@pytest.mark.parametrize("key", ["speaker", "id"])
def test_a_name_that_no_file_can_hold_costs_only_its_own_turn(bob: Bob, key: str) -> None:
    turns = [{"session": "s", "speaker": "Marta", "text": f"The port is {port}"} for port in (1, 2, 3)]
    turns[1][key] = "a\0b"

    done = bob.import_(*turns)

    assert counts(done) == (3, 2, 0, 0, 1)
    assert done.problems[0].where == "lines.jsonl:2"


def test_a_name_makes_nobody_a_person_whose_role_says_otherwise(bob: Bob) -> None:
    lines = [
        {"session": "s", "role": "assistant", "speaker": "Bob", "text": "The port is 1"},
        {"session": "s", "role": "user", "speaker": "Marta", "text": "The port is 2"},
    ]
    bob.import_(*lines)
    roles = ("system", "assistant", "user", "\ud800")
    whole(bob, [{"role": role, "name": "Marta", "content": f"It is {role}."} for role in roles])

    ours, other = sorted(map(bob.file, bob.paths("episodes/")), key=len)
    assert "## assistant ^t1" in ours and "## Marta ^t2" in ours
    assert "## system ^t1" in other and "## assistant ^t2" in other and "## Marta ^t3" in other
