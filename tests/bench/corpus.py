"""Believable memories in any number, and questions about them. Made from word lists and a seed, always the same.

Owns the texts only. A memory is a statement and a paragraph or two beside it, about 0.4 kB; services, settings,
codes, versions and dates keep the vocabulary as wide as that of real notes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

LENGTH = 390
"""Characters of a text, about; with its frontmatter a file has 0.5 kB."""
_START = datetime(2024, 1, 8, 8, tzinfo=UTC)
_DAYS = 900

_LISTS = {
    "first": "amber north silent harbor copper winter paper river orange velvet granite hollow early static"
    " marble lunar cedar polar quiet rapid rusty saffron timber violet willow crimson delta ember frosty gentle",
    "second": "lantern bridge ledger anchor beacon meadow compass engine garden harvest island kernel lattice"
    " mirror needle orchard pebble quarry ribbon signal tunnel valley window forge gate canal dock mill tower",
    "person": "Marta Jonas Priya Tomas Leila Kofi Ingrid Mateo Yuki Amara Nils Rosa Emre Clara Dmitri Noor",
    "part": "cache queue scheduler parser router indexer uploader exporter importer watcher limiter renderer"
    " planner registry gateway worker collector resolver encoder balancer monitor archiver mailer",
    "noun": "timeout checksum quota session token certificate migration backup snapshot webhook schema payload"
    " retry threshold cursor replica partition manifest thumbnail invoice calendar password subscription",
    "verb": "drops repeats refuses delays caches rewrites validates compresses batches forwards encrypts"
    " truncates duplicates rotates throttles ignores merges prunes replays logs",
    "place": "Lisbon Oslo Kyoto Ghent Bergen Porto Tartu Leipzig Aarhus Bologna Zagreb Utrecht Galway Turin",
    "dish": "risotto dumplings lentil-soup paella ramen goulash shakshuka pierogi curry focaccia tagine",
    "hobby": "climbing pottery sailing chess gardening cycling birdwatching origami swimming knitting astronomy",
    "unit": "seconds minutes megabytes requests rows connections retries percent days files",
    "tag": "network storage api deploy testing people travel home health billing security docs build metrics",
    "kind": "fact fact fact preference decision procedure event profile",
}
_STATEMENTS = (
    ("The {part} of {service} {verb} every {noun} after {number} {unit}.", "when does the {service} {part} act"),
    ("{setting} is {number} by default and is read once, when {service} starts.", "what is {setting} set to"),
    ("{code} means that the {noun} of {service} has expired; run it again.", "what does error {code} mean"),
    ("{person} looks after {service} and reviews its {noun} changes on {day}.", "who reviews {service}"),
    ("We decided on {date} to keep the {noun} in {service}, not in the {part}.", "where is the {noun} kept"),
    ("{person} moved to {place} and works from there until {date}.", "where does {person} live now"),
    ("{person} prefers {dish} and can't stand {dish2}.", "what food does {person} like"),
    ("{service} {version} breaks the {noun}: stay on {version2} until it is mended.", "which {service} to use"),
    ("To restore a {noun}, stop {service}, then run `{command}` and wait {number} {unit}.", "restore a {noun}"),
    ("{person} took up {hobby} in {place} and goes there every {day}.", "what does {person} do on {day}"),
)
_DETAILS = (
    "It was measured on {date}: {number} {unit} before, {number2} after, on the box in {place}.",
    "{person} saw the {part} hang twice with {code} while a {noun} was under way.",
    "The old value, {number2} {unit}, filled the {noun} and the {part} {verb} what came later.",
    "See {path} for the code; the test beside it covers the {noun} as well.",
    "Ask {person} before it is changed, because {service2} reads the same {noun}.",
    "This holds for {service2} too, but there the {part} {verb} it only after {number2} {unit}.",
    "We talked about it over {dish} in {place}; nobody wanted the {part} to own the {noun}.",
    "Since {version} the {part} writes {setting} to its log at every start.",
)


class Example(NamedTuple):
    """A memory as it is imported, and a question it answers."""

    text: str
    created: str
    kind: str
    tags: list[str]
    question: str


def examples(count: int, seed: int = 7) -> Iterator[Example]:
    """Yield that many memories, oldest first."""
    chance = random.Random(seed)
    lists = {name: words.split() for name, words in _LISTS.items()}
    for number in range(count):
        moment = _START + timedelta(days=_DAYS * number / count, seconds=chance.randrange(3600))
        words = _words(chance, lists)
        statement, question = chance.choice(_STATEMENTS)
        text = statement.format_map(words) + "\n\n"
        while len(text) < LENGTH - 40:
            text += chance.choice(_DETAILS).format_map(_words(chance, lists) | {"service": words["service"]}) + " "
        tags = sorted(set(chance.choices(lists["tag"], k=chance.choice((1, 2, 2, 3)))))
        yield Example(text.strip(), f"{moment:%Y-%m-%dT%H:%M:%SZ}", words["kind"], tags, question.format_map(words))


def _words(chance: random.Random, lists: dict[str, list[str]]) -> dict[str, str]:
    words = {name: chance.choice(choices) for name, choices in lists.items()}
    day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=chance.randrange(_DAYS))
    first, second, noun = words["first"], words["second"], words["noun"]
    return words | {
        "service": f"{first}-{second}",
        "service2": f"{chance.choice(lists['first'])}-{chance.choice(lists['second'])}",
        "setting": f"{second}_{noun}_{chance.choice(lists['unit'])}".upper(),
        "code": f"{second[:2].upper()}{chance.randrange(1000, 9999)}",
        "version": f"{chance.randrange(1, 9)}.{chance.randrange(30)}.{chance.randrange(12)}",
        "version2": f"{chance.randrange(1, 9)}.{chance.randrange(30)}",
        "number": str(chance.choice((2, 5, 10, 15, 30, 45, 60, 90, chance.randrange(100, 9000)))),
        "number2": str(chance.randrange(2, 800)),
        "command": f"{first}ctl {noun} restore --{words['part']} {chance.randrange(100)}",
        "path": f"{second}/{words['part']}_{noun}.py",
        "date": f"{day:%d %B %Y}",
        "day": f"{day:%A}",
        "dish2": chance.choice(lists["dish"]),
    }
