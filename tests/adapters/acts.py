"""What people do with a vault, on real files: for tests in which the disk fails, or the power.

Every act has the same ids and times whenever it is run, so that two runs in copies of one home can be compared byte
for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from smos_cli.adapters.files import VaultFiles
from smos_cli.adapters.home import HomeFolder
from smos_cli.adapters.identity import MachineIdentity
from smos_cli.adapters.scan import TEMPORARY, scan
from smos_cli.core.adopt import adopt
from smos_cli.core.edit import Edit, edit_memory, pin
from smos_cli.core.erasable import to_erase
from smos_cli.core.erase import Tools, erase
from smos_cli.core.forget import forget, restore, to_forget
from smos_cli.core.importing import Imported, import_source
from smos_cli.core.markdown import parse
from smos_cli.core.ports import Ports
from smos_cli.core.remember import NewMemory, remember
from tests.core.bob import FakeSource
from tests.fake_purge import FakePurge, FakeRemains
from tests.fakes import FakeVault, counting_entropy, fake_ports
from tests.samples import identity, memory_file

FACTS = {number: f"Fact {number}: unit {number} waits." for number in range(1, 5)}
HELD = {f"memories/2025/11/fact-{number}.md": memory_file(number, FACTS[number]) for number in FACTS}
PASSING = ("locks/", "audit/bob.head")
"""how paths of a home begin that nothing depends on"""
SAID_AGAIN = FACTS[4]
"""what was forgotten before anything is done"""

Tree = dict[str, bytes]


class Act(NamedTuple):
    """Something that is done in a home with one vault."""

    name: str
    do: Callable[[Path], Any]
    """does it, in a home; what it returns may have warnings"""
    whole: bool = True
    """whether it is either done or not, however it ends; else file by file"""


def prepare(home: Path) -> None:
    """Make a home with a vault in which something was forgotten already."""
    vault = home / "bob"
    for path, data in {"PERSONA.md": b"Bob.\n", **HELD}.items():
        (vault / path).parent.mkdir(parents=True, exist_ok=True)
        (vault / path).write_bytes(data)
    (home / "config.toml").write_bytes(b"# Bob's own.\ndefault_persona = 'bob'\n")
    _forget(home, 4)
    (vault / "memories/dropped.md").write_bytes(b"Somebody dropped this.\n")


def files_of(home: Path, vault: Path | None = None) -> VaultFiles:
    """Return the files of a vault of a home: bob's, unless another is given."""
    vault = vault or home / "bob"
    return VaultFiles(vault, "", home / "locks/bob.write", lambda: scan(vault, ""))


def ports_of(home: Path, seed: int = 0) -> Ports:
    """Return ports over real files, with all else in memory; ``seed`` tells the ids of one run from another's."""
    entropy = counting_entropy()
    for _ in range(seed * 100):
        entropy(1)
    return fake_ports(files_of(home), entropy=entropy, machine=MachineIdentity(home, "bob"))


def tree(home: Path) -> Tree:
    """Return every file of a home, by path, but the locks and the hint where the audit chain ends."""
    found = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    return {path: file.read_bytes() for path, file in sorted(found.items()) if not path.startswith(PASSING)}


def temporaries(files: Mapping[str, bytes]) -> list[str]:
    """Return the paths that are of files about to be renamed."""
    return [path for path in files if path.rpartition("/")[2].startswith(TEMPORARY)]


def without_hashes(files: Mapping[str, bytes]) -> Tree:
    """Return a tree with tombstones by what they keep out: a repeat may write a line twice, or sort them otherwise."""
    plain = dict(files)
    if tombstones := plain.get("bob/.tombstones"):
        lines = {b" ".join(line.split()[:2]) for line in tombstones.splitlines()}
        plain["bob/.tombstones"] = b"\n".join(sorted(line for line in lines if not line.startswith(b"key")))
    return plain


def without_records(files: Mapping[str, bytes]) -> Tree:
    """Return a tree without the audit chain."""
    return {path: data for path, data in files.items() if not path.startswith(("bob/audit/", "audit/"))}


def check_readable(files: Mapping[str, bytes], *, cut: bool = False) -> None:
    """Raise unless every Markdown file parses, and every line of a chain; ``cut``: its last one may be torn."""
    for path, data in files.items():
        if path.endswith(".md"):
            assert data, path
            assert parse(data), path
        elif path.startswith("bob/audit/"):
            *lines, rest = data.split(b"\n")
            assert cut or not rest, path
            if path.endswith(".jsonl"):
                assert all(json.loads(line)["v"] == 1 for line in lines), path


def _remember(home: Path, text: str) -> Any:
    return remember(ports_of(home, 1), NewMemory(text))


def _edit(home: Path, text: str) -> Any:
    return edit_memory(ports_of(home, 2), identity(1), Edit(text=text))


def _forget(home: Path, *numbers: int) -> Any:
    ports = ports_of(home, 3)
    return forget(ports, to_forget(ports, [identity(number) for number in numbers], None))


def _restore(home: Path) -> Any:
    return restore(ports_of(home, 4), [identity(4)])


def _erase(home: Path) -> Any:
    ports, purge = ports_of(home, 5), FakePurge()
    tools = Tools(purge, FakeRemains(FakeVault(), purge))
    return erase(ports, tools, to_erase(ports, purge, [identity(2)]))


def _import(home: Path, count: int) -> Any:
    facts = [{"id": f"line-{number}", "text": f"Line {number} of {count}."} for number in range(count)]
    turns = [{"session": "one", "speaker": "Ann", "text": f"Turn {number}."} for number in range(2)]
    return import_source(ports_of(home, 6), FakeSource([*facts, *turns]))


def _adopt(home: Path) -> Any:
    memories, warnings = adopt(ports_of(home, 8))
    return Imported(memories=memories, warnings=warnings)


def _settle(home: Path, settings: Mapping[str, object]) -> None:
    folder = HomeFolder({"SMOS_HOME": str(home)})
    with folder.lock():
        folder.write(settings)


def _make_vault(home: Path) -> None:
    HomeFolder({"SMOS_HOME": str(home)}).create_vault(str(home / "vaults/ann"), "ann", adopted=False)


ACTS = [
    Act("remember", partial(_remember, text="The cache TTL is 10 seconds.")),
    Act("remember what was forgotten", partial(_remember, text=SAID_AGAIN), whole=False),
    Act("edit", partial(_edit, text="Fact 1: it waits no longer.")),
    Act("pin", lambda home: pin(ports_of(home, 7), identity(2), on=True)),
    Act("forget", lambda home: _forget(home, 1), whole=False),
    Act("forget two", lambda home: _forget(home, 1, 3), whole=False),
    Act("restore", _restore, whole=False),
    Act("erase", _erase, whole=False),
    Act("import", partial(_import, count=3)),
    Act("import many", partial(_import, count=70)),
    Act("adopt", _adopt),
    Act("config", partial(_settle, settings={"recall.budget": 900})),
    Act("make a vault", _make_vault),
]
