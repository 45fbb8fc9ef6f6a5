"""Turns from elsewhere as episodes: a new one, or one that is there and has grown.

Owns what makes two conversations the same: the session's name and its first turn, whatever file they came in. One that
is longer than a file may be goes on in another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from smos_cli.core import episode
from smos_cli.core.arrivals import Arrivals
from smos_cli.core.episode import Turn
from smos_cli.core.incoming import stable_id
from smos_cli.core.injected import without_injected
from smos_cli.core.markdown import Value, compose, edit, parse
from smos_cli.core.memory import Memory, from_fields
from smos_cli.core.passages import Passage
from smos_cli.core.ports import Blob
from smos_cli.core.secrets import redact
from smos_cli.core.speakers import role_of
from smos_cli.core.transcripts.spoken import Session
from smos_cli.errors import FormatError

EPISODES_OFF = "the setting vault.episodes is off"
NOTHING_SAID = "nothing but what a client put there"
LARGEST = 12_000_000
"""Bytes of a conversation's file: three quarters of what a vault reads, so that a person may add to it."""
_HEADING = 60
"""Bytes of a turn's heading without its names."""


def take_session(arrivals: Arrivals, session: str, numbered: Session) -> None:
    """Store the turns of one session as an episode, or those that came since; turns are what is counted.

    What a client put into a turn is taken out, and secrets are redacted, also in names.
    """
    session = redact(session).text
    turns = [said for _, turn in numbered if (said := _own(arrivals, turn)).text]
    where = f"{arrivals.name}:{numbered[0][0]}"
    if len(turns) < len(numbered):
        arrivals.pass_over(where, NOTHING_SAID, len(numbered) - len(turns))
    if not turns:
        return
    if arrivals.ports.episodes == "off":
        arrivals.pass_over(where, EPISODES_OFF, len(turns))
        return
    for number, part in enumerate(_parts(turns)):
        try:
            _take(arrivals, session, part, where, number)
        except FormatError as error:
            arrivals.fail(where, error, len(part))


def _parts(turns: Sequence[Turn]) -> Iterator[Sequence[Turn]]:
    """Yield turns, as many as a file may hold; those that come later change nothing of the parts that are full."""
    start, room = 0, LARGEST
    for place, turn in enumerate(turns):
        names = len(turn.speaker.encode()) + len(turn.ref.encode())
        size = len(turn.text.encode()) + turn.text.count("\n") + 2 * names + _HEADING
        if size > room and place > start:
            yield turns[start:place]
            start, room = place, LARGEST
        room -= size
    yield turns[start:]


def _own(arrivals: Arrivals, turn: Turn) -> Turn:
    """Return a turn as it is kept."""
    told = redact(without_injected(turn.text))
    arrivals.report.redacted += len(told.found)
    speaker, ref = redact(turn.speaker).text, redact(turn.ref).text
    if (told.text, speaker, ref) == (turn.text, turn.speaker, turn.ref):
        return turn
    return replace(turn, text=told.text.strip(), speaker=speaker, ref=ref)


def _take(arrivals: Arrivals, session: str, turns: Sequence[Turn], where: str, part: int) -> None:
    start = next((turn.time for turn in turns if turn.time), arrivals.ports.now())
    first = turns[0]
    content = f"{session}\n{first.ref}\n{first.time}\n{first.text}" + (f"\n{part}" if part else "")
    for seed in (content, f"{content}\n{arrivals.name}"):
        identity = stable_id(start, seed)
        if not (path := arrivals.known.episode(identity)):
            _store(arrivals, session, turns, where, Memory(identity, "", kind="episode", created=start))
            return
        there = _There(arrivals.there(path))
        if there.is_of(turns, arrivals.name):
            _continue(arrivals, there, turns)
            return
    arrivals.pass_over(where, "two other conversations have its session and first turn", len(turns))


def _store(arrivals: Arrivals, session: str, turns: Sequence[Turn], where: str, memory: Memory) -> None:
    if verdict := arrivals.known.verdict(memory):
        arrivals.pass_over(where, verdict, len(turns))
        return
    day = memory.created[:10]
    title = next((turn.text for turn in turns if role_of(turn.speaker) == "user"), turns[0].text)
    path = arrivals.place(memory, f"{day} {title}", "episodes")
    fields: dict[str, Value] = {
        "id": memory.id,
        "created": memory.created,
        "session": session,
        "via": "import",
        "file": arrivals.name,
    }
    body = episode.render(turns, day)
    stored = Memory(memory.id, body, path=path, kind="episode", created=memory.created)
    arrivals.store(stored, compose(fields, body), len(turns))
    arrivals.report.episodes.append(memory.id)


def _continue(arrivals: Arrivals, there: _There, turns: Sequence[Turn]) -> None:
    """Append the turns that an episode does not have yet; those it has may have been edited, and stay."""
    if new := there.new_of(turns):
        added = episode.render(new, there.day, first=there.last + 1)
        data = edit(there.blob.data, {}, f"{there.body.rstrip()}\n\n{added}")
        arrivals.ports.vault.replace(there.blob.stamp.path, data, there.blob.etag)
        arrivals.wrote(there.id, there.blob.stamp.path, data, there.blob.etag)
    arrivals.report.episodes.append(there.id)
    arrivals.report.duplicates += len(turns) - len(new)
    arrivals.report.stored += len(new)


class _There:
    """An episode that is in the vault."""

    def __init__(self, blob: Blob) -> None:
        document = parse(blob.data)
        memory = from_fields({**document.fields, "kind": "episode"}, "")
        self.blob = blob
        self.id = memory.id
        self.body = document.body
        self.day = memory.created[:10]
        self._file = memory.file
        self._turns = {int(turn.turn[1:]): turn for turn in episode.parse(self.body, self.day) if turn.turn}
        self.last = max(self._turns, default=0)
        """the highest number of a turn"""

    def is_of(self, turns: Sequence[Turn], file: str) -> bool:
        """Say whether turns are of this conversation, and not of one that only begins like it.

        Those from another file must say the same; in those of the same file, what a person edited here differs.
        """
        pairs = [(self._turns[n], turn) for n, turn in enumerate(turns, 1) if n in self._turns and n > 1]
        if self._file != file:
            return all(_plain(known.text) == _plain(turn.text) for known, turn in pairs)
        here = [turn for number, turn in self._turns.items() if number > 1]
        return not pairs or not _marks(here).isdisjoint(_marks(turns[1:]))

    def new_of(self, turns: Sequence[Turn]) -> list[Turn]:
        """Return the turns that are not here: not by the id they had, and not by their number.

        One whose number is missing was deleted by a person; one whose number another id has came in between.
        """
        refs = Counter(turn.ref for turn in self._turns.values())
        new = []
        for number, turn in enumerate(turns, 1):
            ref = _plain(turn.ref)
            if ref and refs[ref]:
                refs[ref] -= 1
            elif number > self.last or (ref and self._ref(number) not in ("", ref)):
                new.append(turn)
        return new

    def _ref(self, number: int) -> str:
        turn: Passage | None = self._turns.get(number)
        return turn.ref if turn else ""


def _marks(turns: Sequence[Turn | Passage]) -> set[str]:
    """Return all that turns can be told by: the ids they had, and their texts."""
    return {_plain(mark) for turn in turns for mark in (turn.ref, turn.text)} - {""}


def _plain(text: str) -> str:
    return " ".join(text.split())
