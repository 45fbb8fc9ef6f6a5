"""What one run of smos may spend on model servers, all roles together."""

from __future__ import annotations

from string import ascii_letters
from threading import Lock

from smos_cli.errors import ModelError

_LETTERS = f"{ascii_letters} ".encode()


class Budget:
    """Counts calls and tokens; a call that would go over either is refused before it is made."""

    def __init__(self, calls: int, tokens: int) -> None:
        self._lock = Lock()
        self._most_calls, self._most_tokens = calls, tokens
        self.calls = self.tokens = 0

    def begin(self, tokens: int) -> None:
        """Count a call that sends so many tokens; ``ModelError`` when there is not that much left."""
        with self._lock:
            if self.calls >= self._most_calls:
                raise _spent(f"{self._most_calls} calls", "calls")
            if self.tokens + tokens > self._most_tokens:
                raise _spent(f"{self._most_tokens} tokens", "tokens")
            self.calls += 1
            self.tokens += tokens

    def correct(self, estimated: int, used: int) -> None:
        """Count what a call did use in place of what it was begun with."""
        with self._lock:
            self.tokens += used - estimated


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text has, rather too many: three letters each, and every other sign by itself."""
    plain = text.encode("ascii", "ignore")
    signs = len(plain.translate(None, _LETTERS))
    other = len(text.encode("utf-8", "replace")) - len(plain)
    return (len(plain) - signs) // 3 + signs + other * 2 // 3 + 1


def _spent(what: str, setting: str) -> ModelError:
    return ModelError(
        f"This run has used up its {what} of model servers.",
        f"Go on with another run, or allow more: `smos config set models.{setting} NUMBER`.",
    )
