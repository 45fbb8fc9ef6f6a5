"""Masks: the turns of conversations that a memory came from, so that it is not recalled by way of a conversation.

Owns how the episode is found: by file name, else by the eight characters, else by alias. What could be two is not
guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from smos_cli.core import ulid
from smos_cli.core.forgotten import mask
from smos_cli.core.layout import role_of
from smos_cli.core.links import link_target
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.trash import opened

Find = Callable[[str], Sequence[Memory]]
"""Returns what a key may name, with the paths files have or had in the vault."""


class Masks(NamedTuple):
    """The turns that memories came from, as tombstones name them, and a warning for each that was not found."""

    turns: frozenset[str]
    warnings: tuple[str, ...] = ()


def masks_of(ports: Ports, memories: Sequence[Memory]) -> Masks:
    """Find the turns that memories came from, in conversations of the vault or, where there is none, of its trash."""
    said = [(memory, place) for memory in memories for place in _places(memory)]
    if not said:
        return Masks(frozenset())
    trash = opened(ports)
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        finds = (lambda key: session.memories(Selection(key=key, everything=True)), trash.named)
        places = {name: _place(name, finds, ports.vault.base) for name in {place[0] for _, place in said}}
    turns, lost = set(), []
    for memory, (name, turn) in said:
        if places[name]:
            turns.add(mask(places[name], turn))
        else:
            lost.append(memory.id or memory.path)
    return Masks(
        frozenset(turns),
        tuple(
            f"The turn that {one} came from could not be found, so it is still in its conversation."
            for one in dict.fromkeys(lost)
        ),
    )


def no_longer_masked(ports: Ports, memories: Sequence[Memory]) -> frozenset[str]:
    """Return the turns of memories that came back from the trash which no memory still in it came from."""
    turns = masks_of(ports, memories).turns
    return turns - masks_of(ports, [item.memory for item in opened(ports).targets.values()]).turns if turns else turns


def _place(name: str, finds: Sequence[Find], base: str) -> str:
    """Return the id (else path) of the one episode that a link names, or an empty text."""
    for find in finds:
        candidates = {
            found.path: found
            for key in (name, link_target(name))
            if key
            for found in find(key)
            if role_of(found.path, base) == "episode"
        }
        places = {found.id or found.path for found in _meant(name, list(candidates.values()))}
        if places:
            return places.pop() if len(places) == 1 else ""
    return ""


def _meant(name: str, episodes: Sequence[Memory]) -> list[Memory]:
    """Return the episodes that a link names in the first of the ways in which it names any."""
    path, target = f"{name.removesuffix('.md')}.md", link_target(name)
    ways: tuple[Callable[[Memory], bool], ...] = (
        lambda found: found.path == path,
        lambda found: found.path.endswith(f"/{path}"),
        lambda found: bool(found.id) and ulid.suffix(found.id) == target,
        lambda found: name in found.aliases,
    )
    return next((meant for way in ways if (meant := [found for found in episodes if way(found)])), [])


def _places(memory: Memory) -> list[tuple[str, str]]:
    """Return the name of the episode and the turn in each of a memory's links that has both."""
    parts = (link.partition("#^") for link in (memory.session, *memory.sources))
    places = ((name.strip(), turn.strip().lower()) for name, _, turn in parts)
    return [place for place in dict.fromkeys(places) if all(place)]
