"""A model's own form of a conversation, from the template in its file.

Owns where a system's and a user's message go in it. The form is made once, with places for both, and their texts are
put there as plain tokens: nothing that is said can become one of the marks that hold a conversation together.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

SYSTEM, USER = "\x02system\x03", "\x02user\x03"
_PLACES = re.compile(f"({SYSTEM}|{USER})")
_PLAIN = f"{SYSTEM}\n\n{USER}\n"
"""What a model is given that has no form of its own."""


class Marks(NamedTuple):
    """The words that begin and end a model's texts; empty where it has none."""

    begin: str
    end: str


class Part(NamedTuple):
    """A stretch of a prompt, and whether it is of the form; the rest was said."""

    text: str
    is_form: bool


def form(template: str, marks: Marks) -> str:
    """Return the form of a template, with both places in it; a plain one for a template that has no use for them."""
    both = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
    one = [{"role": "user", "content": f"{SYSTEM}\n\n{USER}"}]  # some know no system
    made = (_rendered(template, marks, messages) for messages in (both, one) if template)
    return next((text for text in made if sorted(_PLACES.findall(text)) == [SYSTEM, USER]), _PLAIN)


def parts(form: str, system: str, user: str) -> list[Part]:
    """Return a form with both messages in their places."""
    texts = {SYSTEM: system, USER: user}
    return [Part(texts.get(part, part), part not in texts) for part in _PLACES.split(form)]


def _rendered(template: str, marks: Marks, messages: Sequence[Mapping[str, str]]) -> str:
    """Return a template filled in, empty when it refuses; it runs in a sandbox, for it comes from a file."""
    formatter: Any = importlib.import_module("llama_cpp.llama_chat_format").Jinja2ChatFormatter
    broken = importlib.import_module("jinja2").TemplateError
    try:
        filled = formatter(template, eos_token=marks.end, bos_token=marks.begin)
        return str(filled(messages=messages, enable_thinking=False).prompt)
    except (broken, ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError, MemoryError):
        return ""
