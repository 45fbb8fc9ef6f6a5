"""The JSON contract, schema 1. ``CONTRACT`` is frozen: a field may be added to it, none taken out or changed.

What it says of a field, man/smos-json.5 says in words; ``test_docs`` compares the two.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from smos_cli.adapters.locks import held
from smos_cli.adapters.state import StateQueue
from smos_cli.cli.verbs import VERBS
from smos_cli.core.queue import STATES, Task
from tests.adapters.models.made import gguf
from tests.cli.running import Home

TEXT_OR_NULL = str | None
NUMBER = int | float


class Sometimes(list[Any]):
    """A list that not every object of its kind has."""


MEMORY = {
    "id": str,
    "ref": str,
    "kind": str,
    "status": str,
    "confidence": NUMBER,
    "created": TEXT_OR_NULL,
    "valid_from": TEXT_OR_NULL,
    "valid_to": TEXT_OR_NULL,
    "tags": [str],
    "pinned": bool,
    "text": str,
    "path": str,
    "via": TEXT_OR_NULL,
    "session": TEXT_OR_NULL,
    "turn": TEXT_OR_NULL,
    "sources": [str],
}
HIT = {
    "id": str,
    "ref": str,
    "text": str,
    "score": NUMBER,
    "relevance": NUMBER,
    "weak": bool,
    "kind": str,
    "status": str,
    "confidence": NUMBER,
    "created": TEXT_OR_NULL,
    "valid_from": TEXT_OR_NULL,
    "valid_to": TEXT_OR_NULL,
    "tags": [str],
    "conflicts_with": [str],
    "superseded_by": [str],
    "speaker": TEXT_OR_NULL,
    "session": TEXT_OR_NULL,
    "turn": TEXT_OR_NULL,
    "project": TEXT_OR_NULL,
    "persona": str,
    "path": str,
    "heading": TEXT_OR_NULL,
    "neighbours": Sometimes([{"turn": str, "speaker": TEXT_OR_NULL, "time": TEXT_OR_NULL, "text": str}]),
}
SIGNAL = {"signal": str, "value": NUMBER, "weight": NUMBER, "contribution": NUMBER, "rank": int}
EXPLAINED = HIT | {"why": dict, "signals": [SIGNAL]}
RECALLED = {
    "schema": int,
    "query": str,
    "hits": [HIT],
    "left_out": int,
    "tokens": int,
    "took_ms": NUMBER,
    "degraded": bool,
}
REPORT = {
    "schema": int,
    "seen": int,
    "stored": int,
    "duplicates": int,
    "skipped": int,
    "failed": int,
    "removed": int,
    "problems": [{"where": str, "reason": str}],
}
LEARNT = {
    "seen": int,
    "stored": int,
    "duplicates": int,
    "skipped": int,
    "failed": int,
    "problems": [{"where": str, "reason": str}],
}
JOB = {
    "id": int,
    "state": str,
    "episode": str,
    "extractor": str,
    "attempts": int,
    "due": str,
    "reason": TEXT_OR_NULL,
    "kept": TEXT_OR_NULL,
}
COUNTS = ("memories", "pending", "archived", "episodes", "turns", "notes", "passages", "problems")
EMBEDDING = {"used": str, "wanted": str, "done": int, "total": int, "running": bool, "failed": TEXT_OR_NULL}
STATUS = {
    "schema": int,
    "persona": str,
    "home": str,
    "vault": str,
    "counts": dict.fromkeys(COUNTS, int),
    "index": {
        "path": str,
        "bytes": int,
        "vector_path": str,
        "vector_bytes": int,
        "model": str,
        "duckdb": str,
    },
    "search": {
        "method": str,
        "rows": int | None,
        "exact_ms": float | None,
        "hnsw_ms": float | None,
    },
    "embedding": EMBEDDING,
    "fresh": bool,
    "queue": dict.fromkeys(STATES, int),
}
PERSONA = {"name": str, "path": str, "adopted": bool, "model_folders": [str], "default": bool, "there": bool}
SETTING = {"key": str, "value": str | int | float | bool | list, "source": str, "overrode": TEXT_OR_NULL}
CHANGED = {"schema": int, "outcome": str, "memory": MEMORY}
CHANGE = {
    "commit": str,
    "time": str,
    "verb": str,
    "ids": [str],
    "count": int,
    "door": str,
    "actor": str,
    "why": str,
    "subject": str,
    "undoes": TEXT_OR_NULL,
    "paths": [str],
}
FILE = {"path": str, "was": TEXT_OR_NULL, "id": str, "status": str, "diff": str}

HISTORY = {
    "paths": [str],
    "versions": int,
    "commits": int,
    "rewritten": int,
    "signatures_lost": int,
    "remotes": [{"name": str, "url": str}],
}
CERTIFICATE = {
    "schema": int,
    "type": str,
    "ids": [str],
    "turns": [str],
    "time": str,
    "machine": str,
    "actor": str,
    "commits_rewritten": int,
    "objects_searched": int,
    "files_searched": int,
    "texts_searched": int,
    "verified": [str],
    "also_in": [str],
    "tip": str,
    "audit": {"n": int, "line": str},
    "key": str,
    "hash": str,
    "signature": str,
}

MODEL = {
    "name": str,
    "role": str,
    "format": str,
    "about": str,
    "bytes": int,
    "licence": TEXT_OR_NULL,
    "commercial": bool | None,
    "context": int | None,
    "languages": str,
    "dimensions": int | None,
    "source": TEXT_OR_NULL,
    "revision": TEXT_OR_NULL,
    "pinned": bool,
    "listed": bool,
    "installed": bool,
    "model_id": TEXT_OR_NULL,
    "folder": TEXT_OR_NULL,
    "roles": [str],
}
MODEL_FILE = {"path": str, "bytes": int | None, "sha256": TEXT_OR_NULL, "url": TEXT_OR_NULL}
ROLES = dict.fromkeys(("embedder", "reranker", "judge", "extractor"), TEXT_OR_NULL)
FINDING = {"level": str, "where": str, "what": str, "remedy": str}

CONTRACT: dict[str, tuple[tuple[str, ...], Any]] = {
    "remember": (
        ("remember", "A new thing"),
        {"schema": int, "outcome": str, "memory": MEMORY, "conflicts": [{"id": str, "text": str, "score": NUMBER}]},
    ),
    "recall": (("recall", "cache"), RECALLED),
    "recall --why": (
        ("recall", "cache", "--why"),
        RECALLED | {"hits": [EXPLAINED], "runners_up": [EXPLAINED]},
    ),
    "recall --budget": (("recall", "cache", "--budget", "40"), {**RECALLED, "budget": int, "over_budget": int}),
    "recall --format": (
        ("recall", "cache", "--format", "block"),
        {**RECALLED, "block": {"text": str, "tokens": int, "budget": int, "used": [str], "left_out": int}},
    ),
    "recall --batch": (("recall", "--batch", "query.jsonl"), {**RECALLED, "id": str}),
    "forget": (("forget", "{forget}"), {"schema": int, "forgotten": [str]}),
    "restore --trash": (("restore",), {"schema": int, "trash": [MEMORY]}),
    "restore": (("restore", "{restore}"), {"schema": int, "restored": [str]}),
    "erase": (
        ("erase", "{erase}", "--yes", "--certificate", "certificate.json"),
        {"schema": int, "erased": [str], "history": HISTORY, "certificate": CERTIFICATE},
    ),
    "show": (("show", "{cache}"), {"schema": int, **MEMORY, "body": str, "etag": TEXT_OR_NULL}),
    "list": (("list",), {"schema": int, "memories": [MEMORY]}),
    "tags": (("tags",), {"schema": int, "tags": [{"tag": str, "count": int}]}),
    "edit": (("edit", "{edit}", "--tag", "changed"), CHANGED),
    "pin": (("pin", "{pin}"), CHANGED),
    "show --at": (("show", "{cache}", "--at", "HEAD~2"), {"schema": int, **MEMORY, "body": str, "etag": TEXT_OR_NULL}),
    "log": (("log",), {"schema": int, "changes": [CHANGE]}),
    "log --id": (("log", "{pin}"), {"schema": int, "changes": [CHANGE]}),
    "diff": (("diff",), {"schema": int, "from": str, "to": TEXT_OR_NULL, "files": [FILE]}),
    "diff --commit": (("diff", "HEAD"), {"schema": int, "from": str, "to": TEXT_OR_NULL, "files": [FILE]}),
    "undo": (("undo",), {"schema": int, "undone": str, "verb": str, "subject": str, "ids": [str], "paths": [str]}),
    "restore --at": (("restore", "{pin}", "--at", "HEAD~1"), {"schema": int, "restored": [str]}),
    "import": (
        ("import", "bad.jsonl"),
        {**REPORT, "redacted": int, "learnt": LEARNT, "turns": int, "candidates": [MEMORY]},
    ),
    "learn": (("learn", "more.jsonl"), {**REPORT, "turns": int, "candidates": [MEMORY]}),
    "queue list": (("queue", "list"), {"schema": int, "jobs": [JOB]}),
    "queue retry": (("queue", "retry", "1"), {"schema": int, "retried": [int]}),
    "queue drop": (("queue", "drop", "1"), {"schema": int, "dropped": [int]}),
    "export": (
        ("export", "--tag", "bare"),
        {"id": str, "text": str, "kind": str, "tags": [str], "created": str, "via": str, "ref": str, "file": str},
    ),
    "backup create": (
        ("backup", "create", "smos.tar.gz"),
        {
            "schema": int,
            "file": str,
            "bytes": int,
            "made": str,
            "personas": [str],
            "files": int,
            "skipped": int,
            "failed": int,
            "problems": [{"where": str, "reason": str}],
        },
    ),
    "backup restore": (
        ("backup", "restore", "smos.tar.gz", "--persona", "bob", "--as", "again"),
        {"schema": int, "made": str, "personas": [PERSONA]},
    ),
    "index": (("index",), REPORT),
    "index --embed": (("index", "--embed"), {"schema": int, "embedding": EMBEDDING}),
    "index --adopt": (("index", "--adopt"), {**REPORT, "adopted": [str]}),
    "status": (("status",), STATUS),
    "audit verify": (
        ("audit", "verify"),
        {
            "schema": int,
            "findings": [FINDING],
            "counts": {"chains": int, "lines": int, "bodies": int, "checkpoints": int, "erased": int},
        },
    ),
    "audit check": (
        ("audit", "check", "certificate.json"),
        {"schema": int, "valid": bool, "problems": [str], "certificate": CERTIFICATE},
    ),
    "doctor": (
        ("doctor",),
        {"schema": int, "findings": [FINDING]},
    ),
    "doctor --repair": (
        ("doctor", "--repair", "--yes"),
        {"schema": int, "findings": [FINDING], "repaired": [{"what": str, "done": str}]},
    ),
    "sync": (
        ("sync", "remote.git"),
        {
            "schema": int,
            "remote": str,
            "sent": int,
            "received": int,
            "merged": int,
            "conflicts": [{"id": str, "copy": str, "path": str}],
            "put_away": [str],
            "erased": [str],
            "rewritten": bool,
            "offline": bool,
        },
    ),
    "join": (
        ("join", "remote.git", "--persona", "joined"),
        {"schema": int, **PERSONA, "remote": str, "commits": int},
    ),
    "init": (("init",), {"schema": int, **PERSONA, "made": [str]}),
    "persona list": (("persona", "list"), {"schema": int, "personas": [PERSONA]}),
    "persona show": (("persona", "show"), {"schema": int, **PERSONA}),
    "persona add": (("persona", "add", "new"), {"schema": int, **PERSONA, "made": [str]}),
    "persona use": (("persona", "use", "bob"), {"schema": int, **PERSONA}),
    "persona remove": (("persona", "remove", "spare", "--yes"), {"schema": int, **PERSONA}),
    "models list": (("models", "list"), {"schema": int, "models": [MODEL], "roles": ROLES}),
    "models info": (("models", "info", "all-minilm-l6-v2"), {"schema": int, **MODEL, "files": [MODEL_FILE]}),
    "models pull": (
        ("models", "pull", "tiny", "--from", "tiny.gguf"),
        {"schema": int, **MODEL, "files": [MODEL_FILE], "outcome": str, "brought": int, "unpinned": [str]},
    ),
    "models use": (
        ("models", "use", "default", "--role", "judge"),
        {"schema": int, "role": str, "value": str, "before": str, "embedding": [str]},
    ),
    "models verify": (
        ("models", "verify"),
        {
            "schema": int,
            "models": [str],
            "files": int,
            "bytes": int,
            "differences": [{"where": str, "reason": str}],
        },
    ),
    "models bench": (
        ("models", "bench", "default"),
        {
            "schema": int,
            "models": [
                {
                    "name": str,
                    "role": str,
                    "load_ms": float | None,
                    "per_second": float | None,
                    "peak_bytes": int | None,
                    "asked": int | None,
                    "recall_at_10": float | None,
                    "mrr_at_10": float | None,
                    "accuracy": float | None,
                    "contradiction_precision": float | None,
                    "contradiction_recall": float | None,
                }
            ],
            "problems": [{"where": str, "reason": str}],
        },
    ),
    "models remove": (("models", "remove", "tiny"), {"schema": int, "removed": str, "roles": [str]}),
    "config list": (("config", "list"), {"schema": int, "settings": [SETTING]}),
    "config get": (("config", "get", "vault.autocommit"), {"schema": int, **SETTING}),
    "config set": (("config", "set", "index.wait_seconds", "4"), {"schema": int, "key": str, "value": float}),
    "config path": (("config", "path"), {"schema": int, "path": str}),
    "demo": (("demo",), {"schema": int, "home": TEXT_OR_NULL, "lines": [str]}),
}
"""What a command prints: its words, ``{REF}`` being the id of an imported memory, and the shape of its object."""

ERROR = {"error": {"code": str, "message": str, "remedy": str}}
FAILING = ("import", "learn", "index", "index --adopt", "doctor", "doctor --repair")
"""Commands that exit with 1 here, since a line and a file are broken."""

_MEMORIES = [
    {"id": ref, "text": f"The {ref} memory", "created": "2026-11-18", "tags": ["plain"]}
    for ref in ("forget", "restore", "erase", "edit", "pin")
] + [
    {
        "id": "cache",
        "text": "The cache TTL is 10 seconds.\n\nThe limiter resets at 10.",
        "created": "2026-11-18",
        "kind": "decision",
        "tags": ["cache"],
        "valid_from": "2026-11",
        "valid_to": "2027",
        "session": "2026-11-18-talk-7tx2r9wq#^t2",
        "sources": ["2026-11-18-talk-7tx2r9wq#^t4"],
        "speaker": "Marta",
        "project": "gateway",
        "confidence": 0.8,
        "pinned": True,
    },
    {"id": "bare", "text": "Nothing but a text", "created": "2026-11-18", "tags": ["bare"]},
]
_TURNS = [
    {
        "session": "talk",
        "id": "turn-1",
        "speaker": "Marta",
        "time": "2026-11-18T08:38:00Z",
        "text": "Is there a lunch?",
    },
    {
        "session": "talk",
        "id": "turn-2",
        "role": "user",
        "time": "2026-11-18T08:39:00Z",
        "text": "At one, in the garden.",
    },
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with something of everything in it, and files to read in its user's folder."""
    home = Home(tmp_path_factory.mktemp("json"), EDITOR="", VISUAL="")
    lines = [json.dumps(line) for line in [*_MEMORIES, *_TURNS]]
    (home.user / "good.jsonl").write_text("\n".join(lines))
    (home.user / "bad.jsonl").write_text(f"{lines[0]}\nno json\n{_said('sister', 'Oslo')}\n")
    (home.user / "more.jsonl").write_text(f"no json\n{_said('brother', 'Lima')}\n")
    _queue_a_job(home)
    (home.user / "query.jsonl").write_text('{"id": "q1", "query": "cache"}\n')
    subprocess.run(["git", "init", "--quiet", "--bare", str(home.user / "remote.git")], check=True, env=home.env)
    (home.user / "tiny.gguf").write_bytes(gguf())
    home("import", "good.jsonl")
    home("persona", "add", "spare")
    home.write("memories/dropped.md", "A memory that a person dropped here, #cache is not its tag")
    home.write("broken.md", b"\xff\xfe")
    (home.vault / "photo.png").symlink_to("elsewhere.png")
    home("forget", ids(home)["restore"])
    (home.vault / ".git/info/attributes").unlink()
    return home


def _said(relative: str, place: str) -> str:
    return json.dumps({"session": relative, "speaker": "Marta", "text": f"My {relative} lives in {place}."})


def _queue_a_job(home: Home) -> None:
    with closing(StateQueue(home.folder, lambda: 0, lambda: 1.0)) as state:
        state.enqueue([Task("bob", "01M7PWWGJ0QB26JVHSXZKF379D", "llm@1")])
        with state.working() as worker:
            job = worker.lease(1)
            assert job
            worker.fail(job, "It gave no usable answer.", "Sure! Here are the facts:")


def ids(home: Home) -> dict[str, str]:
    """Return the ids of the imported memories by what they were where they came from."""
    return {memory["ref"]: memory["id"] for memory in home("list", "--json").json["memories"]}


@pytest.fixture(scope="module")
def printed(home: Home) -> dict[str, list[Any]]:
    """What every command of the contract printed, a list of objects each."""
    trashed = next((home.vault / ".trash").rglob("the-restore-memory-*.md")).stem
    known = {**ids(home), "restore": trashed}
    found = {}
    for name, (words, _) in CONTRACT.items():
        code = 1 if name in FAILING else 0
        done = home(*(word.format_map(known) for word in words), "--json", code=code)
        found[name] = [json.loads(line) for line in done.out.splitlines()]
    return found


def differences(value: Any, shape: Any, where: str = "$") -> Iterator[str]:
    """Yield what of a value is not as its shape says: a dict with exactly these keys, a list of one shape, a type."""
    if isinstance(shape, dict):
        optional = {key for key, inner in shape.items() if isinstance(inner, Sometimes)}
        if not isinstance(value, dict) or not shape.keys() - optional <= value.keys() <= shape.keys():
            yield f"{where} is {value!r}, not an object with {sorted(shape)}"
            return
        for key in value:
            yield from differences(value[key], shape[key], f"{where}.{key}")
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{where} is {value!r}, not a list"
            return
        for place, item in enumerate(value):
            yield from differences(item, shape[0], f"{where}[{place}]")
    elif not isinstance(value, shape) or (isinstance(value, bool) and shape in (int, float, NUMBER)):
        yield f"{where} is {value!r}, not {shape}"


@pytest.mark.parametrize("name", CONTRACT)
def test_a_command_prints_exactly_the_fields_and_types_of_the_contract(
    name: str, printed: dict[str, list[Any]]
) -> None:
    assert len(printed[name]) == 1
    assert list(differences(printed[name][0], CONTRACT[name][1])) == []


def test_every_verb_is_in_the_contract() -> None:
    assert {words[0] for words, _ in CONTRACT.values()} == set(VERBS)


def test_every_object_but_an_exported_line_names_its_schema(printed: dict[str, list[Any]]) -> None:
    assert {objects[0].get("schema") for name, objects in printed.items() if name != "export"} == {1}


def test_no_list_of_the_contract_is_empty_here_but_those_that_nothing_fills_yet(
    printed: dict[str, list[Any]],
) -> None:
    empty = {
        f"{name}.{key}"
        for name, objects in printed.items()
        for key, value in objects[0].items()
        if value == [] and key != "tags"
    }
    assert empty == {
        "remember.conflicts",
        "recall --why.runners_up",
        "audit check.problems",
        "sync.conflicts",
        "sync.erased",
        "sync.put_away",
        "join.model_folders",
        "init.made",
        *(f"persona {verb}.model_folders" for verb in ("show", "add", "use", "remove")),
        "init.model_folders",
        *(f"models {verb}.roles" for verb in ("info", "pull", "remove")),
        "models pull.unpinned",
        "models use.embedding",
        "models verify.differences",
        "models bench.problems",
    }


def test_a_memory_with_everything_fills_every_field(printed: dict[str, list[Any]]) -> None:
    shown = printed["show"][0]
    assert [key for key, value in shown.items() if value is None] == []
    assert (shown["ref"], shown["session"], shown["turn"]) == ("cache", "2026-11-18-talk-7tx2r9wq", "t2")
    assert (shown["text"], shown["pinned"]) == ("The cache TTL is 10 seconds.", True)
    assert shown["body"].strip() == "The cache TTL is 10 seconds.\n\nThe limiter resets at 10."


def test_a_file_without_an_id_is_named_by_its_path(printed: dict[str, list[Any]]) -> None:
    listed = {memory["path"]: memory for memory in printed["list"][0]["memories"]}
    assert listed["memories/dropped.md"]["id"] == listed["memories/dropped.md"]["ref"] == "memories/dropped.md"


def test_a_turn_that_is_recalled_names_its_conversation_and_its_place_in_it(home: Home) -> None:
    hit = home("recall", "lunch", "--json").json["hits"][0]
    assert (hit["kind"], hit["ref"], hit["session"], hit["turn"]) == ("episode", "turn-1", "talk", "t1")
    assert (hit["speaker"], hit["created"]) == ("Marta", "2026-11-18T08:38:00Z")
    assert hit["id"].endswith("#t1")


def test_only_a_turn_that_is_recalled_has_neighbours(home: Home) -> None:
    hits = home("recall", "cache lunch", "-k", "100", "--json").json["hits"]
    assert {hit["kind"] for hit in hits if "neighbours" in hit} == {"episode"}
    assert all("neighbours" in hit for hit in hits if hit["kind"] == "episode")


def test_a_repeat_is_a_duplicate_and_no_failure(home: Home) -> None:
    first = home("remember", "Said twice", "--json").json
    second = home("remember", "Said twice", "--json").json
    assert (first["outcome"], second["outcome"]) == ("stored", "duplicate")
    assert first["memory"]["id"] == second["memory"]["id"]


def test_a_recall_that_finds_nothing_is_no_failure(home: Home) -> None:
    assert home("recall", "cache", "--tag", "nowhere", "--json").json["hits"] == []


def test_an_exported_line_has_every_field_that_is_not_as_usual(home: Home) -> None:
    (line,) = [json.loads(line) for line in home("export", "--kind", "decision").out.splitlines()]
    given = next(memory for memory in _MEMORIES if memory["id"] == "cache")
    made = {"id": line["id"], "ref": "cache", "via": "import", "file": "good.jsonl"}
    assert line == {**given, **made}


def test_a_batch_answers_every_line_and_names_the_ones_that_are_no_query(home: Home) -> None:
    done = home("recall", "--batch", "-", stdin='plain words\n{"id": 7, "query": "cache"}\n{"no": 1}\n', code=1)
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [(answer.get("id"), answer["query"]) for answer in answers] == [(None, "plain words"), (7, "cache")]
    assert done.err.startswith("-:3: ")


def test_a_line_ends_only_where_an_object_does(home: Home) -> None:
    home("remember", "one\u2028two\x85three\x1b[31mfour", "--tag", "odd")
    out = home("list", "--tag", "odd", "--json").out
    assert len(out.splitlines()) == 1
    assert "\x1b" not in out
    assert json.loads(out)["memories"][0]["text"] == "one\u2028two\x85three\x1b[31mfour"


@pytest.mark.parametrize(
    ("words", "error", "code"),
    [
        (("recall",), "usage", 2),
        (("recall", "x", "--no-such-option"), "usage", 2),
        (("no-such-verb",), "usage", 2),
        (("list", "--status", "lost"), "usage", 2),
        (("forget", "--tag", "plain"), "usage", 2),
        (("show", "zzzzzzzz"), "not_found", 3),
        (("restore", "zzzzzzzz"), "not_found", 3),
        (("list", "--persona", "nobody"), "not_found", 3),
        (("recall", "--batch", "no-such-file"), "not_found", 3),
        (("config", "get", "no.such"), "not_found", 3),
        (("show", "01"), "ambiguous", 4),
        (("config", "set", "no.such", "1"), "usage", 2),
        (("edit", "{cache}"), "editor", 1),
        (("import", "bad.jsonl", "--persona", "new/er"), "usage", 2),
    ],
)
def test_an_error_is_an_object_on_stderr_with_its_exit_code(
    home: Home, words: tuple[str, ...], error: str, code: int
) -> None:
    known = ids(home) if "{cache}" in words else {}
    done = home(*(word.format_map(known) for word in words), "--json", code=code)
    assert done.out == ""
    told = json.loads(done.err.splitlines()[-1])
    assert list(differences(told, ERROR)) == []
    assert told["error"]["code"] == error
    assert told["error"]["message"]


def test_a_vault_that_is_gone_is_an_error_of_its_own(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home("init")
    home.vault.rename(tmp_path / "unmounted")
    assert json.loads(home("list", "--json", code=1).err)["error"]["code"] == "vault_missing"


def test_a_held_index_exits_with_11_and_recall_answers_without_it(home: Home) -> None:
    home("config", "set", "index.wait_seconds", "0")
    with held(home.folder / "index/bob.turn", 5):
        told = json.loads(home("list", "--json", code=11).err)
        assert told["error"]["code"] == "index_busy"
        answer = home("recall", "cache", "--json").json
    home("config", "set", "index.wait_seconds", "5")
    assert answer["degraded"] is True
    assert list(differences(answer, RECALLED)) == []
    assert "cache" in [hit["ref"] for hit in answer["hits"]]


def test_without_json_an_error_is_two_lines_for_a_person(home: Home) -> None:
    done = home("show", "zzzzzzzz", code=3)
    assert done.err.startswith("smos: Nothing here has the id 'zzzzzzzz'.\n      ")
