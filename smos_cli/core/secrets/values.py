"""What a value that stands where a secret may stand looks like: a secret, a placeholder, code, a path, a word."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections import Counter
from itertools import pairwise
from math import log2
from typing import NamedTuple

SURE, TOLD, GUESSED = range(3)
"""How a secret was found: by its own shape, by what names it, by how random it looks near a word that tells."""


class Secret(NamedTuple):
    """A secret, and where it stands in a text, in characters."""

    kind: str
    """such as ``github-token``"""
    start: int
    end: int
    rank: int = SURE


_PLACEHOLDER = re.compile(
    r"(?i)x{4,}|\*{3,}|\.{3}|…|_here\b|^your|your[-_ ]|example|change[-_]?me|placeholder|dummy|redacted"
    r"|replace[-_]?(?:me|this|with)|insert[-_]|todo|fake|sample|my[-_](?:api|key|pass|secret|token)"
    r"|^test[-_]?(?:key|token|secret|pass)|1234567890|abcdefgh|deadbeef|^(?:foo|bar|baz|spam)+\d*$|^(.)\1+$|lorem"
)
_REFERENCE = re.compile(
    r"<.*>?|\$[({].*|\$(?:[A-Z_][A-Z0-9_]*|[a-z_]+)|\$env:\w+|&#?\w+;.*|\{.*\}?|%\w|%\(.*|%[A-Z_]+%|\[.*\]?|[@&!]?[a-z_]+(?:\.[a-z_]+)*",
    re.DOTALL,
)
"""What names a value that is elsewhere: ``$TOKEN``, ``${TOKEN}``, ``<token>``, ``{token}``, ``%s``."""
_CODE = re.compile(
    r"^(?:[a-z_]{3,}|[A-Z][A-Za-z]{2,})[\w.]*[(\[]|^[a-z_]{1,3}\[|::|->|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:[(\[]|$)"
    r"|^(?:self|this|os|process|env|config|settings|args|opts)\."
)
_NAME = re.compile(r"[A-Za-z]+(?:[-_./ ][A-Za-z]+)*[-_]?\d{0,3}")
"""Words, as names in code have them, with a short number at most."""
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|~?\.{0,2}/)?[\w.@%-]+(?:[\\/][\w.@%-]+)+[\\/]?|~?\.{0,2}/[\w.@%-]+")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,20}://|mailto:|data:|www\.|[\w.+-]+@[\w-]+\.[\w.]+$")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]{7,}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.+Z-]*)?")
_VERSION = re.compile(r"v?\d{1,4}(?:[.\-+]\w{1,12}){1,4}")
_DIGEST = re.compile(r"(?i)(?:sha\d*|md5|blake\w*)[-:=]")
_PUBLIC = re.compile(r"AAAA[BCE][0-9A-Za-z+/]|MI[IG][A-Z]|ssh-")
_WORDS = frozenset(
    str.split(
        """
    password passwd pass passphrase secret token key apikey auth none null nil true false undefined string str
    text int integer bytes boolean bool number object any optional required hidden empty unset default value
    values varchar char missing invalid wrong expired valid correct incorrect stored hashed encrypted plaintext
    plain disabled enabled bearer basic digest oauth oauth2 admin root user username login test testing guest
    demo type input field env prompt file stdin vault keyring keychain yes no on off not set needed never always
    here there
    """
    )
)


def is_password(value: str, *, quoted: bool, tight: bool) -> bool:
    """Say whether what is called a password is one: any but a placeholder, code, or a word that says what it is.

    ``quoted``: it stood in quotes; ``tight``: right behind an equals sign. In a sentence it has to look like none of
    its words.
    """
    if len(value) < 4 or _is_none(value) or _CODE.search(value):
        return False
    if _PATH.fullmatch(value) and not _mixed(value):
        return False
    if quoted or tight:
        return not (" " in value and _NAME.fullmatch(value)) and value.count(" ") < 4
    return len(value) >= 6 and _mixed(value) and not _VERSION.fullmatch(value) and not _DATE.fullmatch(value)


def is_token(value: str) -> bool:
    """Say whether what is called a token or a key is one: it looks random, whatever its alphabet."""
    if len(value) < 8 or " " in value or _is_none(value) or _CODE.search(value):
        return False
    if _NAME.fullmatch(value) and not _is_scrambled(value):
        return False
    if any(shape.fullmatch(value) for shape in (_DATE, _VERSION)) or _PUBLIC.match(value) or _DIGEST.match(value):
        return False
    if _PATH.fullmatch(value) and not _scattered(value):
        return False
    return _classes(value) >= 2 and any(map(str.isalpha, value)) and entropy(value) >= (2.5 if len(value) < 20 else 3.0)


def is_basic(value: str) -> bool:
    """Say whether a value is a name and a password in base64, as the header of HTTP has them."""
    try:
        plain = b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (Error, ValueError):
        return False
    return b":" in plain[1:] and plain.isascii() and plain.decode().isprintable()


def is_random(value: str) -> bool:
    """Say whether a word can't be one of a text: long, mixed, and no hash, id, path, name or image."""
    if not 20 <= len(value) <= 200 or _is_none(value) or _PUBLIC.match(value) or _DIGEST.match(value):
        return False
    ordinary = (_UUID, _HEX, _ULID, _DATE, _VERSION, _NAME)
    if any(shape.fullmatch(value) for shape in ordinary) or _CODE.search(value):
        return False
    if _PATH.fullmatch(value) and ("." in value or value.count("/") > 1):
        return False
    return _scattered(value)


def entropy(value: str) -> float:
    """Return Shannon's entropy of a text, in bits a character."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in Counter(value).values())


def is_made_of_words(value: str) -> bool:
    """Say whether what has the shape of a secret is a name that only begins like one: no digit, and real words."""
    if not any(map(str.isdigit, value)) and value == value.lower():
        return True
    last = re.split(r"[_\-.]", value)[-1]
    return len(last) >= 16 and last.isalpha() and last != last.upper() and _word_length(last) >= 4.5


def _is_none(value: str) -> bool:
    """Say whether a value stands for one that is elsewhere, or says what kind of thing belongs there."""
    lowered = value.lower()
    return (
        lowered in _WORDS
        or bool(_PLACEHOLDER.search(value))
        or (bool(_REFERENCE.fullmatch(value)) and not lowered.isalpha())
        or bool(_ADDRESS.match(lowered))
    )


def _classes(value: str) -> int:
    return sum(
        (
            any(map(str.islower, value)),
            any(map(str.isupper, value)),
            any(map(str.isdigit, value)),
        )
    )


def _mixed(value: str) -> bool:
    """Say whether a value is no word of a sentence: it has digits, marks or capitals inside."""
    inner = value[1:]
    if any(map(str.isdigit, value)):
        return True
    return any(not (c.isalpha() or c in "'’-/.,") for c in inner) or (inner != inner.lower() and inner != inner.upper())


def _scattered(value: str) -> bool:
    """Say whether capitals, small letters and digits alternate as in no name."""
    turns = sum(_class(a) != _class(b) for a, b in pairwise(value))
    return _classes(value) >= 3 and entropy(value) >= 3.5 and turns >= len(value) / 4


def _is_scrambled(value: str) -> bool:
    """Say whether letters alone are no name in camel case: its words would be far too short."""
    return len(value) >= 16 and _classes(value) >= 2 and _word_length(value) < 3.4


def _word_length(value: str) -> float:
    """Return how long the words of a name in camel case are on average."""
    words = _CAMEL.findall(value)
    return sum(map(len, words)) / len(words)


def _class(character: str) -> int:
    return 0 if character.islower() else 1 if character.isupper() else 2 if character.isdigit() else 3
