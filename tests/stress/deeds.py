"""What is done in a home whose commands are killed: which words, and what each should lead to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from smos_cli.core.forgotten import Forgotten
from tests.bench.homes import environment
from tests.stress.sound import Held, State, git, smos, state_of, vault_of

WEIGHTS = {
    "remember": 4,
    "edit": 4,
    "forget": 3,
    "restore": 3,
    "pin": 2,
    "import": 3,
    "erase": 1,
    "undo": 2,
    "sync": 3,
}
MANY = 120
"""Memories of a large import, which git takes in as a pack"""
NOTHING: Mapping[str, Held | None] = {}


class Deed(NamedTuple):
    """A command, and what it is to change."""

    verb: str
    words: tuple[str, ...]
    stdin: str = ""
    changes: Mapping[str, Held | None] = NOTHING
    """what becomes of memories that are there, by id; None: they go for good"""
    texts: frozenset[str] = frozenset()
    """of the memories that it makes"""
    others: Mapping[str, Held | None] = NOTHING
    """what may come from another home, by id"""


@dataclass(slots=True)
class Life:
    """One home, what is known to be in it, and another home that it is synced with."""

    environ: Mapping[str, str]
    vault: Path
    state: State = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    """ids of memories that were made here"""
    last: str = ""
    """id of the memory that the last command made"""
    count: int = 0
    other: Mapping[str, str] | None = None

    def text(self, start: str) -> str:
        """Return a text that was not said before."""
        self.count += 1
        return f"{start} {self.count}: the cache of unit {self.count % 17} asks limiter {self.count * 7}."

    def go_on(self, now: State, deed: Deed) -> None:
        """Take what is there now for what has to be there."""
        self.own |= {one for one, held in now.items() if one not in self.state and held.text in deed.texts}
        self.state = now

    def those(self, place: str) -> list[str]:
        """Return the ids of own memories in the vault or in the trash."""
        return sorted(one for one, held in self.state.items() if held.place == place and one in self.own)

    def meet(self) -> None:
        """Sync both homes until they have the same; nothing where nothing is synced."""
        if self.other is None:
            return
        for environ in (self.environ, self.other, self.environ):
            _checked(environ, "sync", "--json")
        trees = [git(vault_of(environ), "rev-parse", "HEAD^{tree}") for environ in (self.environ, self.other)]
        assert trees[0] == trees[1], "both homes were synced and differ"


def begin(folder: Path, environ: Mapping[str, str]) -> Life:
    """Make a home with some memories, and another that has the same."""
    life = Life(environ, vault_of(environ))
    _checked(environ, "init")
    lines = [json.dumps({"text": life.text("At first, fact")}) for _ in range(12)]
    _checked(environ, "import", "-", stdin="\n".join(lines))
    life.state = state_of(life.vault)
    life.own = set(life.state)
    remote = folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", str(remote))
    (folder / "other").mkdir()
    life.other = environment(folder / "other") | {"PYTHONPATH": environ["PYTHONPATH"]}
    _checked(environ, "sync", str(remote))
    _checked(life.other, "join", str(remote), "--persona", "bob")
    return life


def deeds(life: Life, chance: Random, verbs: Sequence[str] | None = None) -> Iterator[Deed]:
    """Yield what is done next, for ever; the life must know by then what came of the one before."""
    names = [name for name in WEIGHTS if not verbs or name in verbs]
    while True:
        name = chance.choices(names, [WEIGHTS[name] for name in names])[0]
        if deed := _MAKERS[name](life, chance):
            yield deed


def _remember(life: Life, chance: Random) -> Deed:
    text = life.text("Remembered, fact")
    return Deed("remember", ("remember", "--json", text), texts=frozenset([text]))


def _edit(life: Life, chance: Random) -> Deed | None:
    if not (there := life.those("vault")):
        return None
    identity, text = chance.choice(there), life.text("Edited, fact")
    return Deed(
        "edit",
        ("edit", "--json", identity, "--text", text),
        changes={identity: life.state[identity]._replace(text=text)},
    )


def _pin(life: Life, chance: Random) -> Deed | None:
    there = [one for one in life.those("vault") if not life.state[one].pinned]
    if not there:
        return None
    identity = chance.choice(there)
    return Deed("pin", ("pin", "--json", identity), changes={identity: life.state[identity]._replace(pinned=True)})


def _forget(life: Life, chance: Random) -> Deed | None:
    there = life.those("vault")
    if len(there) < 6:
        return None
    gone = chance.sample(there, chance.choice([1, 1, 3]))
    changes = {one: life.state[one]._replace(place="trash") for one in gone}
    return Deed("forget", ("forget", "--json", *gone), changes=changes)


def _restore(life: Life, chance: Random) -> Deed | None:
    if not (there := life.those("trash")):
        return None
    back = chance.sample(there, min(len(there), chance.choice([1, 2])))
    changes = {one: life.state[one]._replace(place="vault") for one in back}
    return Deed("restore", ("restore", "--json", *back), changes=changes)


def _erase(life: Life, chance: Random) -> Deed | None:
    there = life.those("vault") + life.those("trash")
    if len(there) < 8:
        return None
    identity = chance.choice(there)
    return Deed("erase", ("erase", "--json", "--yes", identity), changes={identity: None})


def _import(life: Life, chance: Random) -> Deed:
    texts = [life.text("Imported, fact") for _ in range(MANY if chance.random() < 0.1 else 4)]
    said = [{"session": f"talk {life.count % 5}", "speaker": "Ann", "text": life.text("Turn")} for _ in range(2)]
    lines = [*({"text": text} for text in texts), *said]
    stdin = "".join(json.dumps(line) + "\n" for line in lines)
    return Deed("import", ("import", "--no-learn", "--json", "-"), stdin, texts=frozenset(texts))


def _undo(life: Life, chance: Random) -> Deed | None:
    """The last command was a ``remember`` that was not killed."""
    if not life.last or life.state.get(life.last, Held("", "", False)).place != "vault":
        return None
    return Deed("undo", ("undo", "--json"), changes={life.last: life.state[life.last]._replace(place="trash")})


def _sync(life: Life, chance: Random) -> Deed:
    """The other home says something new first, and changes what it said before."""
    assert life.other is not None
    theirs = [one for one in state_of(vault_of(life.other)) if one not in life.own]
    _checked(life.other, "remember", life.text("From elsewhere, fact"))
    if theirs and chance.random() < 0.5:
        _checked(life.other, "pin", chance.choice(theirs))
    _checked(life.other, "sync", "--json")
    there = state_of(vault_of(life.other))
    others = {one: held for one, held in there.items() if one not in life.own}
    return Deed("sync", ("sync", "--json"), others={**others, **_half_forgotten(life)})


def _half_forgotten(life: Life) -> Mapping[str, Held | None]:
    """Memories that a killed ``forget`` has a tombstone of and did not move: a merge, where forgetting wins, does."""
    path = life.vault / ".tombstones"
    forgotten = Forgotten(path.read_text(encoding="utf-8")).ids if path.exists() else frozenset()
    return {one: life.state[one]._replace(place="trash") for one in life.those("vault") if one in forgotten}


_MAKERS: dict[str, Callable[[Life, Random], Deed | None]] = {
    "remember": _remember,
    "edit": _edit,
    "forget": _forget,
    "restore": _restore,
    "pin": _pin,
    "import": _import,
    "erase": _erase,
    "undo": _undo,
    "sync": _sync,
}


def _checked(environ: Mapping[str, str], *words: str, stdin: str = "") -> None:
    done = smos(environ, *words, stdin=stdin)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
