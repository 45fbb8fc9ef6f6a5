"""A server that plays, and clients of it that wait for nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smos_cli.adapters.server.budget import Budget
from smos_cli.adapters.server.client import Access, Client
from smos_cli.adapters.server.patience import Clock
from smos_cli.config.servers import Server
from tests.adapters.server.playing import PlayedServer, played

TODAY = 1_763_467_200.0
"""2025-11-18T12:00:00Z"""


class Waits(list[float]):
    """The waits that were asked for, in seconds; none of them is waited."""


@pytest.fixture
def server() -> Iterator[PlayedServer]:
    with played() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def client(server: PlayedServer, waits: Waits) -> Iterator[Callable[..., Client]]:
    """Make clients of the server that plays, by what differs from the default."""
    made: list[Client] = []

    def make(access: dict[str, Any] | None = None, **settings: Any) -> Client:
        clock = Clock(time.monotonic, waits.append, lambda: 0.5, lambda: TODAY)
        options: dict[str, Any] = {"environ": {}, "timeout_seconds": 5.0, "clock": clock, **(access or {})}
        budget = options.pop("budget", Budget(1_000, 10**9))
        redact = options.pop("redact", str)
        settings = {"name": "local", "url": server.url, **settings}
        made.append(Client(Server(**settings), Access(budget, redact, **options)))
        return made[-1]

    yield make
    for one in made:
        one.close()
