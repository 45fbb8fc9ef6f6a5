"""Whatever was done, undo leads back through every state, and undoing the undos leads forth again."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smos_cli.core.edit import pin
from tests.core.told import ToldBob
from tests.samples import identity, memory_file

PLACES = ("memories/one.md", "memories/2025/11/two.md", "memories/three.md")

STEPS = st.lists(
    st.tuples(st.sampled_from(["remember", "edit", "pin", "forget", "restore"]), st.integers(0, 2), st.integers(0, 9)),
    min_size=1,
    max_size=8,
)


def do(bob: ToldBob, what: str, which: int, number: int) -> None:
    """Do something to a memory, if it can be done."""
    memory = identity(which)
    there = {one.id: one for one in bob.memories(everything=True, memories_only=True)}
    if what == "remember":
        bob.remember(f"Fact {number} of {len(bob.past.made)}.")
    elif memory in there and what == "forget":
        bob.forget(memory)
    elif memory in there and what == "edit" and there[memory].text != f"Text {number}.":
        bob.edit(memory, f"Text {number}.")
    elif memory in there and what == "pin":
        pin(bob.ports, memory, on=not there[memory].pinned)
    elif memory not in there and what == "restore":
        bob.restore(memory)


def state(bob: ToldBob) -> tuple[dict[str, bytes], list[str]]:
    """Return the files, without audit and trash, and what is kept out."""
    own = ("audit/", ".trash/", ".tombstones")
    return {path: data for path, data in bob.vault.files.items() if not path.startswith(own)}, sorted(bob.tombstones())


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_undo_leads_back_and_forth_again(steps: list[tuple[str, int, int]]) -> None:
    bob = ToldBob({path: memory_file(number, f"At first {number}.") for number, path in enumerate(PLACES)})
    states = [state(bob)]
    for step in steps:
        made = len(bob.past.made)
        do(bob, *step)
        if len(bob.past.made) > made:
            states.append(state(bob))

    undone = []
    for before in reversed(states[:-1]):
        bob.undo()
        undone.append(bob.last())
        assert state(bob) == before
    for name, after in zip(reversed(undone), states[1:], strict=True):
        bob.undo(name)
        assert state(bob) == after
    kept = {path for path in bob.vault.files if path.startswith(".trash/")}
    assert len(kept) <= len(PLACES) + len(steps)
