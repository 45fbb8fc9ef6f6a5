"""What a change leaves in the history, and that a history that fails is told and loses nothing."""

from __future__ import annotations

from smos_cli.core.changes import Touched
from smos_cli.core.memory import Memory
from smos_cli.core.record import record
from tests.core.bob import apart
from tests.fakes import FakeHistory, fake_ports
from tests.samples import identity

ONE, TWO = Memory(identity(1), "The TTL is 10 s\n\nmore"), Memory(identity(2), "Marta likes tea")
NAMELESS = Memory("", "Dropped in")
A = Touched(ONE.id, "memories/a.md", "", "1" * 64)


def test_one_memory_is_told_by_its_statement() -> None:
    history = FakeHistory()

    warnings = record(fake_ports(history=history, actor="marta"), "remember", [ONE], [A])

    (change,) = history.changes
    assert warnings == ()
    assert change.subject == "remember: The TTL is 10 s"
    assert (change.verb, change.ids, change.door, change.actor) == ("remember", (ONE.id,), "shell", "marta")
    assert (apart(change.written), change.removed) == (("memories/a.md",), ())


def test_of_several_their_number_is_told() -> None:
    history = FakeHistory()

    record(
        fake_ports(history=history),
        "forget",
        [ONE, TWO, NAMELESS],
        [Touched("", "a", "1" * 64), Touched("", "b", "1" * 64)],
        also=[".tombstones"],
    )

    (change,) = history.changes
    assert change.subject == "forget: 3 memories"
    assert change.ids == (ONE.id, TWO.id)
    assert change.removed == ("a", "b")


def test_episodes_are_left_out_unless_they_are_versioned() -> None:
    local, versioned = FakeHistory(), FakeHistory()
    touched = [Touched("", "episodes/2025/11/a.md", "", "1"), Touched("", "episodes/2025/11/b.md", "1"), A]

    record(fake_ports(history=local), "import", [ONE], touched)
    record(fake_ports(history=versioned, episodes="versioned"), "import", [ONE], touched)

    assert (apart(local.changes[0].written), local.changes[0].removed) == (("memories/a.md",), ())
    assert apart(versioned.changes[0].written) == ("episodes/2025/11/a.md", "memories/a.md")
    assert versioned.changes[0].removed == ("episodes/2025/11/b.md",)


def test_a_history_that_fails_is_a_warning() -> None:
    history = FakeHistory()
    history.broken = True

    (warning,) = record(fake_ports(history=history), "remember", [ONE], [A])

    assert warning == "The change is saved, but not in the history: git failed. The files are saved."


def test_without_a_history_there_is_nothing_to_tell() -> None:
    history = FakeHistory()
    history.kept = False

    assert record(fake_ports(history=history), "remember", [ONE], [A]) == ()
