"""The claim on a vault's vectors."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from smos_cli.adapters.duck.claim import Claim


def test_who_looks_at_it_is_in_nobody_s_way(tmp_path: Path) -> None:
    done = Event()

    def look() -> None:
        while not done.is_set():
            Claim(tmp_path, "bob").is_at_work()

    with ThreadPoolExecutor(3) as threads:
        looking = [threads.submit(look) for _ in range(3)]
        try:
            for _ in range(200):
                with Claim(tmp_path, "bob").taken("model@1"):
                    pass
        finally:
            done.set()
    assert [one.result() for one in looking] == [None] * 3
