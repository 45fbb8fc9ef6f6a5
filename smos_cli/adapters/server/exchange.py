"""One request and its answer over HTTP, in bounded time and size.

Owns the connection and the key that it carries. It is opened at the first request and kept for the next ones. A server
on loopback is asked past any proxy; no redirect is followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

from smos_cli.adapters.server import answers, refusals
from smos_cli.adapters.server.keys import Key, key_of
from smos_cli.config.servers import Server
from smos_cli.errors import ModelError

if TYPE_CHECKING:
    import httpx

_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
_CONNECT_SECONDS = 5.0


class Reply(NamedTuple):
    """What a server answered, whatever it is."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class _Request(NamedTuple):
    path: str
    content: bytes


class Exchange:
    """Sends requests to one server. Safe to share between threads."""

    def __init__(self, server: Server, environ: Mapping[str, str], silence: float | None) -> None:
        self._server = server
        self._environ = environ
        self._silence = silence
        self._lock = Lock()
        self._http: httpx.Client | None = None
        self._key = Key("", "")

    def post(self, path: str, content: bytes, seconds: float | None) -> Reply:
        """Return the answer to a request; ``ModelError`` where none comes, ``PassingError`` where one may come yet."""
        import httpx

        http = self._open()
        asking = _Asking(self._server, http, _Request(path, content))
        try:
            return asking.reply(seconds)
        except Empty as error:
            raise refusals.silent(self._server, "answers too slowly") from error
        except httpx.TransportError as error:
            raise refusals.unreached(self._server, error) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise answers.wrong(self._server, f"with what can't be read ({type(error).__name__})") from error
        except UnicodeError as error:
            raise ModelError(f"{self._server.host} is no host's name.", f"Check {self._server.url}.") from error
        finally:
            if asking.given_up.is_set():
                self._leave(http)

    def without_key(self, text: str) -> str:
        """Return a server's words without the key that it may repeat."""
        return self._key.hidden_in(text)

    def close(self) -> None:
        """Give the connection back; a later request opens another."""
        with self._lock:
            http, self._http = self._http, None
        if http:
            http.close()

    def _leave(self, http: httpx.Client) -> None:
        """Let go of a connection that is still being read from; who reads closes it."""
        with self._lock:
            if self._http is http:
                self._http = None

    def _open(self) -> httpx.Client:
        with self._lock:
            if not self._key:
                self._key = key_of(self._server, self._environ)
            if not self._http:
                self._http = _opened(self._server, self._key, self._silence)
            return self._http


class _Asking:
    """A request that is made in a thread of its own: a server that drips may hold its reader for ever."""

    def __init__(self, server: Server, http: httpx.Client, request: _Request) -> None:
        self._server, self._http, self._request = server, http, request
        self._outcome: SimpleQueue[Reply | Exception] = SimpleQueue()
        self.given_up = Event()

    def reply(self, seconds: float | None) -> Reply:
        """Return the answer, or raise what the asking raised; ``Empty`` when it takes too long."""
        try:
            Thread(target=self._run, name="smos-server", daemon=True).start()
            outcome = self._outcome.get(timeout=seconds)
        except BaseException:
            self.given_up.set()
            raise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _run(self) -> None:
        try:
            self._outcome.put(self._asked())
        except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
            self._outcome.put(error)
        if self.given_up.is_set():
            self._http.close()

    def _asked(self) -> Reply:
        url = f"{self._server.url}/{self._request.path}"
        with self._http.stream("POST", url, content=self._request.content) as response:
            chunks = answers.decoded(self._server, response)
            data = answers.bounded(self._server, takewhile(lambda _: not self.given_up.is_set(), chunks))
            return Reply(response.status_code, response.headers, data)


def _opened(server: Server, key: Key, silence: float | None) -> httpx.Client:
    import httpx

    try:
        return httpx.Client(
            headers={**_HEADERS, **key.headers()},
            timeout=httpx.Timeout(silence, connect=min(_CONNECT_SECONDS, silence or _CONNECT_SECONDS)),
            trust_env=not server.on_loopback,
        )
    except (ImportError, OSError, ValueError, httpx.InvalidURL) as error:
        raise ModelError(
            f"The environment's settings of proxy and certificates can't be used ({type(error).__name__}).",
            "Correct HTTPS_PROXY, SSL_CERT_FILE and their like, or unset them.",
        ) from error
