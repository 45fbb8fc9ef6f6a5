"""What a server's answer must be before anything is made of it: whole, of bounded size, one JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from smos_cli.adapters.server.refusals import words_of
from smos_cli.config.servers import Server
from smos_cli.errors import ModelError

if TYPE_CHECKING:
    import httpx

LONGEST = 8_000_000
"""bytes of an answer: twice what a batch of the largest vectors takes"""


def bounded(server: Server, chunks: Iterable[bytes]) -> bytes:
    """Return the bytes of an answer; ``ModelError`` when there is no end to them."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LONGEST:
            raise wrong(server, f"with more than {LONGEST // 1_000_000} MB")
        parts.append(chunk)
    return b"".join(parts)


def decoded(server: Server, response: httpx.Response) -> Iterator[bytes]:
    """Return the bytes of a body; ``ModelError`` for a compression that was not offered: a little of it may be much."""
    if response.headers.get("content-encoding", "identity").lower() not in ("identity", "gzip", "deflate"):
        raise wrong(server, "in a compression that was not offered")
    return response.iter_bytes()


def json_object(server: Server, data: bytes, hide: Callable[[str], str]) -> dict[str, Any]:
    """Return the object that an answer is; ``ModelError`` for a web page, half an object, an error, another shape.

    ``hide`` takes out of a server's words what no error may tell.
    """
    if data.lstrip()[:1] == b"<":
        raise ModelError(
            f"The server {server.name} answers with a web page and not with JSON.",
            f"Check servers.{server.name}.url: most end in /v1.",
        )
    try:
        found = json.loads(data, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise wrong(server, "with what is not JSON") from error
    if not isinstance(found, dict):
        raise wrong(server, "with JSON that is no object")
    if found.get("error") and not any(key in found for key in ("data", "choices", "results")):
        raise wrong(server, f"with an error: {words_of(data, hide)}")
    return found


def tokens_used(answer: Mapping[str, Any]) -> int:
    """Return how many tokens an answer says that it took; 0 when it does not."""
    usage = answer.get("usage")
    if not isinstance(usage, Mapping):
        return 0
    counts = [usage.get(key) for key in ("total_tokens", "prompt_tokens", "completion_tokens")]
    total, *parts = [count if type(count) is int and count > 0 else 0 for count in counts]
    return total or sum(parts)


def wrong(server: Server, what: str) -> ModelError:
    """Return the error of an answer that is not what was asked for."""
    return ModelError(
        f"The server {server.name} answers {what}.", "Check that it plays this role, or choose another model."
    )


def _not_json(name: str) -> None:
    raise ValueError(name)
