"""The extractor that asks a language model, portion by portion.

Owns how it asks: once, and once more when the answer is not what it was asked for. What the answers are worth is for
``answers``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smos_cli.core.models import Candidate, Said
from smos_cli.core.prompting.answers import UnreadableError, candidates_of
from smos_cli.core.prompting.portions import Room, portions
from smos_cli.core.prompting.prompt import SCHEMA, SYSTEM, VERSION, Piece, again, question
from smos_cli.core.prompting.writer import UnusableOutputError, Writer
from smos_cli.errors import ModelError

LONGEST_PORTION = 2_000
"""Tokens of conversation shown at once: a small model overlooks the middle of more."""
LONGEST_ANSWER = 1_500
_SMALLEST_PORTION = 160
_AROUND = 150
"""Tokens, at most, of a chat template, the marks around a portion and the reason why it is asked for again."""
_GIVE_UP_AFTER = 2
"""Portions in a row that gave nothing usable: the next would not either."""


class LlmExtractor:
    """Finds what is worth keeping by asking a writer.

    ``model_id`` names the writer and the prompt's version. Raises ``ModelError`` when the writer does or has too
    small a context, ``UnusableOutputError`` at the end when a portion had no usable answer.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.model_id = f"{writer.model_id}+prompt-{VERSION}"

    def extract(self, turns: Sequence[Said], wanted: Callable[[str], bool]) -> Sequence[Candidate]:
        """Return candidates of the turns that are wanted, in their order, each with its quote in its turn."""
        if not any(wanted(said.turn) for said in turns):
            return []
        found: list[Candidate] = []
        failed: list[UnusableOutputError] = []
        in_a_row = 0
        for pieces in portions(turns, wanted, self._room(), self._writer.count_tokens):
            if in_a_row == _GIVE_UP_AFTER:
                failed.append(_unread(failed[-1], pieces))
                continue
            try:
                found += self._read(pieces)
                in_a_row = 0
            except UnusableOutputError as error:
                failed.append(error)
                in_a_row += 1
        if failed:
            unread = dict.fromkeys(turn for error in failed for turn in error.turns)
            raise UnusableOutputError(
                failed[0].message,
                failed[0].output,
                list(unread),
                [candidate for candidate in found if candidate.turn not in unread],
            ) from failed[0]
        return found

    def _room(self) -> Room:
        context = self._writer.context
        left = context - self._longest_answer - self._writer.count_tokens(SYSTEM) - _AROUND
        if left < _SMALLEST_PORTION:
            raise ModelError(
                f"The model {self._writer.model_id} reads {context} tokens at once, too few to learn by.",
                "Choose another extractor with `smos models use`.",
            )
        room = min(left, LONGEST_PORTION)
        return Room(room, room // 4)

    @property
    def _longest_answer(self) -> int:
        return min(LONGEST_ANSWER, self._writer.context // 5)

    def _read(self, pieces: Sequence[Piece]) -> list[Candidate]:
        said = [piece.said for piece in pieces if piece.wanted]
        asked = question(pieces)
        answer = self._answer(asked)
        try:
            return candidates_of(answer, said)
        except UnreadableError as error:
            answer = self._answer(self._again(asked, str(error), answer))
        try:
            return candidates_of(answer, said)
        except UnreadableError as error:
            turns = list(dict.fromkeys(turn.turn for turn in said))
            message = f"The model {self._writer.model_id} gave no usable answer: {error}."
            raise UnusableOutputError(message, answer, turns) from error

    def _again(self, asked: str, reason: str, answer: str) -> str:
        """Return the second question, with as much of the answer's beginning as there is room for."""
        left = self._writer.context - self._longest_answer - self._writer.count_tokens(SYSTEM) - _AROUND
        begun = answer[:1_000]
        while begun and self._writer.count_tokens(again(asked, reason, begun)) > left:
            begun = begun[: len(begun) // 2]
        return again(asked, reason, begun)

    def _answer(self, asked: str) -> str:
        return self._writer.complete(SYSTEM, asked, SCHEMA, self._longest_answer)


def _unread(last: UnusableOutputError, pieces: Sequence[Piece]) -> UnusableOutputError:
    return UnusableOutputError(last.message, last.output, [piece.said.turn for piece in pieces if piece.wanted])
