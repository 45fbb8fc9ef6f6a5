"""Files of models from a host: the hub or a mirror of it, by HTTP.

The one place where httpx is loaded. A file comes into the stage's partial file and goes on from its end when it was
cut, or smos was killed; a host that can't go on, or whose file changed, starts again. It is the file only when its
size and digest are right. Credentials are those of the mirror's own URL, and go to no other host; proxies are those
of the environment.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from smos_cli.adapters.models import answers
from smos_cli.adapters.models.answers import PassingError, Stated
from smos_cli.adapters.models.receiving import Receiving
from smos_cli.core.catalogue import Part, Stage
from smos_cli.errors import ModelError, OfflineError, SmosError, UsageError

if TYPE_CHECKING:
    import httpx

_TRIES = 5
"""Failures in a row, nothing having come in between, after which it is given up."""
_TRIES_TO_REACH = 2
_MOST_REDIRECTS = 10
_CHUNK = 1 << 16
"""Bytes that are written at a time."""
_REDIRECTS = (301, 302, 303, 307, 308)
_AT_HOME = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a host is asked. ``timeout`` is the seconds it may say nothing; 0 is for ever."""

    timeout: float = 60.0
    accept_unpinned: bool = False
    """take a file that neither the table nor its host vouches for"""
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Hub:
    """The ``Source`` port over HTTP. ``base`` is the host's URL, before the address of a file."""

    def __init__(self, base: str, manner: Manner) -> None:
        self._base = checked_base(base)
        self._manner = manner

    def lacks(self, parts: Sequence[Part]) -> Sequence[Part]:  # noqa: ARG002 - what a host lacks it says when asked
        return ()

    def bring(self, part: Part, stage: Stage, told: Callable[[int], None]) -> Part:
        receiving = Receiving(part, stage, told, accept_unpinned=self._manner.accept_unpinned)
        with self._opened() as client:
            failures = 0
            while True:
                before = receiving.came
                try:
                    return self._attempt(client, receiving)
                except PassingError as trouble:
                    failures = 1 if receiving.came > before else failures + 1
                    self._wait_after(trouble, failures)

    def _wait_after(self, trouble: PassingError, failures: int) -> None:
        """Wait before another attempt; raise what the trouble comes to when there were enough."""
        if failures >= (_TRIES_TO_REACH if isinstance(trouble.error, OfflineError) else _TRIES):
            raise trouble.error from trouble
        wait = answers.pause(failures, self._manner.chance())
        self._manner.sleep(wait if trouble.wait is None else trouble.wait)

    def _attempt(self, client: httpx.Client, receiving: Receiving) -> Part:
        """Ask for what is missing of a file, take it, and return the file; ``PassingError``."""
        if not receiving.is_full:
            url = f"{self._base}/{receiving.part.address}"
            with _foreign(self._host), self._answer(client, url, receiving) as (response, known):
                self._take(response, known, receiving)
        return receiving.finished(self._host)

    def _take(self, response: httpx.Response, known: Stated, receiving: Receiving) -> None:
        host = _name(response.url)
        if response.status_code == 416:
            raise receiving.changed(host)
        answers.refusal(response.status_code, response.headers, host, self._manner.clock())
        answers.check_file(response.headers, host, receiving.part.path)
        receiving.begin(response.status_code, response.headers, known, host)
        for chunk in response.iter_raw(_CHUNK):
            receiving.take(chunk, host)

    @contextmanager
    def _answer(self, client: httpx.Client, url: str, receiving: Receiving) -> Iterator[tuple[httpx.Response, Stated]]:
        """Ask, following redirects; yield the last answer, and what the host that was asked first states."""
        import httpx

        known = Stated()
        asked = place = httpx.URL(url)
        for _ in range(_MOST_REDIRECTS + 1):
            headers = {"Accept-Encoding": "identity", "User-Agent": "smos", **receiving.headers()}
            response = client.send(client.build_request("GET", place, headers=headers), stream=True)
            try:
                if _origin(place) == _origin(asked) and _is_trusted(place):
                    known = _more(known, answers.stated(response.headers))
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    yield response, known
                    return
                place = _next(place, response.headers["location"])
            finally:
                response.close()
        raise ModelError(f"{self._host} leads in circles.", "Give another --mirror, or --from DIR.")

    def _opened(self) -> httpx.Client:
        import httpx

        try:
            return httpx.Client(timeout=self._manner.timeout or None, follow_redirects=False)
        except (ValueError, ImportError, httpx.InvalidURL, OSError) as error:
            raise UsageError(
                f"The proxy or the certificates that the environment names can't be used: {error}.",
                "Look at HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and their like.",
            ) from error

    @property
    def _host(self) -> str:
        return shown(self._base).partition("://")[2].partition("/")[0]


def checked_base(base: str) -> str:
    """Return the URL of a host; ``UsageError`` unless it is one of http or https."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(base)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.query or parts.fragment)
        good = good and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or not base.isprintable() or " " in base:
        raise UsageError(f"{shown(base)!r} can't be a mirror.", "Give a URL such as https://models.example.org.")
    return base.rstrip("/")


def shown(url: str) -> str:
    """Return a URL as it may be shown: without a user's name and password."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


@contextmanager
def _foreign(host: str) -> Iterator[None]:
    """Turn httpx's errors into what may be tried again, or ours."""
    import httpx

    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        raise PassingError(answers.unreachable(host, str(error) or "it says nothing")) from error
    except httpx.TimeoutException as error:
        raise PassingError(_silence(host)) from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:  # the last of a name that is none
        raise ModelError(
            f"{host} leads to an address that is none.", "Give another --mirror, or --from DIR."
        ) from error
    except httpx.TransportError as error:
        cut = ModelError(f"{host} cut the connection: {error}.", "Try again; what came is kept.")
        raise PassingError(cut) from error


def _silence(host: str) -> SmosError:
    return OfflineError(f"{host} says nothing for longer than models.timeout_seconds.", "")


def _next(place: httpx.URL, location: str) -> httpx.URL:
    """Return where a redirect leads; ``ModelError`` where it leads out of encryption."""
    following = place.join(location)
    if place.scheme == "https" and following.scheme != "https":
        raise ModelError(
            f"{_name(place)} leads to {_name(following)} without encryption.", "Give another --mirror, or --from DIR."
        )
    return following


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_trusted(url: httpx.URL) -> bool:
    """Say whether what comes from there is what its host sent: somebody in between could state any digest."""
    return url.scheme == "https" or url.host in _AT_HOME


def _name(url: httpx.URL) -> str:
    return url.host if url.port is None else f"{url.host}:{url.port}"


def _more(known: Stated, new: Stated) -> Stated:
    """Return what two answers of one host state, the later one filling gaps only."""
    return Stated(known.size or new.size, known.digest or new.digest)
