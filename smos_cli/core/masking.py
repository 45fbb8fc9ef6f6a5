"""Masks: the turns of conversations that a memory came from, so that it is not recalled by way of a conversation.

Owns how the episode is found: by file name, else by the eight characters, else by alias. What could be two is not
guessed. A turn that repeats the memory's words in the same conversation is one that it came from, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from smos_cli.core import episode, ulid
from smos_cli.core.forgotten import mask
from smos_cli.core.layout import role_of
from smos_cli.core.links import link_target
from smos_cli.core.markdown import parse
from smos_cli.core.memory import Memory
from smos_cli.core.ports import Ports
from smos_cli.core.refresh import fresh
from smos_cli.core.selection import Selection
from smos_cli.core.trash import opened
from smos_cli.errors import SmosError

_QUOTE = re.compile(r"^> \[!quote\] [^:\n]*: (.+)$", re.MULTILINE)
_SHORTEST = 16
"""Characters of words that are looked for elsewhere in the conversation they were said in."""
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
        if there := places[name]:
            turns |= {mask(there.id or there.path, each) for each in (turn, *_repeating(ports, memory, there.path))}
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


def _repeating(ports: Ports, memory: Memory, path: str) -> Iterator[str]:
    """Yield the turns of a conversation that say a memory's words, such as an assistant's that says them back."""
    words = [_plain(text) for text in (memory.text, *_QUOTE.findall(memory.body))]
    with suppress(SmosError):
        for turn in episode.parse(parse(ports.vault.read(path).data).body, ""):
            said = _plain(turn.text)
            if turn.turn and any(len(one) >= _SHORTEST and one in said for one in words):
                yield turn.turn


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".!")


def _place(name: str, finds: Sequence[Find], base: str) -> Memory | None:
    """Return the one episode that a link names."""
    for find in finds:
        candidates = {
            found.path: found
            for key in (name, link_target(name))
            if key
            for found in find(key)
            if role_of(found.path, base) == "episode"
        }
        if meant := {found.id or found.path: found for found in _meant(name, list(candidates.values()))}:
            return next(iter(meant.values())) if len(meant) == 1 else None
    return None


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
