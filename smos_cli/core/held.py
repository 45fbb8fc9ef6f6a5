"""The conversations that a vault holds, and which of their turns one extractor has read.

Owns what the vault itself shows of that, which counts where the queue's own notes were lost or come from elsewhere: a
memory links to the turn it came from and names the model that found it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smos_cli.core.layout import role_of
from smos_cli.core.links import link_target
from smos_cli.core.ports import Ports
from smos_cli.core.queue import Learnt, Plan
from smos_cli.core.refresh import fresh
from smos_cli.core.said import Conversation, place_of, target_of
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten


class Held(NamedTuple):
    """The conversations of a vault, and what it shows of those that one extractor has read."""

    paths: Mapping[str, str]
    """by place"""
    digests: Mapping[str, str]
    """of the files, by place"""
    shown: Mapping[str, set[str]]
    """turns that a memory came from, by what links to a conversation are compared by"""
    ids: frozenset[str]
    """of all memories that are there, or were and are forgotten"""

    def begun(self, talk: Conversation, learnt: Learnt, plan: Plan) -> tuple[set[str], set[str]]:
        """Return the turns that were learnt, and those that a worker which died may have left half-written."""
        read = set(learnt.turns)
        if not learnt.again:
            read |= self.shown.get(target_of(talk.memory), set())
        whole = {turn for turn, ids in plan.items() if ids and self.ids.issuperset(ids)}
        if whole and all(turn in whole for turn, ids in plan.items() if ids):
            return read | set(plan), set()
        half = set(plan) - whole
        return (read | whole) - half, half


def look(ports: Ports, extractor: str) -> Held:
    with fresh(ports.vault, ports.index, ports.progress) as (session, _):
        found = session.memories(Selection(everything=True))
        digests = {stored.path: stored.digest for stored in session.stored()}
    episodes = [one for one in found if role_of(one.path, ports.vault.base) == "episode"]
    shown: dict[str, set[str]] = {}
    for memory in found:
        name, _, turn = memory.session.partition("#^")
        if memory.model == extractor and turn:
            shown.setdefault(link_target(name), set()).add(turn)
    return Held(
        {place_of(one): one.path for one in episodes},
        {place_of(one): digests.get(one.path, "") for one in episodes},
        shown,
        read_forgotten(ports.vault).ids | {one.id for one in found},
    )
