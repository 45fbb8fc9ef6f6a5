"""A language model that a server plays: POST /chat/completions, held to a JSON schema where the server can.

Owns what is left out for servers that refuse it: the schema becomes JSON of any shape with the schema in words, then
words alone; newer models want another name for the limit and no temperature, and room to think.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from smos_cli.adapters.server.answers import wrong
from smos_cli.adapters.server.budget import estimated_tokens
from smos_cli.adapters.server.client import Client
from smos_cli.adapters.server.refusals import RefusedError
from smos_cli.config.servers import Server

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_FORMATS: tuple[Callable[[Mapping[str, Any]], dict[str, Any]], ...] = (
    lambda schema: {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}},
    lambda schema: {"type": "json_object", "schema": schema},
    lambda _: {"type": "json_object"},
    lambda _: {},
)
"""from what holds a model to a schema best, to what every server takes"""
_ROOM_TO_THINK = 4_000
"""tokens more for a model that has thought to its limit"""


class ServerChat:
    """The ``Writer`` port: answers a prompt in JSON."""

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._format = 0
        self._limit = "max_tokens"
        self._temperature = True
        self._room_to_think = 0
        self.model_id = client.model_id(model)
        self.context = client.server.context

    def count_tokens(self, text: str) -> int:
        """Return about how many tokens a text takes, rather too many."""
        return estimated_tokens(text)

    def complete(self, system: str, user: str, schema: Mapping[str, Any], max_tokens: int) -> str:
        """Return the answer, which is JSON of the schema if the server can hold a model to it.

        It may be cut off at ``max_tokens``. ``ModelError`` for a server that does not answer as a chat, or refuses.
        """
        text = self._said(self._body(system, user, schema, max_tokens))
        while text is None:
            text = self._said(self._body(system, user, schema, max_tokens))
        return text

    def _said(self, body: Mapping[str, Any]) -> str | None:
        """Return what is answered; None where another request has to be made."""
        try:
            answer = self._client.post("chat/completions", body)
        except RefusedError as error:
            if not self._do_without(error.words):
                raise
            return None
        text = text_in(self._client.server, answer)
        if _thought_only(text, answer) and not self._room_to_think:
            self._room_to_think = _ROOM_TO_THINK
            return None
        return text

    def _body(self, system: str, user: str, schema: Mapping[str, Any], max_tokens: int) -> dict[str, Any]:
        form = _FORMATS[self._format](schema)
        if self._format:
            system = f"{system}\n\nThe answer is one JSON object of this JSON Schema:\n{json.dumps(schema)}"
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            self._limit: max_tokens + self._room_to_think,
        }
        if self._temperature:
            body["temperature"] = 0
        if form:
            body["response_format"] = form
        return body

    def _do_without(self, words: str) -> bool:
        """Leave out from now on what a server has refused; False when there is nothing more to leave out."""
        if "max_tokens" in words and self._limit == "max_tokens":
            self._limit = "max_completion_tokens"
        elif "temperature" in words and self._temperature:
            self._temperature = False
        elif self._format + 1 < len(_FORMATS):
            self._format += 1
        else:
            return False
        return True


def text_in(server: Server, answer: Mapping[str, Any]) -> str:
    """Return the text of a chat's answer, without what a model thought aloud before it; what it declines with, too.

    ``ModelError`` when the answer has no message. The text may be empty: a model may think to its limit.
    """
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise wrong(server, "without a message")
    text = _content(message.get("content")) or _content(message.get("refusal"))
    return _THOUGHT.sub("", text, count=1)


def _thought_only(text: str, answer: Mapping[str, Any]) -> bool:
    """Say whether a model came to its limit before it came to its answer."""
    nothing = not text.strip() or text.lstrip().startswith("<think>")
    return nothing and answer["choices"][0].get("finish_reason") == "length"


def _content(value: Any) -> str:
    """Return the text of a message, which may come in parts."""
    if isinstance(value, list):
        parts = [part.get("text") for part in value if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(part for part in parts if isinstance(part, str))
    return value if isinstance(value, str) else ""
