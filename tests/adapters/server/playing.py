"""A server that plays an OpenAI-compatible one, with its faults: real HTTP, on a port of its own.

By default it answers as a good one does. ``server.next(...)`` puts a fault before that, once each; ``server.requests``
are the requests that it was sent.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from threading import Event, Thread
from typing import Any, NamedTuple

Fault = Callable[["Handler"], None]
DIMENSIONS = 8


class Request(NamedTuple):
    """What came in."""

    path: str
    headers: Mapping[str, str]
    body: Any
    raw: bytes


class PlayedServer(ThreadingMixIn, HTTPServer):
    """Owns its port, what it was asked, and what goes wrong next."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.say: Callable[[Any], str] = lambda body: "{}"
        self.embed: Callable[[str], Any] = vector
        self.score: Callable[[str, str], Any] = overlap
        self.most_texts = self.most_characters = 10**9
        self.released = Event()
        self.surprises: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next(self, *faults: Fault) -> None:
        """Let these happen, one a request, before anything good."""
        self.faults.extend(faults)

    def bodies(self) -> list[Any]:
        return [request.body for request in self.requests]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over a client that went away, and nothing else."""
        import sys

        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], ConnectionError):
            self.surprises.append(str(sys.exc_info()[1]))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: PlayedServer

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(Request(self.path, dict(self.headers), json.loads(raw), raw))
        if self.server.faults:
            self.server.faults.popleft()(self)
        else:
            play(self, self.server.requests[-1].body)

    def answer(self, status: int, body: bytes | str | Any, headers: Mapping[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def play(handler: Handler, body: Any) -> None:
    """Answer as a good server does."""
    server = handler.server
    texts = body.get("input") or body.get("documents") or []
    if len(texts) > server.most_texts:
        return handler.answer(422, {"error": f"batch size {len(texts)} > maximum allowed batch size", "type": "x"})
    if any(len(text) > server.most_characters for text in texts):
        message = "input is too large to process. increase the physical batch size"
        return handler.answer(500, {"error": {"code": 500, "message": message, "type": "server_error"}})
    role = handler.path.removeprefix("/v1/")
    if role == "embeddings":
        data = [{"object": "embedding", "index": n, "embedding": server.embed(text)} for n, text in enumerate(texts)]
        usage = {"prompt_tokens": 3 * len(texts), "total_tokens": 3 * len(texts)}
        return handler.answer(200, {"object": "list", "data": data[::-1], "model": "m", "usage": usage, "new": [1]})
    if role == "rerank":
        scores = [{"index": n, "relevance_score": server.score(body["query"], text)} for n, text in enumerate(texts)]
        ranked = sorted(scores, key=lambda score: -score["relevance_score"])
        return handler.answer(200, {"id": "r", "results": ranked, "usage": {"total_tokens": 7}})
    if role == "chat/completions":
        message = {"role": "assistant", "content": server.say(body)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return handler.answer(200, {"id": "c", "choices": [choice], "usage": {"total_tokens": 11}})
    return handler.answer(404, {"detail": "Not Found"})


def vector(text: str) -> list[float]:
    """Return the same numbers for the same text."""
    return [byte - 127.5 for byte in blake2b(text.encode(), digest_size=DIMENSIONS).digest()]


def overlap(query: str, text: str) -> float:
    """Return the share of a question's words that a text has."""
    words = set(query.split())
    return len(words & set(text.split())) / len(words)


def answers(status: int, body: Any, **headers: str) -> Fault:
    """Answer with this once."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.answer(status, body, named)


def half_a_body(handler: Handler) -> None:
    """Promise more than is sent, and hang up."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [')
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    """Say nothing and go."""
    handler.close_connection = True


def silence(handler: Handler) -> None:
    """Say nothing and stay, until the test is over."""
    handler.server.released.wait(10)
    handler.close_connection = True


def chunked(body: Any, size: int = 7) -> Fault:
    """Answer in chunks of so many bytes."""

    def fault(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        for first in range(0, len(data), size):
            chunk = data[first : first + size]
            handler.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            handler.wfile.flush()
        handler.wfile.write(b"0\r\n\r\n")

    return fault


def drips(before: bytes) -> Fault:
    """Send this, and then a sign from time to time until the test is over, or nobody listens."""

    def fault(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + before)
        while not handler.server.released.wait(0.02):
            handler.wfile.write(b" ")

    return fault


def endless(handler: Handler) -> None:
    """Send spaces as long as somebody takes them."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    while True:
        handler.wfile.write(b" " * 1_000_000)


@contextmanager
def played() -> Iterator[PlayedServer]:
    """Run a server; nothing of it is left afterwards."""
    server = PlayedServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
    assert server.surprises == []
