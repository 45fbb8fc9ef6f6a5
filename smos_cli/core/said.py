"""A conversation that is held, as an extractor reads it: who said what, without what was forgotten or put there.

Owns which turns are read: those that have words of somebody, and are neither masked nor erased.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from smos_cli.core import episode
from smos_cli.core.forgotten import masked_of
from smos_cli.core.injected import without_injected
from smos_cli.core.links import link_target
from smos_cli.core.markdown import parse
from smos_cli.core.memory import Memory, from_fields
from smos_cli.core.models import Said
from smos_cli.core.ports import Blob
from smos_cli.core.secrets import redact
from smos_cli.core.speakers import role_of


class Conversation(NamedTuple):
    """An episode's file, read."""

    memory: Memory
    """its id, dates and project, and its path"""
    etag: str
    turns: tuple[Said, ...]

    @property
    def place(self) -> str:
        """Its id, else its path: what it is called where it may have moved since."""
        return place_of(self.memory)

    @property
    def name(self) -> str:
        """Its file's name, as links have it."""
        return self.memory.path.rpartition("/")[2].removesuffix(".md")

    def link(self, turn: str) -> str:
        """Return the target of a link to a turn."""
        return f"{self.name}#^{turn}"


def conversation(blob: Blob, masks: Collection[str]) -> Conversation:
    """Read an episode's file; ``FormatError`` when it breaks the format.

    ``masks`` are the turns that are out of reach, as ``.tombstones`` names them.
    """
    document = parse(blob.data)
    memory = from_fields({**document.fields, "kind": "episode"}, "", blob.stamp.path)
    masked = masked_of(memory.id, memory.path, masks)
    found: dict[str, Said] = {}
    for turn in episode.parse(document.body, memory.created[:10]):
        if turn.turn and turn.turn not in found and not masked(turn.turn) and (text := _words(turn.text)):
            speaker = redact(turn.speaker).text
            said = Said(turn.turn, role_of(turn.speaker), speaker, turn.time or memory.created, text)
            found[turn.turn] = said
    return Conversation(memory, blob.etag, tuple(found.values()))


def masked_in(talk: Conversation, masks: Collection[str]) -> Callable[[str], bool]:
    """Return what says whether a turn of a conversation is out of reach by now."""
    return masked_of(talk.memory.id, talk.memory.path, masks)


def place_of(memory: Memory) -> str:
    """Return what an episode is called in the queue."""
    return memory.id or memory.path


def target_of(memory: Memory) -> str:
    """Return what links to an episode are compared by."""
    return link_target(memory.id or memory.path)


def _words(text: str) -> str:
    """Return what somebody said; a model that is asked far away gets no secret either."""
    own = without_injected(text).strip()
    return "" if own == episode.ERASED else redact(own).text
