"""A memory whose conversation is gone is named where every machine should hold it, and nowhere else."""

from __future__ import annotations

import pytest

from smos_cli.core.doctor import doctor
from tests.core.bob import EPISODE, Bob, conversation
from tests.samples import identity, memory_file


def told(bob: Bob) -> list[tuple[str, str]]:
    return [(finding.where, finding.what) for finding in doctor(bob.ports, list)]


@pytest.mark.parametrize("fields", [{"session": "gone-x2c5n6pd#^t3"}, {"sources": (f"{EPISODE}#^t1", "gone#^t2")}])
def test_it_is_named_where_conversations_are_versioned(fields: dict[str, str]) -> None:
    files = {**conversation(), "memories/a.md": memory_file(1, "A fact.", **fields)}

    assert told(Bob(files, episodes="versioned")) == [("memories/a.md", "It names a conversation that is not here.")]
    assert told(Bob(files)) == []


@pytest.mark.parametrize("link", [f"{EPISODE}#^t3", f"renamed-{EPISODE[-8:]}#^t1", "talk of another program", ""])
def test_a_link_to_one_that_is_there_or_to_no_turn_is_fine(link: str) -> None:
    files = {**conversation(), "memories/a.md": memory_file(1, "A fact.", session=link)}

    assert told(Bob(files, episodes="versioned")) == []


def test_a_forgotten_conversation_is_not_lost() -> None:
    files = {**conversation(), "memories/a.md": memory_file(1, "A fact.", session=f"{EPISODE}#^t3")}
    bob = Bob(files, episodes="versioned")
    bob.forget(identity(7))

    assert told(bob) == []


def test_many_are_one_finding() -> None:
    files = {f"memories/{n}.md": memory_file(n, f"Fact {n}.", session="gone#^t1") for n in range(4)}

    ((where, what),) = told(Bob(files, episodes="versioned"))

    assert where == "memories/0.md, memories/1.md and 2 more"
    assert what == "They name a conversation that is not here."
