"""One server, asked: what may be sent to it, what that may cost, and when it is asked again.

Texts are redacted here, in the one place that all of them pass. Offline, a server on loopback is asked all the same:
nothing leaves the machine.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from smos_cli.adapters.server import answers, refusals
from smos_cli.adapters.server.budget import Budget, estimated_tokens
from smos_cli.adapters.server.exchange import Exchange, Reply
from smos_cli.adapters.server.patience import PATIENT, REAL, Clock, Patience, asked_wait, wait_after
from smos_cli.adapters.server.refusals import PassingError
from smos_cli.config.servers import Server
from smos_cli.errors import ModelError

_LONGEST_SILENCE = 86_400.0
_OURS = frozenset(["model", "response_format"])
"""keys of a request whose texts are never a user's"""


@dataclass(frozen=True, slots=True)
class Access:
    """What a run of smos allows its model servers: one for all of them, so that the budget is one."""

    budget: Budget
    redact: Callable[[str], str]
    """takes the secrets out of a text"""
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    timeout_seconds: float = 60.0
    """of silence; 0: for ever"""
    offline: bool = False
    clock: Clock = REAL


class Client:
    """Asks one server. Safe to share between threads; ``close`` when done."""

    def __init__(self, server: Server, access: Access) -> None:
        self.server = server
        self._access = access
        self._silence = min(access.timeout_seconds, _LONGEST_SILENCE) or None
        self._exchange = Exchange(server, access.environ, self._silence)

    def model_id(self, model: str, *settings: str) -> str:
        """Name what a model of this server answers: by its name, the URL and every other setting that changes it."""
        digest = blake2b("\0".join([self.server.url, model, *settings]).encode(), digest_size=4).hexdigest()
        return f"{self.server.name}/{model}@{digest}"

    def post(self, path: str, body: Mapping[str, Any], patience: Patience = PATIENT) -> dict[str, Any]:
        """Return the JSON object that a server answers to one; ``ModelError`` for all else.

        A passing failure is tried again. ``TooLongError`` and ``RefusedError`` tell what a smaller or another request
        may mend.
        """
        access, clock = self._access, self._access.clock
        if access.offline and not self.server.on_loopback:
            raise ModelError(
                f"smos is offline, and the server {self.server.name} is not on this machine.",
                "Allow it with `smos config set models.offline false`, or choose another model.",
            )
        content = json.dumps(_redacted(body, access.redact), ensure_ascii=False).encode("utf-8", "replace")
        end = clock.now() + (self._silence or math.inf) * patience.silences
        for failed in range(1, patience.tries + 1):
            try:
                return self._counted(path, content, end)
            except PassingError as error:
                wait = wait_after(failed, error.after, clock.chance())
                if failed == patience.tries or error.after > patience.longest_wait or clock.now() + wait > end:
                    raise
                clock.sleep(wait)
        raise AssertionError

    def close(self) -> None:
        """Give the connection back; a later question opens another."""
        self._exchange.close()

    def _counted(self, path: str, content: bytes, end: float) -> dict[str, Any]:
        """Ask once, within the budget."""
        begun = estimated_tokens(content.decode())
        self._access.budget.begin(begun)
        left = max(0.0, end - self._access.clock.now())
        reply = self._exchange.post(path, content, None if left == math.inf else left)
        answer = self._answer(reply)
        used = answers.tokens_used(answer) or begun + len(reply.data) // 4
        self._access.budget.correct(begun, used)
        return answer

    def _answer(self, reply: Reply) -> dict[str, Any]:
        """Return what a good answer says; raise what any other means."""
        if 200 <= reply.status < 300:
            return answers.json_object(self.server, reply.data, self._hide)
        if location := reply.headers.get("location", ""):
            raise refusals.redirected(self.server, self._hide(location))
        words = refusals.words_of(reply.data, self._hide)
        after = asked_wait(reply.headers.get("retry-after", ""), self._access.clock.today())
        raise refusals.refusal(self.server, reply.status, words, after)

    def _hide(self, text: str) -> str:
        return self._access.redact(self._exchange.without_key(text))


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Return a request in which every text of a user's has gone through the redaction."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [_redacted(item, redact) for item in value]
    if isinstance(value, Mapping):
        return {key: item if key in _OURS else _redacted(item, redact) for key, item in value.items()}
    return value
