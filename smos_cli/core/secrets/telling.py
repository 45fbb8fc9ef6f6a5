"""Secrets that are told by what stands before them: a name such as ``DB_PASSWORD``, a header, a flag, a sentence.

Owns which names tell, and in which of the ways of writing a value is taken for theirs: assignments of any language,
headers, command lines, connection strings, markup, a sentence. What follows may still be none (``values``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from smos_cli.core.secrets.values import GUESSED, TOLD, Secret, is_basic, is_password, is_random, is_token

_MARKS = ("pass", "pwd", "secret", "token", "key", "auth", "cred", "bearer", "cookie", "identified", "-u", "-p")
"""Small letters that any text holds in which something is told."""

_PASSWORDS = frozenset(["password", "passwd", "pwd", "pass", "passphrase", "passcode", "pw"])
_TOKENS = frozenset(
    str.split(
        """
    token secret apikey apitoken authtoken accesstoken secretkey privatekey accesskey credential credentials
    creds auth authorization
    """
    )
)
_KEYS = frozenset(
    str.split(
        """
    api access secret private signing signature encryption encrypt auth account master service storage deploy
    client shared session admin app application license jwt hmac crypto webhook subscription integration server
    write ingest functions host aes fernet rsa ssl ssh ingestion
    """
    )
)
"""A key is a secret behind one of these; a primary, foreign, public, cache or sort key is none."""
_HARMLESS = frozenset(
    str.split(
        """
    public max min num number total count next prev page sync continuation eos bos pad unk cls sep mask stop
    special cache primary foreign sort partition idempotency csrf input output prompt completion first last
    new_line per publishable anon token_type
    """
    )
)
_TRAILING = frozenset(
    str.split(
        """
    prod production dev development test testing live staging stage qa old new value val b64 base64 raw main
    """
    )
)
_GLUED = tuple(word for word in _PASSWORDS if len(word) > 2)
"""Ends of names in which words are not set apart, such as ``dbpassword``."""

_KEYWORD = r"(?:pass(?:word|wd|phrase|code)?|pwd|pw|secret|token|key|auth(?:orization)?|cred(?:ential)?s?)"
_BARE = r"[^\s\"'`<>]{3,512}+"
_TOLD = re.compile(
    rf"{_KEYWORD}[\w\-]{{0,30}}+"
    r"(?:"
    r"[\"'`\])\\]{0,3}+[ \t]{0,12}+(?::[ ]?[A-Za-z_][\w.\[\]"
    r"|]{0,24}+(?:[ ]\|[ ]\w{1,12})?[ ]?=(?=[ \t]{0,4}[rbuf]{0,2}[\"'])|=>|:=|\?=|={1,3}|:(?!//)"
    r"|(?<=[\"'`]),)[ \t]{0,12}+(?:[rbuf]{1,2}(?=[\"']))?"
    r"|[\"'][ \t]{1,4}+(?:value|content)[ \t]{0,2}+=[ \t]{0,2}+"
    r"|(?P<said>[ \t]{1,3}+(?:[a-z]{1,10}[ \t]){0,4}?(?:is|was|are|to|=)[: \t]{1,3}+)"
    r"|(?P<tag>>)"
    r")"
    r"(?:\\?\"(?P<double>[^\"\\\r\n]{3,512}+)\\?\"|'(?P<single>[^'\r\n]{3,512}+)'|`(?P<tick>[^`\r\n]{3,512}+)`"
    rf"|(?P<bare>{_BARE}))",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"(?:(?<![\w\-])--?(?P<flag>[A-Za-z][\w\-]{1,60}+)|\b(?:ENV|ARG|setx)[ \t]{1,3}+(?P<env>\w{1,60}+)"
    r"|\blogin[ \t]{1,8}+\S{1,100}+[ \t]{1,8}+"
    r"(?:\w{1,20}+[ \t]{1,8}+\S{1,100}+[ \t]{1,8}+)?(?P<netrc>password))[ \t]{1,3}+"
    rf"(?:\"(?P<double>[^\"\r\n]{{3,512}}+)\"|'(?P<single>[^'\r\n]{{3,512}}+)'|(?P<bare>(?!-){_BARE}))"
)
_LEFT = re.compile(r"[\w.\-$]{0,64}\Z")
_HEADER = re.compile(
    r"(?<![\w])(?:(?:proxy-)?authorization[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?"
    r"(?:(?P<scheme>[a-z][\w\-]{2,20})[ \t]{1,4})?"
    r"|(?P<bearer>bearer)[ \t]{1,4}+)(?P<s>[A-Za-z0-9._~+/=:\-]{8,4000}+)",
    re.IGNORECASE,
)
_KEY_HEADER = re.compile(
    r"(?<![\w\-])(?:x-[a-z\-]{0,30}(?:key|token|secret|auth)|apikey|api-key|private-token|ocp-apim-subscription-key)"
    r"[\"']?[ \t]{0,4}[:,][ \t]{0,4}[\"']?(?P<s>[A-Za-z0-9._~+/=:\-]{8,4000}+)",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"(?<![\w.\-])[\w.\-]{0,30}(?:sess(?:ion)?(?:[_-]?(?:id|token|key))?|sid|remember[\w.\-]{0,20})"
    r"=(?P<s>[A-Za-z0-9%._\-+/:]{16,800}+)",
    re.IGNORECASE,
)
_CURL_USER = re.compile(
    r"(?:curl|wget|https?)(?=[ \t])[^\r\n]{0,400}?[ \t](?:-u|--user|--proxy-user|-a|--auth)[ =]{0,3}"
    r"[\"'{]{0,2}[^\s\"':{}]{0,64}[\"'}]{0,2}:[\"'{]{0,2}(?P<s>[^\s\"'`<>{}]{3,200}+)"
)
_MYSQL = re.compile(
    r"(?:mysql|mysqldump|mysqladmin|mariadb|sshpass|mongo|mongosh|mongodump"
    r"|redis-cli)\b[^\r\n]{0,300}?[ \t](?:-p|-a)(?:(?P<quote>[\"'])(?P<quoted>[^\"'\r\n]{3,128}+)"
    r"|(?P<s>[^\s\"'`<>\-][^\s\"'`<>]{3,127}+))"
)
_SSHPASS = re.compile(
    r"(?:sshpass|redis-cli|docker login|mongosh?|mongodump|az login|htpasswd)\b[^\r\n]{0,300}?[ \t](?:-p"
    r"|-a|-b)[ \t]{1,2}+[\"']?(?P<s>[^\s\"'`<>]{4,128}+)"
)
_IDENTIFIED = re.compile(
    r"(?:identified[ \t](?:with[ \t][\w]{1,40}[ \t])?by|(?:with[ \t]"
    r"|encrypted[ \t])password)[ \t]{1,4}+'(?P<s>[^'\r\n]{3,200}+)'",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"(?<![A-Za-z])(?:api[ _-]?keys?|access[ _-]?(?:keys?|tokens?)|secret(?:[ _-]?keys?)?|tokens?"
    r"|pass(?:word|wd|phrase|code)|credentials?|pwd|bearer|auth[ _-]?tokens?)(?![A-Za-z])",
    re.IGNORECASE,
)
_NEAR = re.compile(r"[^\r\n]{0,48}?(?<![\w+/=.\-])(?P<s>[A-Za-z0-9+/_=.\-~]{20,200}+)(?![\w+/])")
_CONNECTED = re.compile(r"[;,&](?=[ ]?[A-Za-z_][\w .\-]{0,40}=)")
_ENDS = ".,;:)]}\\|"


class _Name(NamedTuple):
    """What a name says of its value: the kind of secret, and whether it is a password, which may be any word."""

    kind: str
    password: bool


def told_secrets(text: str) -> Iterator[Secret]:
    """Yield the secrets of a text that are told by what stands before them, in any order."""
    lowered = text.lower()
    if not any(mark in lowered for mark in _MARKS):
        return
    yield from _named(text)
    yield from _headers(text, lowered)
    yield from _commands(text, lowered)
    if "cookie" in lowered:
        yield from _cookies(text)
    if "-" in text or "ENV" in text or "ARG" in text or "setx" in text or "login" in text:
        yield from _flagged(text)
    if _TELLS.search(text):
        yield from _near(text)


def _named(text: str) -> Iterator[Secret]:
    place = 0
    while match := _TOLD.search(text, place):
        start, end = value = _value_span(match)
        place = start  # what is no secret may hold a name that tells of one
        begin, name = _name_at(text, match)
        told = _reading(name) if name else None
        if told is None:
            continue
        quoted = match["bare"] is None
        in_list = text[match.start() : start].rstrip(" \t\"'`").endswith(",")
        if in_list and not quoted:
            continue
        if not quoted:
            start, end = _trimmed(text, value, in_query=text[max(0, begin - 1) : begin] in ("?", "&"))
            # At the end of a sentence it ends the sentence; elsewhere a password may well have it.
            end -= match["said"] is not None and text[end - 1] in "!?"
        if told.password:
            good = is_password(text[start:end], quoted=quoted and not in_list, tight=_is_tight(text, match))
            good = good or (quoted and "phrase" in name.lower() and text.count(" ", start, end) >= 3)
        else:
            good = is_token(text[start:end]) or (name.lower().endswith("auth") and is_basic(text[start:end]))
        if good:
            yield Secret(told.kind, start, end, TOLD)
            place = end


def _flagged(text: str) -> Iterator[Secret]:
    """Yield what follows a name after a mere space: on a command line, in a Dockerfile, in .netrc."""
    for match in _FLAG.finditer(text):
        told = _reading(match["flag"] or match["env"] or match["netrc"])
        start, end = match.span("double" if match["double"] else "single" if match["single"] else "bare")
        value = text[start:end]
        if told and (is_password(value, quoted=True, tight=True) if told.password else is_token(value)):
            yield Secret(told.kind, start, end, TOLD)


def _value_span(match: re.Match[str]) -> tuple[int, int]:
    return next(match.span(group) for group in ("double", "single", "tick", "bare") if match[group] is not None)


def _is_tight(text: str, match: re.Match[str]) -> bool:
    """Say whether a bare value stands where nothing but a value can."""
    before = text[_value_span(match)[0] - 1]
    return match["tag"] is not None or (match["said"] is None and before in "=>")


def _name_at(text: str, match: re.Match[str]) -> tuple[int, str]:
    """Return the whole name in which a match begins, and where; empty where it does not tell in this way of writing."""
    left = _LEFT.search(text, max(0, match.start() - 64), match.start())
    begin = left.start() if left else match.start()
    separator = re.search(r"[^\w\-]", text[match.start() : match.end()])
    end = match.start() + separator.start() if separator else match.end()
    name = text[begin:end]
    is_open_tag = text[max(0, begin - 1) : begin] == "<"
    return begin, name if match["tag"] is None or is_open_tag else ""


@lru_cache(maxsize=4096)
def _reading(name: str) -> _Name | None:
    """Return what a name tells of its value, None where it is none that tells."""
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _TRAILING):
        words.pop()
    if not words:
        return None
    last, before = words[-1], words[:-1]
    if not _HARMLESS.isdisjoint(before):
        return None
    if last in _PASSWORDS or (last.endswith(_GLUED) and last not in ("bypass", "compass", "trespass")):
        return _Name("password", True) if last != "pass" or before or name.isupper() else None
    return _key(words) if last.endswith("key") and last not in _TOKENS else _token(last, before)


def _key(words: list[str]) -> _Name | None:
    """Return what a name that ends in ``key`` tells: a secret behind some words, and nothing behind others."""
    last, before = words[-1], words[:-1]
    qualifier = before[-1] if last == "key" and before else last[:-3]
    if qualifier not in _KEYS:
        return None
    if "aws" in words or words[-3:] == ["secret", "access", "key"]:
        return _Name("aws-secret-key", False)
    return _Name({"account": "storage-key", "private": "private-key"}.get(qualifier, "api-key"), False)


def _token(last: str, before: list[str]) -> _Name | None:
    plain = last.removesuffix("s") if last in ("tokens", "secrets") and before else last
    if plain not in _TOKENS and not plain.endswith(("token", "secret")):
        return None
    kind = "token" if plain.endswith("token") else "secret" if plain.endswith("secret") else "credential"
    return _Name("api-key" if plain.endswith("key") else kind, False)


def _trimmed(text: str, span: tuple[int, int], *, in_query: bool) -> tuple[int, int]:
    """Return where a bare value stands without what belongs to the text around it."""
    start, end = span
    if cut := _CONNECTED.search(text, start, end):
        end = cut.start()
    if in_query and "&" in text[start:end]:
        end = text.index("&", start)
    while end > start and text[end - 1] in _ENDS:
        end -= 1
    return start, end


def _headers(text: str, lowered: str) -> Iterator[Secret]:
    if "authorization" in lowered or "bearer" in lowered:
        for match in _HEADER.finditer(text):
            value, scheme = match["s"], (match["scheme"] or match["bearer"] or "").lower()
            if scheme == "basic" and is_basic(value):
                yield Secret("basic-auth", *match.span("s"), TOLD)
            elif scheme != "basic" and is_token(value):
                yield Secret("bearer-token" if scheme == "bearer" else "authorization", *match.span("s"), TOLD)
    if any(mark in lowered for mark in ("x-", "apikey", "api-key", "private-token", "ocp-apim")):
        for match in _KEY_HEADER.finditer(text):
            if is_token(match["s"]):
                yield Secret("api-key", *match.span("s"), TOLD)


def _cookies(text: str) -> Iterator[Secret]:
    for match in _COOKIE.finditer(text):
        if is_token(match["s"]):
            yield Secret("cookie", *match.span("s"), TOLD)


def _commands(text: str, lowered: str) -> Iterator[Secret]:
    """Yield the passwords that commands take in ways of their own."""
    patterns: list[re.Pattern[str]] = []
    if any(flag in text for flag in ("-u", "--user", "--proxy-user", "-a", "--auth")):
        patterns.append(_CURL_USER)
    if " -p" in text or " -a" in text or " -b" in text:
        patterns += [_MYSQL, _SSHPASS]
    if "identified" in lowered or "with password" in lowered or "encrypted password" in lowered:
        patterns.append(_IDENTIFIED)
    for pattern in patterns:
        for match in pattern.finditer(text):
            group = "quoted" if match.groupdict().get("quoted") else "s"
            value = match[group]
            if not value.isdigit() and is_password(value, quoted=True, tight=True):
                yield Secret("password", *match.span(group), TOLD)


def _near(text: str) -> Iterator[Secret]:
    """Yield what looks random soon after a word that tells, on the same line."""
    for word in _TELLS.finditer(text):
        match = _NEAR.match(text, word.end())
        if match and is_random(value := match["s"].rstrip(".-")):
            yield Secret("secret", match.start("s"), match.start("s") + len(value), GUESSED)
