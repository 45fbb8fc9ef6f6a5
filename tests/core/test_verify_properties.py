"""Whatever is done with a vault, its chain verifies; whatever byte of it is changed, that is found."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from smos_cli.core.adopt import adopt
from smos_cli.core.audit import checkpoint
from smos_cli.core.edit import Edit, edit_memory, pin
from smos_cli.core.verify import verify
from smos_cli.errors import SmosError
from tests.core.bob import Bob, conversation
from tests.core.kept import kept
from tests.fakes import FakeMachine

DAY = 86_400_000
WORDS = ("tea", "coffee", "milk", "water", "the TTL", "the limiter")
VERBS = (
    "remember",
    "edit",
    "pin",
    "forget",
    "restore",
    "import",
    "adopt",
    "checkpoint",
    "write",
    "append",
    "move",
    "delete",
    "drop in",
    "note",
    "kill",
    "later",
    "another machine",
)
STEPS = some.lists(some.tuples(some.sampled_from(VERBS), some.integers(0, 99)), max_size=25)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Life:
    """A vault and two machines that change it, one after the other."""

    def __init__(self) -> None:
        first = kept(conversation())
        self.machines = [first, first.on(FakeMachine(2))]
        self.here = 0
        self.count = 0
        self.killed = False

    @property
    def bob(self) -> Bob:
        return self.machines[self.here]

    def step(self, verb: str, number: int) -> None:
        """Do something; what comes after ``kill`` is killed before it is committed."""
        self.count += 1
        history: Any = self.bob.history
        history.off = self.killed
        with suppress(SmosError):
            self._do(verb, number)
        history.off = False
        self.killed = verb == "kill"

    def _do(self, verb: str, number: int) -> None:
        bob = self.bob
        text = f"{WORDS[number % len(WORDS)]} {self.count}"
        memories = [path for path in bob.paths() if path.startswith("memories/")]
        path = memories[number % len(memories)] if memories else ""
        trashed = bob.paths(".trash/")
        if verb == "remember":
            bob.remember(text)
        elif verb == "import":
            bob.import_({"text": text}, {"text": f"more of {text}"})
        elif verb == "adopt":
            adopt(bob.ports)
        elif verb == "checkpoint":
            checkpoint(bob.ports)
        elif verb == "restore" and trashed:
            bob.restore(trashed[number % len(trashed)])
        elif verb in ("drop in", "note"):
            place = f"memories/{number}.md" if verb == "drop in" else f"notes/{number % 3}.md"
            bob.vault.write(place, f"{text}.\n".encode())
        elif verb == "later":
            bob.clock.milliseconds += DAY * number
        elif verb == "another machine":
            self.here = 1 - self.here
        elif path:
            self._change(verb, path, text)

    def _change(self, verb: str, path: str, text: str) -> None:
        bob = self.bob
        if verb == "edit":
            edit_memory(bob.ports, path, Edit(text=text))
        elif verb == "pin":
            pin(bob.ports, path, on=b"pinned" not in bob.vault.files[path])
        elif verb == "forget":
            bob.forget(path)
        elif verb == "write":
            bob.vault.write(path, bob.vault.files[path] + f"\n{text}\n".encode())
        elif verb == "append":
            bob.vault.write(path, bob.vault.files[path].rstrip() + b"\n\nP.S.\n")
        elif verb == "move":
            bob.vault.move(path, f"memories/moved-{self.count}.md")
        elif verb == "delete":
            bob.vault.delete(path)


@SLOW
@given(STEPS)
def test_after_any_history_nothing_is_wrong(steps: list[tuple[str, int]]) -> None:
    life = Life()
    for verb, number in steps:
        life.step(verb, number)
    life.step("another machine", 0)
    life.step("remember", 0)
    for bob in life.machines:
        found = verify(bob.ports).findings
        assert [one for one in found if one.where != "history" and "made before the chain" not in one.what] == []


@settings(max_examples=100, deadline=None)
@given(some.integers(1, 45), some.data())
def test_any_changed_byte_is_found(lines: int, data: some.DataObject) -> None:
    bob = kept()
    for number in range(lines):
        bob.remember(f"Fact {number}.")
        if number % 10 == 9:
            checkpoint(bob.ports)
    path = next(path for path in bob.vault.files if path.endswith(".jsonl"))
    before = bob.vault.files[path]
    place = data.draw(some.integers(0, len(before) - 1))
    byte = data.draw(some.integers(0, 255).filter(lambda value: value != before[place]))

    bob.vault.write(path, before[:place] + bytes([byte]) + before[place + 1 :])

    assert any(one.level == "problem" for one in verify(bob.ports).findings)
