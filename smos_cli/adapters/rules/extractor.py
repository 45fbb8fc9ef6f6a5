"""The extractor by rules: what is worth keeping of a conversation, found without a model.

Owns the way from turns to candidates; each rule has a module of its own. It would rather be silent than wrong: English
only, a sentence at a time, and a quotation to the letter for everything. Standard library only; linear in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from smos_cli.adapters.rules.confirming import Taken, has_worked, taken_up
from smos_cli.adapters.rules.statements import Speech, Statement, done_by_assistant, told_by_person
from smos_cli.adapters.rules.subjects import Who, named, third_person
from smos_cli.adapters.rules.tags import tags_of
from smos_cli.core.models import Candidate, Said

_CONFIRMED = 0.8
"""How sure it is that what was taken up is worth keeping."""
_ASSISTANT = 0.6
"""How sure it is of what an assistant says it did, at most."""


class RulesExtractor:
    """Finds statements by rules; needs no model, and never fails."""

    model_id = "rules-1"

    def extract(self, turns: Sequence[Said], wanted: Callable[[str], bool]) -> Sequence[Candidate]:
        """Return candidates of the turns that are wanted, and what a wanted turn takes up of the one before it."""
        talk = _Talk(turns)
        spoken = [turn for turn in turns if turn.role in ("user", "assistant") and turn.text.strip()]
        found: list[Candidate] = []
        for before, turn, after in zip([None, *spoken], spoken, [*spoken[1:], None], strict=False):
            if not wanted(turn.turn):
                continue
            if turn.role == "assistant":
                found += talk.of_assistant(turn, after)
                continue
            if before and before.role == "assistant" and not wanted(before.turn):
                found += [one for one in talk.of_assistant(before, turn) if one.confirmed]
            found += talk.of_person(turn)
        return found


class _Talk:
    """A conversation, and what its people are called."""

    def __init__(self, turns: Sequence[Said]) -> None:
        self._people = list(dict.fromkeys(named(turn.speaker, turn.role) for turn in turns if turn.role == "user"))
        self._has_assistant = any(turn.role == "assistant" for turn in turns)
        self._names = frozenset(part.lower() for name in self._people for part in name.split() if name != "the user")

    def of_person(self, turn: Said) -> list[Candidate]:
        """Return what a person tells."""
        speech = self._speech(turn)
        return [_candidate(one, turn) for one in told_by_person(speech)]

    def of_assistant(self, turn: Said, answer: Said | None) -> Iterator[Candidate]:
        """Yield what an assistant did, and what it proposed if the answer takes that up."""
        is_answer = answer is not None and answer.role == "user"
        if answer and is_answer and (taken := taken_up(answer.text, turn.text)):
            yield self._agreed(turn, answer, taken)
        proved = answer.turn if answer and is_answer and has_worked(answer.text) else ""
        for one in done_by_assistant(self._speech(turn)):
            yield _candidate(one, turn, proved)

    def _agreed(self, turn: Said, answer: Said, taken: Taken) -> Candidate:
        who = self._speech(answer).who
        action = third_person(taken.proposal.action, Who("the assistant", who.name))
        action = action[:1].lower() + action[1:] if action[1:2].islower() else action
        said = "confirmed that this worked:" if taken.worked else "agreed to"
        sentence = taken.proposal.sentence
        return Candidate(
            text=f"{who.opening} {said} {action}.",
            quote=turn.text[sentence.start : sentence.end],
            turn=turn.turn,
            speaker=turn.speaker,
            role=turn.role,
            kind="procedure" if taken.worked else "decision",
            tags=tags_of(taken.proposal.action, self._names),
            confidence=_CONFIRMED,
            confirmed=answer.turn,
        )

    def _speech(self, turn: Said) -> Speech:
        name = named(turn.speaker, turn.role)
        others = [person for person in self._people if person != name]
        if turn.role == "user" and self._has_assistant:
            others = [] if others else ["the assistant"]
        return Speech(turn, Who(name, others[0] if len(others) == 1 else ""), self._names)


def _candidate(statement: Statement, turn: Said, confirmed: str = "") -> Candidate:
    sure = _CONFIRMED if confirmed else statement.confidence
    return Candidate(
        text=statement.text,
        quote=turn.text[statement.start : statement.end],
        turn=turn.turn,
        speaker=turn.speaker,
        role=turn.role,
        kind=statement.kind,
        tags=statement.tags,
        valid_from=statement.day,
        confidence=sure if turn.role == "user" or confirmed else min(sure, _ASSISTANT),
        confirmed=confirmed,
    )
