"""Conversations as other programs keep them, become turns."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.episode import Turn
from smos_cli.core.transcripts import plain
from smos_cli.core.transcripts.dialect import of_line, of_whole
from smos_cli.core.transcripts.spoken import Conversations
from smos_cli.errors import FormatError

CLAUDE: list[dict[str, Any]] = [
    {"type": "summary", "summary": "Cache work", "leafUuid": "u9"},
    {"type": "file-history-snapshot", "messageId": "m", "snapshot": {}},
    {
        "type": "user",
        "sessionId": "s1",
        "uuid": "u1",
        "timestamp": "2026-11-18T08:38:00.512Z",
        "message": {"role": "user", "content": "let's go with 10s"},
    },
    {
        "type": "assistant",
        "sessionId": "s1",
        "uuid": "u2",
        "timestamp": "2026-11-18T08:38:04.100Z",
        "message": {"id": "msg_1", "role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]},
    },
    {
        "type": "assistant",
        "sessionId": "s1",
        "uuid": "u3",
        "timestamp": "2026-11-18T08:38:05Z",
        "message": {"id": "msg_1", "role": "assistant", "content": [{"type": "text", "text": "Setting it."}]},
    },
    {
        "type": "assistant",
        "sessionId": "s1",
        "uuid": "u4",
        "timestamp": "2026-11-18T08:38:06Z",
        "message": {
            "id": "msg_1",
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "git status"}}],
        },
    },
    {
        "type": "user",
        "sessionId": "s1",
        "uuid": "u5",
        "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "clean"}]},
    },
    {"type": "user", "sessionId": "s1", "uuid": "u6", "isMeta": True, "message": {"role": "user", "content": "Caveat"}},
    {
        "type": "user",
        "sessionId": "s1",
        "uuid": "u7",
        "isSidechain": True,
        "message": {"role": "user", "content": "look for callers"},
    },
    {
        "type": "user",
        "sessionId": "s1",
        "uuid": "u8",
        "message": {"role": "user", "content": [{"type": "text", "text": "that worked"}, {"type": "image"}]},
    },
]

CODEX: list[dict[str, Any]] = [
    {"timestamp": "2026-11-18T08:00:00Z", "type": "session_meta", "payload": {"id": "c1", "instructions": None}},
    {
        "timestamp": "2026-11-18T08:00:01Z",
        "type": "response_item",
        "payload": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "run the tests"}]},
    },
    {
        "timestamp": "2026-11-18T08:00:01Z",
        "type": "event_msg",
        "payload": {"type": "user_message", "message": "run the tests"},
    },
    {"timestamp": "2026-11-18T08:00:02Z", "type": "response_item", "payload": {"type": "reasoning", "summary": []}},
    {
        "timestamp": "2026-11-18T08:00:03Z",
        "type": "response_item",
        "payload": {"type": "function_call", "name": "shell", "arguments": '{"command": ["pytest", "-q"]}'},
    },
    {"type": "response_item", "payload": {"type": "function_call_output", "call_id": "x", "output": "3 passed"}},
    {
        "type": "response_item",
        "payload": {"type": "local_shell_call", "action": {"type": "exec", "command": ["git", "diff"]}},
    },
    {
        "timestamp": "2026-11-18T08:00:05Z",
        "type": "response_item",
        "payload": {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "All three pass."}],
        },
    },
]


def heard(*lines: Mapping[str, Any], name: str = "file") -> Conversations:
    into = Conversations(name)
    dialect = None
    for number, line in enumerate(lines, 1):
        dialect = dialect or of_line(line)
        assert dialect
        dialect(line, number, into)
    return into


def turns(into: Conversations, session: str = "file") -> list[Turn]:
    return [turn for _, turn in into.sessions[session]]


class TestClaudeCode:
    def test_what_a_person_and_the_assistant_said_are_turns_with_time_and_id(self) -> None:
        first = turns(heard(*CLAUDE), "s1")[0]

        assert first == Turn("user", "let's go with 10s", "2026-11-18T08:38:00Z", "u1")

    def test_the_lines_of_one_message_are_one_turn_with_its_tool_call_folded(self) -> None:
        second = turns(heard(*CLAUDE), "s1")[1]

        assert second.text == "Setting it.\n\n> [!tool]- Bash: git status"

    def test_tool_output_thoughts_and_harness_lines_are_not_kept(self) -> None:
        assert [turn.text for turn in turns(heard(*CLAUDE), "s1")][2:] == ["that worked\n\n[image]"]

    def test_a_subagents_message_is_counted_as_left_out(self) -> None:
        assert heard(*CLAUDE).passed_over == {"a subagent's message": 1}


def test_a_message_of_thousands_of_parts_is_one_turn_in_time_that_grows_with_its_length() -> None:
    part, into, began = "x" * 10_000, Conversations("file"), time.process_time()

    for number in range(4_000):
        into.say("", number, Turn("assistant", f" {part} "), "m1")

    assert [turn.text for turn in turns(into)] == [" " + "\n\n".join([part] * 4_000) + " "]
    assert time.process_time() - began < 5


class TestCodex:
    def test_items_are_turns_and_events_that_repeat_them_are_not(self) -> None:
        assert [(turn.speaker, turn.text) for turn in turns(heard(*CODEX), "c1")] == [
            ("user", "run the tests"),
            ("assistant", "> [!tool]- shell: pytest -q\n\n> [!tool]- shell: git diff"),
            ("assistant", "All three pass."),
        ]

    def test_its_older_form_without_payloads_is_read_too(self) -> None:
        old = [{"id": "c0", "timestamp": "2025-06-01T08:00:00Z", "instructions": ""}, CODEX[1]["payload"]]

        assert [turn.text for turn in turns(heard(*old), "c0")] == ["run the tests"]


class TestMessages:
    MESSAGES: tuple[dict[str, Any], ...] = (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "what is in it?"}, {"type": "image_url"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"type": "function", "function": {"name": "look", "arguments": '{"path": "a.png"}'}}],
        },
        {"role": "tool", "tool_call_id": "x", "content": "a cat"},
        {"role": "assistant", "content": "A cat."},
    )
    SAID = (
        ("system", "Be brief."),
        ("user", "what is in it?\n\n[image]"),
        ("assistant", "> [!tool]- look: a.png"),
        ("assistant", "A cat."),
    )

    @pytest.mark.parametrize("whole", [list(MESSAGES), {"messages": list(MESSAGES)}], ids=["list", "object"])
    def test_a_list_of_messages_is_a_conversation(self, whole: Any) -> None:
        into = Conversations("file")
        dialect = of_whole(whole)
        assert dialect
        dialect(whole, 1, into)

        assert tuple((turn.speaker, turn.text) for turn in turns(into)) == self.SAID

    def test_one_message_a_line_is_a_conversation(self) -> None:
        assert tuple((turn.speaker, turn.text) for turn in turns(heard(*self.MESSAGES))) == self.SAID

    def test_several_conversations_a_file_are_told_apart(self) -> None:
        one = {"messages": [{"role": "user", "content": "a"}]}

        assert list(heard(one, one, {**one, "id": "named"}).sessions) == ["file", "file:2", "named"]

    def test_times_are_taken_where_there_are_some(self) -> None:
        stamped = {"messages": [{"role": "user", "content": "a", "created_at": 1_763_467_200}]}

        assert turns(heard(stamped))[0].time == "2025-11-18T12:00:00Z"

    def test_a_message_without_a_role_is_a_failure_that_says_which(self) -> None:
        into = heard({"messages": [{"role": "user", "content": "a"}, {"content": "b"}]})

        assert into.failures == [(1, "Message 2 can't be read: it has no role or no content")]

    def test_unknown_roles_are_speakers(self) -> None:
        assert turns(heard({"role": "critic", "content": "too slow"}))[0].speaker == "critic"


def test_an_export_of_opencode_is_a_conversation() -> None:
    whole = {
        "info": {"id": "ses_1", "title": "Cache"},
        "messages": [
            {
                "info": {"id": "msg_1", "role": "user", "time": {"created": 1_763_467_200_000}},
                "parts": [{"type": "text", "text": "hello"}, {"type": "text", "text": "added", "synthetic": True}],
            },
            {
                "info": {"id": "msg_2", "role": "assistant"},
                "parts": [
                    {"type": "step-start"},
                    {"type": "tool", "tool": "bash", "state": {"input": {"command": "ls"}, "output": "a b"}},
                    {"type": "text", "text": "Two files."},
                ],
            },
        ],
    }
    into = Conversations("file")
    dialect = of_whole(whole)
    assert dialect
    dialect(whole, 1, into)

    assert turns(into, "ses_1") == [
        Turn("user", "hello", "2025-11-18T12:00:00Z", "msg_1"),
        Turn("assistant", "> [!tool]- bash: ls\n\nTwo files.", "", "msg_2"),
    ]


class TestPlainText:
    def read(self, text: str) -> list[tuple[str, str]]:
        into = Conversations("file")
        plain.read(text, into)
        return [(turn.speaker, turn.text) for turn in turns(into)]

    def test_a_line_begins_with_who_speaks_and_the_next_go_on(self) -> None:
        assert self.read("Marta: let's go\nwith 10 s\n\nTom: fine\nMarta: good\nTom: ok") == [
            ("Marta", "let's go\nwith 10 s"),
            ("Tom", "fine"),
            ("Marta", "good"),
            ("Tom", "ok"),
        ]

    def test_times_in_brackets_are_kept(self) -> None:
        into = Conversations("file")
        plain.read("[2026-11-18 08:38] user: hello\n[2026-11-18 08:39] assistant: hi", into)

        assert [turn.time for turn in turns(into)] == ["2026-11-18T08:38:00Z", "2026-11-18T08:39:00Z"]

    def test_a_word_with_a_colon_inside_a_turn_is_no_speaker(self) -> None:
        assert self.read("user: two things\nNote: it is slow\nassistant: I see") == [
            ("user", "two things\nNote: it is slow"),
            ("assistant", "I see"),
        ]

    def test_who_speaks_once_is_heard_where_a_time_stands_before_each(self) -> None:
        text = "[2026-11-18 08:38] Marta: hello\nthere\n[2026-11-18 08:39] Tom: hi\n[2026-11-18 08:40] Marta: fine"

        assert self.read(text) == [("Marta", "hello\nthere"), ("Tom", "hi"), ("Marta", "fine")]

    def test_who_speaks_once_is_heard_where_each_line_has_a_name(self) -> None:
        assert self.read("Marta: I live in Faro.\n\nTom: I live in Oslo.") == [
            ("Marta", "I live in Faro."),
            ("Tom", "I live in Oslo."),
        ]

    @pytest.mark.parametrize(
        "line", ["Note: it is slow", "2026-11-18 08:38:01 ERROR: disk full", "The fix was easy: restart it"]
    )
    def test_what_a_line_begins_with_is_not_always_a_name(self, line: str) -> None:
        assert self.read(f"Marta: two things\n{line}") == [("Marta", f"two things\n{line}")]

    def test_markdown_headings_and_bold_names_are_read(self) -> None:
        assert self.read("**User:** hello\n\n**Assistant:** hi") == [("User", "hello"), ("Assistant", "hi")]

    def test_prose_is_no_conversation(self) -> None:
        with pytest.raises(FormatError, match="who speaks"):
            self.read("It was a dark night.\nuser: hello")


def test_memories_and_turns_of_ours_are_no_dialect() -> None:
    assert of_line({"text": "The TTL is 10 s", "id": "a"}) is None
    assert of_line({"session": "s", "speaker": "Marta", "text": "hi"}) is None
    assert of_line({"session": "s", "role": "user", "text": "hi"}) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "message", "content", "role", "payload", "info", "parts", "text", "name", "input"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([*CLAUDE, *CODEX, *TestMessages.MESSAGES]),
    st.sampled_from(["message", "payload", "timestamp", "uuid", "type", "role", "content", "tool_calls"]),
    JSON,
)
def test_odd_values_are_left_out_or_said_never_a_crash(line: dict[str, Any], key: str, value: Any) -> None:
    dialect, odd = of_line(line), json.loads(json.dumps({**line, key: value}))
    assert dialect
    try:
        dialect(odd, 1, Conversations("file"))
    except FormatError as error:
        assert error.message


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    if dialect := of_whole(value):
        try:
            dialect(value, 1, Conversations("file"))
        except FormatError as error:
            assert error.message


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        plain.read(text, Conversations("file"))
    except FormatError as error:
        assert error.message
