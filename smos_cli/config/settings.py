"""The table of settings: every key, its default, what it does, and which values it takes."""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import Any

from smos_cli.config.servers import SERVER_SETTINGS, check_key, check_url
from smos_cli.errors import NotFoundError, UsageError

DEFAULT_PERSONA = "bob"

SETTINGS: dict[str, tuple[Any, str]] = {
    "default_persona": (DEFAULT_PERSONA, "the persona that is meant when none is named"),
    "vault.autocommit": (True, "commit every change in vaults whose repository smos made"),
    "vault.episodes": ("local", "local: kept out of git; versioned: in git; off: not kept"),
    "index.wait_seconds": (5.0, "how long recall waits for an index that is held"),
    "index.vectors": ("auto", "how the nearest vectors are found: exact, hnsw, or auto: what measures faster"),
    "recall.budget": (1500, "tokens that a block for a model has at most"),
    "recall.standing_share": (0.33, "of a block's budget, what standing memories may take"),
    "models.embedder": ("", "the installed model, or SERVER/MODEL, that makes vectors; empty: the embedded one"),
    "models.reranker": ("", "the installed model, or SERVER/MODEL, that reads hits once more; empty: none"),
    "models.judge": ("", "the installed model, or SERVER/MODEL, that notices contradictions; empty: rules"),
    "models.extractor": ("", "the installed model, or SERVER/MODEL, that learns from conversations; empty: rules"),
    "models.offline": (False, "ask no server and pull nothing"),
    "models.mirror": ("", "base URL that models are pulled from in place of their own source"),
    "models.timeout_seconds": (60.0, "how long a model's server may say nothing before it is given up; 0: for ever"),
    "models.calls": (500, "most calls of model servers in one run of smos"),
    "models.tokens": (1_000_000, "most tokens that one run of smos sends to model servers and gets from them"),
    "sync.timeout_seconds": (60.0, "how long a remote may say nothing before sync gives it up; 0: for ever"),
}
"""Every key outside ``personas`` and ``servers``, its default and what it does."""

PERSONA_SETTINGS: dict[str, tuple[Any, str]] = {
    "path": ("", "the vault's folder; relative to home"),
    "adopted": (False, "a folder of notes that was there before"),
    "model_folders": ([], "folders of an adopted vault that a model may see"),
    "git": (False, "smos made this adopted folder a repository and keeps its history in it"),
}
"""Every key of a persona, its default and what it does."""

_CHOICES = {"vault.episodes": ("local", "versioned", "off"), "index.vectors": ("auto", "exact", "hnsw")}
_LARGEST = 999_999_999
_MOST = {"recall.standing_share": 1.0}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_WINDOWS_NAMES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])


def described(key: str) -> str:
    """Return what a setting does; ``NotFoundError`` for an unknown one."""
    return _known(key)[1]


def checked_value(key: str, value: Any) -> Any:
    """Return the value of a setting as its type; ``NotFoundError`` for an unknown key, ``UsageError`` otherwise."""
    default = _known(key)[0]
    if key.startswith("servers.") and key.endswith(".key"):
        return check_key(key, value if isinstance(value, str) else "not a text")
    if isinstance(default, bool):
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        good = isinstance(value, bool)
    elif isinstance(default, int):
        value, good = _count(value, min(default, 1))
    elif isinstance(default, float):
        value, good = _number(value)
        good = good and value <= _MOST.get(key, value)
    elif isinstance(default, list):
        good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    else:
        good = isinstance(value, str) and "\0" not in value and value in _CHOICES.get(key, (value,))
    if not good:
        kind = " or ".join(_CHOICES.get(key, ())) or {
            "bool": "true or false",
            "int": f"a whole number from {min(default, 1) if isinstance(default, int) else 1} up",
            "float": "a number from 0 to 1" if key in _MOST else "a number from 0 up",
            "list": "a list of texts",
        }.get(type(default).__name__, "a text")
        raise UsageError(f"The setting {key} can't be {value!r}.", f"It is {kind}.")
    if key.startswith("servers.") and key.endswith(".url"):
        return check_url(key, value)
    return check_name(value) if key == "default_persona" else value


def check_name(name: str) -> str:
    """Return a persona's name; ``UsageError`` unless every system can have a folder of it."""
    if not _NAME.fullmatch(name) or name in _WINDOWS_NAMES:
        raise UsageError(
            f"{name!r} can't be a persona's name.",
            "Use lower-case letters, digits, - and _, such as bob or team-a.",
        )
    return name


def _known(key: str) -> tuple[Any, str]:
    """Return the default of a setting and what it does."""
    if key in SETTINGS:
        return SETTINGS[key]
    parts = key.split(".")
    if len(parts) == 3 and parts[0] == "personas" and parts[2] in PERSONA_SETTINGS:
        return PERSONA_SETTINGS[parts[2]]
    if len(parts) == 3 and parts[0] == "servers" and parts[2] in SERVER_SETTINGS:
        return SERVER_SETTINGS[parts[2]]
    close = get_close_matches(key, SETTINGS, n=1)
    raise NotFoundError(
        f"There is no setting {key!r}.",
        f"Did you mean {close[0]}?" if close else "See them with `smos config list`.",
    )


def _number(value: Any) -> tuple[Any, bool]:
    if isinstance(value, bool):
        return value, False
    try:
        return float(value), 0 <= float(value) < math.inf
    except (TypeError, ValueError):
        return value, False


def _count(value: Any, least: int) -> tuple[Any, bool]:
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        return value, False
    good = isinstance(number, int) and not isinstance(number, bool) and least <= number <= _LARGEST
    return number if good else value, good
