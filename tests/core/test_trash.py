"""What lies in the trash is meant as in the vault, and listed."""

from __future__ import annotations

import pytest

from smos_cli.core.erasable import to_erase
from smos_cli.core.trash import list_trash
from smos_cli.errors import AmbiguousError, FormatError, NotFoundError
from tests.core.bob import Bob
from tests.fake_purge import FakePurge
from tests.samples import identity, memory_file

TTL, TEA = "The cache TTL is 10 seconds.", "Tea is at four."


@pytest.fixture
def bob() -> Bob:
    """A persona who forgot two things."""
    bob = Bob({"memories/ttl.md": memory_file(1, TTL, aliases=("TTL",)), "memories/old-tea.md": memory_file(2, TEA)})
    bob.forget(identity(1), identity(2))
    return bob


def test_the_newest_come_first_with_where_they_are(bob: Bob) -> None:
    found, problems = list_trash(bob.ports)

    assert [(memory.path, memory.text) for memory in found] == [
        (".trash/memories/old-tea.md", TEA),
        (".trash/memories/ttl.md", TTL),
    ]
    assert problems == []


def test_a_file_that_is_broken_is_named_and_the_others_are_listed(bob: Bob) -> None:
    bob.vault.write(".trash/memories/broken.md", b"---\n- a list\n---\n")

    found, problems = list_trash(bob.ports)

    assert len(found) == 2
    assert [problem.where for problem in problems] == [".trash/memories/broken.md"]
    with pytest.raises(FormatError):
        bob.restore("broken")


@pytest.mark.parametrize("key", [identity(1)[:24], identity(1)[-4:], "TTL", "ttl.md", "memories/ttl.md"])
def test_the_rules_are_those_of_the_vault(bob: Bob, key: str) -> None:
    assert bob.restore(key).memories[0].id == identity(1)


@pytest.mark.parametrize("key", ["tea", "", identity(1)[-3:], "memories"])
def test_a_word_in_a_file_name_means_nothing(bob: Bob, key: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        bob.restore(key)
    assert "smos restore" in caught.value.remedy


def test_what_could_be_two_is_ambiguous_also_between_the_vault_and_its_trash(bob: Bob) -> None:
    bob.vault.write("memories/ttl.md", memory_file(1, TTL))

    with pytest.raises(AmbiguousError):
        bob.restore("01K")
    with pytest.raises(AmbiguousError) as caught:
        to_erase(bob.ports, FakePurge(), [identity(1)[-8:]])
    assert ".trash/memories/ttl.md" in caught.value.message
    paths = ["memories/ttl.md", ".trash/memories/ttl.md"]
    assert [target.path for target in to_erase(bob.ports, FakePurge(), paths).targets] == paths
