"""What must hold of a home whenever no command runs in it, however the commands before ended."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from smos_cli.adapters.scan import TEMPORARY
from smos_cli.core.markdown import parse
from smos_cli.core.ports import IndexSession, Question, no_progress
from smos_cli.core.query import query_terms
from smos_cli.core.refresh import fresh, refresh
from smos_cli.core.selection import Selection
from smos_cli.wiring import Wiring
from tests.bench.children import ROOT
from tests.stress.lease import SMOS

QUESTIONS = ("cache", "fact limiter", "turn", "7")


class Held(NamedTuple):
    """A memory as its file has it."""

    place: str
    """``vault`` or ``trash``"""
    text: str
    pinned: bool


State = dict[str, Held]
"""Memories by their ids."""


def smos(environ: Mapping[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [*SMOS, *words]
    return subprocess.run(command, env=environ, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=300)


def vault_of(environ: Mapping[str, str]) -> Path:
    """Return the folder of the persona bob."""
    return Path(environ["SMOS_HOME"], "vaults/bob")


def state_of(vault: Path) -> State:
    """Read every memory of a vault and its trash; ``AssertionError`` when one is there twice or can't be read."""
    found: State = {}
    for place, folder in (("vault", vault / "memories"), ("trash", vault / ".trash")):
        for file in sorted(folder.rglob("*.md")):
            document = parse(file.read_bytes())
            identity = str(document.fields.get("id", ""))
            assert identity, f"{file} has lost its id"
            assert identity not in found, f"{identity} is in two places, {file} is one"
            assert document.body.strip(), f"{file} is empty"
            found[identity] = Held(place, document.body.strip(), document.fields.get("pinned") == "true")
    return found


def check_at_once(environ: Mapping[str, str]) -> None:
    """Check what holds even the moment after a kill: every file can be read, every line but the last is whole."""
    vault = vault_of(environ)
    for file in vault.rglob("*.md"):
        parse(file.read_bytes())
    for file in vault.glob("audit/*/*.jsonl"):
        for line in file.read_bytes().split(b"\n")[:-1]:
            assert json.loads(line)["v"] == 1, file


def check_at_rest(environ: Mapping[str, str]) -> None:
    """Check what holds after any command that changes something."""
    vault = vault_of(environ)
    assert not (left := list(left_over(Path(environ["SMOS_HOME"])))), f"left over: {left}"
    for file in vault.glob("audit/*/*"):
        assert file.read_bytes().endswith(b"\n"), f"{file} has half a line"
    assert not (changed := git(vault, "status", "--porcelain")), f"not committed: {changed}"
    git(vault, "fsck", "--strict", "--no-dangling")
    done = smos(environ, "audit", "verify")
    assert done.returncode == 0, f"audit verify: {done.stdout}{done.stderr}"


def check_index(environ: Mapping[str, str]) -> None:
    """Check that the index that was kept current is the one that is made anew."""
    wiring = Wiring(environ)
    ports = wiring.toolkit("", no_progress)._ports
    with fresh(ports.vault, ports.index) as (session, _):
        followed = _said(session)
    refresh(ports.vault, ports.index, rebuild=True)
    with ports.index.session() as session:
        made_anew = _said(session)
    for part, before in followed.items():
        assert before == made_anew[part], f"the index differs from its rebuild in {part}"


def left_over(home: Path) -> Iterator[str]:
    """Yield files that somebody was about to rename, or held."""
    for file in home.rglob("*"):
        name = file.name
        of_git = name.startswith("fast_import_crash_") or (name.endswith(".lock") and not name.startswith("smos"))
        if name.startswith(TEMPORARY) or (of_git and ".git" in file.parts):
            yield str(file.relative_to(home))


def git(vault: Path, *words: str) -> str:
    """Run git in a vault; return what it says, and raise ``AssertionError`` when it fails."""
    done = subprocess.run(["git", "-C", str(vault), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {words}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def _said(session: IndexSession) -> dict[str, Any]:
    everything = Selection(everything=True)
    answers = []
    for text in QUESTIONS:
        signals = session.score(Question(text, query_terms(text), everything))
        numbers = [candidate.passage for candidate in signals.candidates]
        for item, candidate in zip(session.passages(numbers), signals.candidates, strict=True):
            links = (list(item.conflicts_with), list(item.superseded_by))
            sight = round(candidate.sight.bm25, 6), round(candidate.sight.cosine, 4)
            answers.append((text, item.memory.path, item.ordinal, item.passage, links, sight))
    return {
        "files": [(item.stamp.path, item.stamp.size, item.digest, item.problem) for item in session.stored()],
        "memories": list(session.memories(everything)),
        "answers": sorted(answers, key=repr),
        "counts": session.counts(),
    }
