"""A host, and a stage that files come into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from smos_cli.adapters.models.staging import Staging
from smos_cli.adapters.models.store import ModelStore
from tests.adapters.models.hosting import Host, hosting


@pytest.fixture
def host() -> Iterator[Host]:
    with hosting() as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home/models")


@pytest.fixture
def stage(store: ModelStore) -> Iterator[Staging]:
    with store.staging("mine") as found:
        yield found
