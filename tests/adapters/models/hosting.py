"""A host of models on this machine: answers as the hub does, or as the worst of mirrors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

Answer = Callable[["Handler", bytes], None]
"""Gives one answer about a file's data."""


class Asked(NamedTuple):
    path: str
    headers: dict[str, str]


class Host:
    """Files by path, what was asked, and answers that are given once each before the usual one."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[Asked] = []
        self.script: list[Answer] = []
        self.usual: Answer = ranged
        self.closing = threading.Event()
        self.stalled = threading.Event()
        self.etag = ""
        """instead of one of the data"""
        self.states = True
        """it states digests, as the hub does"""
        self.url = ""

    def ranges(self) -> list[str]:
        return [asked.headers.get("range", "") for asked in self.asked]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    host: Host

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away in the middle."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        host = self.server.host
        host.asked.append(Asked(self.path, {name.lower(): value for name, value in self.headers.items()}))
        answer = host.script.pop(0) if host.script else host.usual
        data = host.files.get(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):
            (answer if data is not None else status(404))(self, data or b"")

    def head(self, code: int, size: int | None, **headers: str) -> None:
        self.send_response(code)
        if size is not None:
            self.send_header("Content-Length", str(size))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def facts(self, data: bytes) -> dict[str, str]:
        host = self.server.host
        found = {"ETag": host.etag or f'"{sha256(data).hexdigest()[:32]}"'}
        if host.states:
            found |= {"X_Repo_Commit": "0" * 40, "X_Linked_Etag": f'"{sha256(data).hexdigest()}"'}
        return found

    def cut(self) -> None:
        self.close_connection = True

    def log_message(self, *_args: object) -> None:
        pass


def ranged(handler: Handler, data: bytes) -> None:
    """Answer as a good host does."""
    facts, wanted = handler.facts(data), handler.headers.get("Range")
    if wanted and handler.headers.get("If-Range", facts["ETag"]) == facts["ETag"]:
        start = int(wanted.removeprefix("bytes=").partition("-")[0])
        if start >= len(data):
            handler.head(416, 0, Content_Range=f"bytes */{len(data)}")
            return
        rest = data[start:]
        handler.head(206, len(rest), Content_Range=f"bytes {start}-{len(data) - 1}/{len(data)}", **facts)
        handler.wfile.write(rest)
        return
    whole(handler, data)


def whole(handler: Handler, data: bytes) -> None:
    """Answer with all of it, whatever was asked."""
    handler.head(200, len(data), **handler.facts(data))
    handler.wfile.write(data)


def small(handler: Handler, data: bytes) -> None:
    """Answer as the hub does for a file outside large-file storage: with git's digest."""
    blob = sha1(b"blob %d\0" % len(data) + data).hexdigest()
    handler.head(200, len(data), ETag=f'"{blob}"', X_Repo_Commit="0" * 40)
    handler.wfile.write(data)


def cut_after(count: int) -> Answer:
    """Answer well, but end the connection after so many bytes."""

    def answer(handler: Handler, data: bytes) -> None:
        wanted = handler.headers.get("Range")
        start = int(wanted.removeprefix("bytes=").partition("-")[0]) if wanted else 0
        facts = handler.facts(data)
        if start:
            facts["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.head(206 if start else 200, len(data) - start, **facts)
        handler.wfile.write(data[start : start + count])
        handler.cut()

    return answer


def stall_after(count: int) -> Answer:
    """Answer with so many bytes, then say nothing until the test ends."""

    def answer(handler: Handler, data: bytes) -> None:
        handler.head(200, len(data), **handler.facts(data))
        handler.wfile.write(data[:count])
        handler.wfile.flush()
        handler.server.host.stalled.set()
        handler.server.host.closing.wait(60)
        handler.cut()

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(handler: Handler, _data: bytes) -> None:
        handler.head(code, 0, **headers)

    return answer


def html(handler: Handler, _data: bytes) -> None:
    page = b"<html>Please log in</html>"
    handler.head(200, len(page), Content_Type="text/html; charset=utf-8")
    handler.wfile.write(page)


def endless(handler: Handler, data: bytes) -> None:
    """Answer with more than the file has, without saying how much."""
    handler.head(200, None, Transfer_Encoding="chunked")
    for _ in range(100):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
    handler.wfile.write(b"0\r\n\r\n")


def led_to(url: str) -> Answer:
    """Send on to another address, as the hub does for large files."""

    def answer(handler: Handler, data: bytes) -> None:
        handler.head(302, 0, Location=url, X_Linked_Size=str(len(data)), **handler.facts(data))

    return answer


@contextmanager
def hosting() -> Iterator[Host]:
    host = Host()
    server = _Server(("127.0.0.1", 0), Handler)
    server.host = host
    host.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield host
    finally:
        host.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
