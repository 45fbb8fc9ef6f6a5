"""A language model that a server plays: held to a schema where it can be, asked without what it refuses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smos_cli.adapters.server.chat import ServerChat, text_in
from smos_cli.adapters.server.client import Client
from smos_cli.adapters.server.extractor import ServerExtractor
from smos_cli.adapters.server.judge import ServerJudge
from smos_cli.config.servers import Server
from smos_cli.core.models import Said
from smos_cli.errors import ModelError
from tests.adapters.server.playing import PlayedServer, answers

Clients = Callable[..., Client]
SERVER = Server("local", "http://127.0.0.1:1/v1")
SCHEMA = {"type": "object", "properties": {"facts": {"type": "array"}}}
REPLAY = Path(__file__).parents[4] / "shared/replay/chat.jsonl"


def complete(chat: ServerChat) -> str:
    return chat.complete("Answer in JSON.", "Well?", SCHEMA, 100)


def test_a_model_is_held_to_the_schema(server: PlayedServer, client: Clients) -> None:
    server.say = lambda body: '{"facts": []}'

    assert complete(ServerChat(client(), "tiny")) == '{"facts": []}'
    assert server.bodies() == [
        {
            "model": "tiny",
            "messages": [
                {"role": "system", "content": "Answer in JSON."},
                {"role": "user", "content": "Well?"},
            ],
            "max_tokens": 100,
            "temperature": 0,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
            },
        }
    ]


def test_a_server_that_knows_no_schema_is_asked_for_json_with_the_schema_in_words(
    server: PlayedServer, client: Clients
) -> None:
    server.next(answers(400, {"error": {"message": "response_format.type must be json_object"}}))
    chat = ServerChat(client(), "tiny")

    complete(chat)
    complete(chat)

    formats = [body["response_format"] for body in server.bodies()]
    assert formats[1:] == [{"type": "json_object", "schema": SCHEMA}] * 2
    assert json.dumps(SCHEMA) in server.bodies()[1]["messages"][0]["content"]


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_server_that_knows_no_format_is_asked_in_words_alone(
    server: PlayedServer, client: Clients, status: int
) -> None:
    server.next(*[answers(status, {"error": "'response_format.type' must be 'json_schema' or 'text'"})] * 3)

    complete(ServerChat(client(), "tiny"))

    *refused, taken = server.bodies()
    assert refused[-1]["response_format"] == {"type": "json_object"}
    assert "response_format" not in taken
    assert json.dumps(SCHEMA) in taken["messages"][0]["content"]


def test_a_model_that_wants_the_limit_by_its_new_name_gets_it(server: PlayedServer, client: Clients) -> None:
    server.next(
        answers(
            400, {"error": {"message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}
        ),
        answers(400, {"error": {"message": "Unsupported value: 'temperature' does not support 0 with this model."}}),
    )

    complete(ServerChat(client(), "tiny"))

    body = server.bodies()[2]
    assert body["max_completion_tokens"] == 100
    assert not body.keys() & {"max_tokens", "temperature"}
    assert body["response_format"]["type"] == "json_schema"


def test_one_that_refuses_everything_is_given_up(server: PlayedServer, client: Clients) -> None:
    server.next(*[answers(400, {"error": "max_tokens temperature response_format"})] * 9)

    with pytest.raises(ModelError, match="refuses the request"):
        complete(ServerChat(client(), "tiny"))
    assert len(server.requests) == 6


@pytest.mark.parametrize("content", ["", None, "<think>well, "])
def test_a_model_that_thinks_to_its_limit_gets_room_for_it(
    server: PlayedServer, client: Clients, content: str | None
) -> None:
    cut = {"choices": [{"message": {"content": content, "reasoning": "well, "}, "finish_reason": "length"}]}
    server.next(answers(200, cut))
    chat = ServerChat(client(), "tiny")

    assert [complete(chat), complete(chat)] == ["{}", "{}"]
    assert [body["max_tokens"] for body in server.bodies()] == [100, 4_100, 4_100]


def test_one_that_thinks_on_and_on_answers_nothing(server: PlayedServer, client: Clients) -> None:
    cut = {"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}
    server.next(*[answers(200, cut)] * 9)

    assert complete(ServerChat(client(), "tiny")) == ""
    assert len(server.requests) == 2


def test_what_is_too_long_is_not_taken_for_a_refused_format(server: PlayedServer, client: Clients) -> None:
    server.next(answers(400, {"error": {"message": "This model's maximum context length is 4096 tokens."}}))

    with pytest.raises(ModelError, match="takes less text at once"):
        complete(ServerChat(client(), "tiny"))


def test_the_context_is_that_of_the_server(client: Clients) -> None:
    assert ServerChat(client(), "tiny").context == 4_096
    assert ServerChat(client(context=32_768), "tiny").context == 32_768


class TestMessages:
    @pytest.mark.parametrize(
        ("message", "text"),
        [
            ({"content": "{}"}, "{}"),
            ({"content": None}, ""),
            ({}, ""),
            ({"content": "", "reasoning": "hm", "tool_calls": []}, ""),
            ({"content": "<think>\nhm {}\n</think>\n\n{}"}, "{}"),
            ({"content": "<think>hm"}, "<think>hm"),
            (
                {
                    "content": [
                        {"type": "thinking", "thinking": []},
                        {"type": "text", "text": "{"},
                        {"type": "text", "text": "}"},
                    ]
                },
                "{}",
            ),
            ({"content": [{"type": "text", "text": 5}, 7]}, ""),
            ({"content": None, "refusal": "I can't help."}, "I can't help."),
            ({"content": 5}, ""),
        ],
    )
    def test_the_text_of_a_message_is_what_it_says_to_others(self, message: Any, text: str) -> None:
        assert text_in(SERVER, {"choices": [{"message": message, "finish_reason": "stop"}]}) == text

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"choices": []},
            {"choices": {}},
            {"choices": [1]},
            {"choices": [{}]},
            {"choices": [{"message": "text"}]},
            {"choices": [{"text": "a completion of the old kind"}]},
        ],
    )
    def test_an_answer_without_a_message_is_refused(self, answer: Any) -> None:
        with pytest.raises(ModelError, match="without a message"):
            text_in(SERVER, answer)


@pytest.mark.skipif(not REPLAY.is_file() and "CI" not in os.environ, reason=f"there is no {REPLAY}")
def test_recorded_answers_of_real_services_are_read(server: PlayedServer, client: Clients) -> None:
    exchanges = [json.loads(line) for line in REPLAY.read_text(encoding="utf-8").splitlines()]
    bodies = [exchange["response"]["body"] for exchange in exchanges if "body" in exchange["response"]]
    assert len(bodies) == 30

    for body in bodies:
        server.faults.clear()
        server.next(*[answers(200, body)] * 2)
        said = body["choices"][0]["message"].get("content") or ""
        assert complete(ServerChat(client(), "recorded")) in said


def test_a_judge_reads_pairs_in_both_directions(server: PlayedServer, client: Clients) -> None:
    one = {"pair": 1, "forward": "entailment", "forward_sure": 0.9, "backward": "neutral", "backward_sure": 0.8}
    server.say = lambda body: json.dumps({"judgements": [one]})

    judge = ServerJudge(client(), "tiny")
    (judged,) = judge.judge([("Ann moved to Oslo.", "Ann moved.")])

    assert judged.forward.entailment == pytest.approx(0.9)
    assert judged.backward.neutral == pytest.approx(0.8)
    assert judge.model_id.startswith("local/tiny@")


def test_an_extractor_finds_what_is_said(server: PlayedServer, client: Clients) -> None:
    fact = {
        "turn": "t1",
        "quote": "we use Postgres",
        "text": "The team uses Postgres.",
        "kind": "fact",
        "tags": [],
        "date": "",
    }
    server.say = lambda body: json.dumps({"facts": [fact]})

    turns = [Said("t1", "user", "Marta", "2026-11-18T08:00:00Z", "Hello, we use Postgres here.")]
    (candidate,) = ServerExtractor(client(), "tiny").extract(turns, lambda turn: True)

    assert (candidate.text, candidate.quote, candidate.turn) == ("The team uses Postgres.", "we use Postgres", "t1")
