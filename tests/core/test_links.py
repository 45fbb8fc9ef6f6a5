"""What a link is compared by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core import ulid
from smos_cli.core.layout import file_name
from smos_cli.core.links import link_target, link_targets
from smos_cli.core.memory import Memory
from tests.samples import identity, link


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("cache-ttl-is-60-seconds-0k8f3k2m", "0k8f3k2m"),
        ("Cache-TTL-0K8F3K2M", "0k8f3k2m"),
        ("0k8f3k2m", "0k8f3k2m"),
        ("01KB8F3K2M7Q0ZT4V9X2C5N6PD", "x2c5n6pd"),
        ("memories/2026/11/cache-0k8f3k2m", "0k8f3k2m"),
        ("memories/2026/11/cache-0k8f3k2m.md", "0k8f3k2m"),
        ("memories/2026/11/0k8f3k2m.md", "0k8f3k2m"),
        ("cache-0k8f3k2m#^t12", "0k8f3k2m"),
        (" cache-0k8f3k2m \n", "0k8f3k2m"),
        ("The Cache TTL", "the cache ttl"),
        ("short", "short"),
        ("cache-0k8f3k2", "cache-0k8f3k2"),
        ("cache0k8f3k2m", "cache0k8f3k2m"),
        ("cache-0k8f3kil", "cache-0k8f3kil"),
        ("", ""),
        ("#^t1", ""),
    ],
)
def test_a_target_is_the_end_of_an_id_else_the_text(text: str, target: str) -> None:
    assert link_target(text) == target


@given(st.text(), st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_the_name_of_any_file_of_ours_links_to_its_id(text: str, milliseconds: int, entropy: bytes) -> None:
    name = ulid.make(milliseconds, entropy)

    for written in (name, file_name(text, name), file_name(text, name).removesuffix(".md")):
        assert link_target(written) == ulid.suffix(name)


def test_a_memory_points_to_each_target_once_and_never_to_itself_or_nothing() -> None:
    memory = Memory(
        identity(1), "x", supersedes=(link(2), identity(2), link(1), "", "#x", link(3)), conflicts=(link(4),)
    )

    assert link_targets(memory, "supersedes") == [ulid.suffix(identity(2)), ulid.suffix(identity(3))]
    assert link_targets(memory, "conflicts") == [ulid.suffix(identity(4))]
