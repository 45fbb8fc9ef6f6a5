"""An index in memory, made from the files at one moment: what recall uses while the index is held by somebody else.

Owns the same answers as the stored index for everything but vectors, of which it has none.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from smos_cli.core import ulid
from smos_cli.core.links import link_targets
from smos_cli.core.memory import Memory
from smos_cli.core.passages import indexed_text
from smos_cli.core.ports import Counts, Entry, Found, Problem, Question, Stored, Vault
from smos_cli.core.query import terms
from smos_cli.core.ranking import BM25_B, BM25_K1, Candidate, Moments, Signals
from smos_cli.core.reading import read_entry
from smos_cli.core.refresh import Report, check_still_there
from smos_cli.core.selection import SHORTEST_END, Selection
from smos_cli.core.tombstones import read_forgotten
from smos_cli.errors import SmosError

_BEST = 1000


def scanned(vault: Vault) -> tuple[ScannedSession, Report]:
    """Read every file of a vault into an index in memory; the report counts those that can't be read."""
    session = ScannedSession()
    masks = read_forgotten(vault).masks
    scan = vault.scan()
    stamps = scan.stamps()
    check_still_there(vault, stamps, had_files=not stamps)
    report = Report(problems=list(scan.problems()))
    entries = []
    for stamp in stamps:
        report.seen += 1
        try:
            entries.append(read_entry(vault.read(stamp.path), vault.base, masks))
            problem = entries[-1].problem
        except SmosError as error:
            problem = error.message
        if problem:
            report.failed += 1
            report.problems.append(Problem(stamp.path, problem))
    session.write(entries, (), "")
    return session, report


class ScannedSession:
    """The ``IndexSession`` port in memory."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._notes: dict[str, str] = {}
        self._passages: list[tuple[Entry, int, Counter[str]]] | None = None
        self._links: dict[str, dict[str, set[str]]] | None = None

    def fingerprint(self) -> str:
        return self.note("fingerprint")

    def note(self, key: str, value: str | None = None) -> str:
        if value is not None:
            self._notes[key] = value
        return self._notes.get(key, "")

    def stored(self) -> Iterator[Stored]:
        for path in sorted(self._entries):
            entry = self._entries[path]
            yield Stored(*entry.stamp, entry.digest, entry.problem)

    def write(self, entries: Sequence[Entry], removed: Iterable[str], fingerprint: str) -> None:
        for path in removed:
            self._entries.pop(path, None)
        for entry in entries:
            self._entries[entry.stamp.path] = entry
        self.note("fingerprint", fingerprint)
        self._passages = self._links = None

    def score(self, question: Question) -> Signals:
        table = self._table()
        lengths = [sum(words.values()) for _, _, words in table]
        mean = max(1.0, sum(lengths) / max(1, len(lengths)))
        asked = dict.fromkeys(question.terms)
        rarity = {
            term: math.log(1 + (len(table) - count + 0.5) / (count + 0.5))
            for term in asked
            if (count := sum(term in words for _, _, words in table))
        }
        scores = [
            sum(
                rarity[term]
                * words[term]
                * (BM25_K1 + 1)
                / (words[term] + BM25_K1 * (1 - BM25_B + BM25_B * length / mean))
                for term in asked
                if term in words
            )
            for (_, _, words), length in zip(table, lengths, strict=True)
        ]
        return self._signals(question.selection, scores, len(asked))

    def passages(self, numbers: Sequence[int]) -> Sequence[Found]:
        return [self._found(number) for number in numbers]

    def memories(self, selection: Selection) -> Sequence[Memory]:
        kept = [
            _with_passage(entry, 0)
            for entry in self._entries.values()
            if not entry.problem and entry.role != "own" and self._matches(entry, selection, _memory(entry).created)
        ]
        kept.sort(key=lambda memory: memory.path)
        kept.sort(key=lambda memory: (memory.created, memory.id), reverse=True)
        return kept[: selection.limit or None]

    def counts(self) -> Counts:
        good = [entry for entry in self._entries.values() if not entry.problem]
        memories = [_memory(entry) for entry in good if entry.role == "memory"]
        return Counts(
            memories=len(memories),
            pending=sum(memory.status == "pending" for memory in memories),
            archived=sum(memory.status == "archived" for memory in memories),
            episodes=sum(entry.role == "episode" for entry in good),
            turns=sum(bool(passage.turn) for entry in good for passage in entry.passages),
            notes=sum(entry.role == "note" for entry in good),
            passages=sum(len(entry.passages) for entry in good),
            problems=len(self._entries) - len(good),
        )

    def _signals(self, selection: Selection, scores: Sequence[float], terms: int) -> Signals:
        table = self._table()
        places = [
            place
            for place, (entry, ordinal, _) in enumerate(table)
            if self._matches(entry, selection, entry.passages[ordinal].time or _memory(entry).created)
        ]
        if not places:
            return Signals(Moments(0.0, 0.0), Moments(0.0, 0.0), [], 0, terms)
        values = [scores[place] for place in places]
        mean = sum(values) / len(values)
        deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
        eligible = set(places)
        best = sorted(places, key=lambda place: -scores[place])[:_BEST]
        candidates = [
            Candidate(
                place,
                scores[place],
                0.0,
                self._beside(place, -1, eligible, scores),
                self._beside(place, 1, eligible, scores),
            )
            for place in sorted(best)
        ]
        return Signals(Moments(mean, deviation), Moments(0.0, 0.0), candidates, len(places), terms)

    def _beside(self, place: int, step: int, eligible: set[int], scores: Sequence[float]) -> tuple[float, float] | None:
        table = self._table()
        entry, ordinal, _ = table[place]
        if place + step in eligible and table[place + step][0] is entry and entry.passages[ordinal].turn:
            return scores[place + step], 0.0
        return None

    def _table(self) -> list[tuple[Entry, int, Counter[str]]]:
        if self._passages is None:
            self._passages = [
                (entry, ordinal, Counter(terms(indexed_text(passage))))
                for entry in self._entries.values()
                for ordinal, passage in enumerate(entry.passages)
            ]
        return self._passages

    def _found(self, number: int) -> Found:
        entry, ordinal, _ = self._table()[number]
        memory = _memory(entry)
        return Found(
            number,
            ordinal,
            entry.passages[ordinal],
            _with_passage(entry, ordinal),
            entry.role,
            self._conflicts(memory),
            self._linking(memory, "supersedes"),
        )

    def _linking(self, memory: Memory, relation: str) -> list[str]:
        """Return the ids (else paths) of accepted memories whose links of a relation have this one as their target."""
        if self._links is None:
            self._links = {"supersedes": {}, "conflicts": {}}
            for other in map(_memory, self._entries.values()):
                if other.status == "accepted":
                    for kind, by_target in self._links.items():
                        for target in link_targets(other, kind):
                            by_target.setdefault(target, set()).add(other.id or other.path)
        return sorted(self._links[relation].get(ulid.suffix(memory.id), ())) if memory.id else []

    def _conflicts(self, memory: Memory) -> list[str]:
        targets = set(link_targets(memory, "conflicts"))
        named = {
            other.id
            for other in map(_memory, self._entries.values())
            if targets and other.id and other.status == "accepted" and ulid.suffix(other.id) in targets
        }
        return sorted(named | set(self._linking(memory, "conflicts")))

    def _matches(self, entry: Entry, selection: Selection, time: str) -> bool:
        memory = _memory(entry)
        if selection.statuses:
            if memory.status not in selection.statuses:
                return False
        elif not selection.everything and (memory.status != "accepted" or self._linking(memory, "supersedes")):
            return False
        return (
            (not selection.kinds or memory.kind in selection.kinds)
            and set(selection.tags) <= set(memory.tags)
            and (not selection.after or time >= selection.after)
            and (not selection.before or "" < time < selection.before)
            and (not selection.memories_only or entry.role == "memory")
            and (not selection.digest or (bool(memory.body) and memory.digest == selection.digest))
            and (not selection.key or _is_named(memory, selection.key))
        )


def _memory(entry: Entry) -> Memory:
    return entry.memory or Memory(id="", body="", path=entry.stamp.path, kind="note")


def _with_passage(entry: Entry, ordinal: int) -> Memory:
    """Return a memory as the index on disk gives it: with one passage for a body."""
    memory = _memory(entry)
    text = entry.passages[ordinal].text if entry.passages else ""
    return replace(memory, body=text, body_hash=memory.digest if memory.body else "")


def _is_named(memory: Memory, key: str) -> bool:
    stem = key.removesuffix(".md")
    return (
        memory.path in (key, f"{stem}.md")
        or memory.path.endswith(f"/{stem}.md")
        or key in memory.aliases
        or (bool(memory.id) and memory.id.startswith(key.upper()))
        or (len(key) >= SHORTEST_END and memory.id.endswith(key.upper()))
    )
