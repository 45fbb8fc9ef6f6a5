"""The write gate: what becomes of a statement that was found automatically, whoever found it.

Owns the order of the questions. Is it quoted from its turn? Is it new, or said again? Was it forgotten? Does it only
repeat what the system or a memory said? May it be believed, or does a person look at it first? Secrets are taken out
before anything else sees it. A decision changes nothing but what later decisions of the same gate know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from smos_cli.core.dates import checked_date
from smos_cli.core.echoes import Echoes
from smos_cli.core.evidence import is_source, supported
from smos_cli.core.incoming import stable_id
from smos_cli.core.injected import injected
from smos_cli.core.instructions import is_instruction
from smos_cli.core.layout import role_of
from smos_cli.core.memory import Memory, checked_kind, checked_tag, content_hash
from smos_cli.core.models import Candidate, Said
from smos_cli.core.nearness import near_hash, signature
from smos_cli.core.ports import Ports
from smos_cli.core.refresh import fresh
from smos_cli.core.remember import checked_text
from smos_cli.core.secrets import redact
from smos_cli.core.selection import Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.core.trash import opened
from smos_cli.errors import FormatError, UsageError

STORE, EVIDENCE, DROP = "store", "evidence", "drop"
LONGEST = 1000
"""Characters of a statement."""

NOT_QUOTED = "its quote is not in the turn"
NO_STATEMENT = "it is no short statement"
FORGOTTEN = "it was forgotten; `smos restore` brings it back"
ERASED = "it was erased"
GONE = (FORGOTTEN, ERASED)
ECHO = "it repeats what the system or a memory says"
KNOWN = "it is known already, and no person said it"
INSTRUCTION = "it looks like an instruction to the model"
NOT_CONFIRMED = "no person said or confirmed it"
SUPERSEDED = "it was superseded since, and is said again"
_RANKS = ("archived", "pending", "accepted")
_TIME = 10
"""Characters of a ULID that are its time."""
_MONTHS = str.split("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")


class Decision(NamedTuple):
    """What becomes of a candidate."""

    action: str
    """``store`` the memory, which has no path yet; ``evidence`` for it, and it is as it is to be; or ``drop``"""
    memory: Memory | None = None
    """what is stored, supported, repeated, or what it would have been had it not been forgotten"""
    reason: str = ""
    """why it is dropped, or why it is stored as pending"""


class Gate:
    """What a vault holds and forgot at one moment, and what was decided since.

    ``turns`` are those that candidates may come from; where they are of several conversations, the name of each and
    ``#`` stand before the turn. ``nobodys`` is more text that nobody said, such as memory that was injected.
    """

    def __init__(self, ports: Ports, turns: Sequence[Said], nobodys: Iterable[str] = ()) -> None:
        self._ports = ports
        self._turns = {said.turn: said for said in turns}
        self._plain: dict[str, str] = {}
        self._echoes: dict[str, Echoes] = defaultdict(Echoes)
        self._nobodys = Echoes(nobodys)
        for said in turns:
            for text in [said.text] if said.role == "system" else injected(said.text):
                self._echoes[_talk(said.turn)].add(text)
        self._forgotten = read_forgotten(ports.vault)
        self._forgotten_ends = {identity[_TIME:]: identity for identity in self._forgotten.ids}
        self._trash = {
            signature(one.memory.text) for one in opened(ports).targets.values() if _is_memory(ports, one.memory)
        } - {""}
        self._known: dict[str, Memory] = {}
        self._load()

    def take(self, candidate: Candidate, link: str) -> Decision:
        """Decide what becomes of a candidate; ``link`` is the target of a link to its turn."""
        said = self._turns.get(candidate.turn)
        if said is None or not self._is_quoted(candidate, said):
            return Decision(DROP, None, NOT_QUOTED)
        cleaned = _cleaned(candidate)
        if cleaned is None:
            return Decision(DROP, None, NO_STATEMENT)
        memory = self._memory(cleaned, said, link)
        there = self._there(memory)
        if there is None and (reason := self._was_forgotten(memory)):
            return Decision(DROP, memory, reason)
        if cleaned.role == "system" or self._is_echo(cleaned):
            return Decision(DROP, there, ECHO)
        if there is not None:
            return self._again(cleaned, memory, there)
        return self._new(memory, _doubt(cleaned))

    def _load(self) -> None:
        ports = self._ports
        with fresh(ports.vault, ports.index, ports.progress) as (session, _):
            found = session.memories(Selection(everything=True))
        kept = [memory for memory in found if _is_memory(ports, memory)]
        # What holds now comes last, so that it is what a repeat is evidence for.
        for memory in sorted(kept, key=lambda one: (_RANKS.index(one.status), one.created)):
            self._know(memory)

    def _is_quoted(self, candidate: Candidate, said: Said) -> bool:
        if said.turn not in self._plain:
            self._plain[said.turn] = _one_line(said.text)
        quote = _one_line(candidate.quote)
        return bool(quote) and quote in self._plain[said.turn]

    def _memory(self, candidate: Candidate, said: Said, link: str) -> Memory:
        created = _date(said.time) or self._ports.now()
        turn = candidate.turn if "#" in candidate.turn else link
        valid_from, valid_to = _date(candidate.valid_from), _date(candidate.valid_to)
        known = min(len(valid_from), len(valid_to))
        return Memory(
            id=stable_id(created, f"{turn}\n{candidate.text}"),
            body=f"{candidate.text}\n\n> [!quote] {_attribution(candidate.speaker, created)}: {candidate.quote}",
            kind=_kind(candidate.kind),
            confidence=round(min(1.0, max(0.0, candidate.confidence)), 2),
            created=created,
            valid_from=valid_from,
            valid_to=valid_to if valid_to[:known] >= valid_from[:known] else "",
            tags=tuple(_tags(candidate.tags)),
            via="chat",
            session=link,
            sources=_sources(candidate, link),
            speaker=_one_line(candidate.speaker),
        )

    def _there(self, memory: Memory) -> Memory | None:
        return self._known.get(signature(memory.text) or memory.text)

    def _was_forgotten(self, memory: Memory) -> str:
        forgotten = self._forgotten
        if identity := self._forgotten_ends.get(memory.id[_TIME:]):
            return ERASED if identity in forgotten.erased else FORGOTTEN
        if any(map(forgotten.knows, hashes_of(memory))) or signature(memory.text) in self._trash:
            return FORGOTTEN
        return ""

    def _is_echo(self, candidate: Candidate) -> bool:
        texts = (candidate.text, candidate.quote)
        of_talk = self._echoes.get(_talk(candidate.turn))
        return any(echoes.has(text) for echoes in (of_talk, self._nobodys) if echoes for text in texts)

    def _again(self, candidate: Candidate, memory: Memory, there: Memory) -> Decision:
        """Decide of what is known: a person who says it again supports it, unless it was superseded meanwhile."""
        is_known_turn = is_source(memory.session, there)
        if not is_known_turn and memory.created > there.created and self._is_superseded(there):
            return self._new(memory, SUPERSEDED)
        if not is_known_turn and not _is_a_persons(candidate):
            return Decision(DROP, there, KNOWN)
        better = supported(there, memory.session, memory.confidence)
        self._know(better)
        return Decision(EVIDENCE, better)

    def _is_superseded(self, there: Memory) -> bool:
        if there.status != "accepted" or not there.path:
            return False
        with self._ports.index.session() as session:
            current = session.memories(Selection(digest=there.digest, memories_only=True))
        return there.path not in {memory.path for memory in current}

    def _new(self, memory: Memory, doubt: str) -> Decision:
        decided = replace(memory, status="pending") if doubt else memory
        self._know(decided)
        return Decision(STORE, decided, doubt)

    def _know(self, memory: Memory) -> None:
        self._known[signature(memory.text) or memory.text] = memory


def _cleaned(candidate: Candidate) -> Candidate | None:
    """Return a candidate on single lines and without secrets; None where nothing can be stored of it."""
    text, quote = (redact(_one_line(part)).text for part in (candidate.text, candidate.quote))
    try:
        text, quote = checked_text(text), checked_text(quote)
    except UsageError:
        return None
    short = len(text) <= LONGEST and any(map(str.isalpha, text))
    return candidate._replace(text=text, quote=quote) if short else None


def _doubt(candidate: Candidate) -> str:
    """Return why a person has to look at a candidate first; empty where nobody has to."""
    if is_instruction(candidate.text) or is_instruction(candidate.quote):
        return INSTRUCTION
    return "" if _is_a_persons(candidate) else NOT_CONFIRMED


def _is_a_persons(candidate: Candidate) -> bool:
    return candidate.role == "user" or bool(candidate.confirmed)


def hashes_of(memory: Memory) -> tuple[str, ...]:
    """Return the content hashes by which tombstones may know what a memory says."""
    return content_hash(memory.text), memory.digest, near_hash(memory.text)


def _is_memory(ports: Ports, memory: Memory) -> bool:
    return role_of(memory.path, ports.vault.base) == "memory" or (
        bool(memory.id) and memory.kind not in ("episode", "note")
    )


def _sources(candidate: Candidate, link: str) -> tuple[str, ...]:
    """Return a link to the turn that took up what somebody else said: the statement came from it, too."""
    turn = candidate.confirmed.rpartition("#")[2]
    return (f"{link.partition('#^')[0]}#^{turn}",) if turn else ()


def _talk(turn: str) -> str:
    """Return the name of the conversation before a turn; empty where there is only one."""
    return turn.rpartition("#")[0]


def _attribution(speaker: str, created: str) -> str:
    """Return who said something and on which day: ``Marta, 18 Nov``."""
    day = f"{int(created[8:10])} {_MONTHS[int(created[5:7]) - 1]}" if len(created) >= 10 else created
    return ", ".join(part for part in (_one_line(speaker).replace(":", " ") or "?", day) if part)


def _kind(text: str) -> str:
    try:
        return checked_kind(text)
    except FormatError:
        return "fact"


def _tags(tags: Iterable[str]) -> Iterable[str]:
    for tag in dict.fromkeys(tags):
        with suppress(FormatError):
            yield checked_tag(tag)


def _date(text: str) -> str:
    try:
        return checked_date(text, "date")
    except FormatError:
        return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
