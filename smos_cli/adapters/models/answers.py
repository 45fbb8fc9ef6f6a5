"""What a host's answers mean: may it be tried again, and after how long; what it says of a file; or what is wrong.

Decides on status and headers alone; ``hub`` moves the bytes. The headers are those of RFC 9110, and of the hub:
``X-Linked-Etag`` is the sha256 of a file in large-file storage and ``ETag`` the git blob sha1 of any other, beside
``X-Repo-Commit`` (huggingface_hub, ``file_download.py``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha1
from typing import NamedTuple

from smos_cli.errors import ModelError, OfflineError, SmosError

LONGEST_WAIT = 120.0
"""Seconds that a host may ask to wait; who asks for more is given up."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_SHA256, _SHA1 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


class Stated(NamedTuple):
    """What hosts say of a file. A size of 0 is unknown, a text empty."""

    size: int = 0
    digest: str = ""
    """``sha256:`` or ``git:`` and hex digits, as the host that was asked states it; not one that it led to"""
    etag: str = ""
    """of the bytes that come: a strong one"""


class PassingError(Exception):
    """An attempt that may be made again. ``error`` is what it comes to if none succeeds."""

    def __init__(self, error: SmosError, wait: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.wait = wait
        """seconds that the host asks to be left alone"""


def refusal(status: int, headers: Mapping[str, str], host: str, now: datetime) -> None:
    """Raise what an answer without a file means: ``PassingError``, or ``ModelError`` when trying again is of no use."""
    if status in _AGAIN:
        error = ModelError(f"{host} can't answer now: it says {status}.", "Try again later; what came is kept.")
        wait = retry_after(headers.get("retry-after", ""), now)
        if wait is not None and wait > LONGEST_WAIT:
            raise ModelError(error.message, f"It asks to wait {wait / 60:.0f} minutes; what came is kept.")
        raise PassingError(error, wait)
    if status in (401, 403, 407):
        raise ModelError(
            f"{host} refuses the file: it says {status}.",
            "Accept its terms on the model's page and download it there, then use --from DIR; or give a --mirror.",
        )
    if status in (404, 410):
        raise ModelError(f"{host} does not have the file: it says {status}.", "Give another --mirror, or --from DIR.")
    if not 200 <= status < 300:
        raise ModelError(f"{host} gives an answer that is no file: {status}.", "Give another --mirror, or --from DIR.")


def check_file(headers: Mapping[str, str], host: str, path: str) -> None:
    """See that an answer may be the file; ``ModelError`` for a web page, such as a login."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml") and not path.endswith((".html", ".htm")):
        raise ModelError(
            f"{host} answers with a web page instead of {path}.",
            "A login or a proxy may be in between: open the address in a browser, or use --from DIR.",
        )
    if headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise ModelError(f"{host} sends {path} encoded, unasked.", "Give another --mirror, or --from DIR.")


def stated(headers: Mapping[str, str]) -> Stated:
    """Return what one answer of the host that was asked says of the file."""
    linked, plain = _etag(headers.get("x-linked-etag", "")), _etag(headers.get("etag", ""))
    size = headers.get("x-linked-size", "")
    digest = ""
    if _SHA256.fullmatch(linked):
        digest = f"sha256:{linked}"
    elif _SHA1.fullmatch(linked or plain) and "x-repo-commit" in headers:
        digest = f"git:{linked or plain}"
    return Stated(int(size) if size.isdecimal() and len(size) < 19 else 0, digest)


def strong_etag(headers: Mapping[str, str]) -> str:
    """Return an answer's ETag as it is sent back; empty when it is weak or none."""
    etag = headers.get("etag", "").strip()
    return etag if len(etag) > 2 and etag[0] == etag[-1] == '"' and etag.isascii() and etag.isprintable() else ""


def content_range(headers: Mapping[str, str]) -> tuple[int, int] | None:
    """Return where a part of a file begins and how long the whole is (0: unknown); None when that isn't said."""
    found = _RANGE.fullmatch(headers.get("content-range", "").strip())
    return (int(found[1]), 0 if found[3] == "*" else int(found[3])) if found else None


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, in either of its forms; None when it doesn't."""
    value = value.strip()
    if value.isdecimal() and value.isascii():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def pause(failures: int, chance: float) -> float:
    """Return the seconds before an attempt after so many failures: doubling, with jitter; ``chance`` is from 0 to 1."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 1)) * (0.5 + chance / 2)


def git_digest(data: bytes) -> str:
    """Return what git calls a file of these bytes, as ``Stated`` has it."""
    head = b"blob %d\0" % len(data)
    return f"git:{sha1(head + data, usedforsecurity=False).hexdigest()}"


def unreachable(host: str, why: str) -> OfflineError:
    """Return that a host can't be reached now."""
    return OfflineError(f"{host} can't be reached: {why}.", "")


def _etag(value: str) -> str:
    return value.strip().removeprefix("W/").strip('"').lower()
