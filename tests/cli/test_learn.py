"""``smos learn``, and what ``smos import`` learns from the conversations it brings."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cli.running import COMMAND, Home
from tests.waiting import until

MOVED = "Marta's sister lives in Oslo."
_TURNS = [
    ("Marta", "My sister lives in Oslo. How are you?"),
    ("assistant", "I deployed the gateway to eu-west-1."),
    ("Marta", "We decided to use Postgres for the gateway."),
]
_HEAVY = {"onnxruntime", "llama_cpp", "httpx", "aiohttp", "rich", "pandas"}


def talk(home: Home, name: str = "talk.jsonl", turns: list[tuple[str, str]] = _TURNS) -> str:
    """Write a conversation to a file; return its name."""
    lines = [
        {
            "session": name,
            "speaker": speaker,
            "time": f"2026-11-18T{minute // 60:02}:{minute % 60:02}:00Z",
            "text": text,
        }
        for minute, (speaker, text) in enumerate(turns)
    ]
    (home.user / name).write_text("\n".join(map(json.dumps, lines)))
    return name


def texts(home: Home) -> dict[str, str]:
    """Return the status of each memory by its text."""
    found = home("list", "--all", "--json").json["memories"]
    return {memory["text"]: memory["status"] for memory in found}


def test_an_import_of_a_conversation_learns_from_it(smos: Home) -> None:
    counts = smos.counts("import", talk(smos))

    assert counts["stored"] == 3
    assert counts["learnt"]["stored"] == counts["learnt"]["seen"] == len(counts["candidates"]) == 3
    assert texts(smos)[MOVED] == "accepted"
    assert [one["status"] for one in counts["candidates"] if one["turn"] == "t2"] == ["pending"]
    assert counts["turns"] == 3


def test_learn_learns_from_what_was_only_imported(smos: Home) -> None:
    counts = smos.counts("import", "--no-learn", talk(smos))
    assert (counts["turns"], counts["candidates"], texts(smos)) == (0, [], {})

    assert smos.counts("learn")["stored"] == 3
    assert smos.counts("learn")["turns"] == 0
    assert MOVED in texts(smos)


def test_learn_takes_a_conversation_by_its_name_and_a_file(smos: Home) -> None:
    smos("import", "--no-learn", talk(smos))
    (episode,) = smos.vault.glob("episodes/*/*/*.md")

    assert smos.counts("learn", episode.stem, "--dry-run")["stored"] == 3
    assert texts(smos) == {}
    assert smos.counts("learn", str(episode.relative_to(smos.vault)))["stored"] == 3
    assert smos.counts("learn", talk(smos, "other.jsonl", [("Marta", "My brother lives in Lima.")]))["stored"] == 1
    assert "Marta's brother lives in Lima." in texts(smos)


def test_what_is_neither_is_an_error(smos: Home) -> None:
    assert "no conversation and no file" in smos("learn", "nowhere.jsonl", code=3).err
    identity = smos.remember("Lunch is at noon.")
    assert "is not a conversation" in smos("learn", identity, code=2).err
    assert "brings nothing in" in smos("learn", "--dry-run", talk(smos), code=2).err


def test_read_again_nothing_is_stored_twice_and_what_is_said_again_is_noted(smos: Home) -> None:
    smos("import", talk(smos))
    again = smos.counts("learn", "--again")
    assert (again["turns"], again["stored"], again["duplicates"]) == (3, 0, 3)

    smos("import", talk(smos, "other.jsonl", [("Marta", "As I said: my sister lives in Oslo.")]))

    memories = {memory["text"]: memory for memory in smos("list", "--json").json["memories"]}
    assert len(memories[MOVED]["sources"]) == 1
    assert len(memories) == 2


def test_what_was_forgotten_is_not_learnt_again(smos: Home) -> None:
    smos("import", talk(smos))
    (memory,) = [one for one in smos("list", "--json").json["memories"] if one["text"] == MOVED]
    smos("forget", memory["id"])

    smos("learn", "--again")
    smos("import", talk(smos, "other.jsonl"))

    assert MOVED not in texts(smos)


def test_in_a_pipe_each_memory_is_a_row_and_the_counts_come_last(smos: Home) -> None:
    *rows, counts = smos("import", talk(smos)).out.splitlines()[1:]

    (cells,) = [row.split("\t") for row in rows if "Oslo" in row]
    assert (len(cells), cells[1], cells[4]) == (5, "accepted", MOVED)
    assert len(rows) == 3
    assert counts == "3 turns read: 3 seen, 3 stored, 0 duplicates, 0 skipped, 0 failed"


def test_learning_loads_no_library_of_a_model(smos: Home) -> None:
    smos("import", "--no-learn", talk(smos))
    code = "import sys; from smos_cli.__main__ import run; run(['learn']); print('\\n', *sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], env=smos.env, capture_output=True, text=True, check=True)

    assert "3 stored" in ran.stdout
    assert {name.partition(".")[0] for name in ran.stderr.splitlines()[-1].split()} & _HEAVY == set()


def test_an_extractor_that_is_not_there_costs_nothing_that_came(smos: Home) -> None:
    smos("config", "set", "models.extractor", "no-such-model")

    done = smos("import", talk(smos), "--json", code=3)

    assert (done.json["stored"], done.json["turns"]) == (3, 0)
    assert json.loads(done.err)["error"]["code"] == "not_found"
    smos("config", "set", "models.extractor", "")
    assert smos.counts("learn")["stored"] == 3


def test_where_conversations_are_not_kept_nothing_is_learnt_from_them(smos: Home) -> None:
    smos("config", "set", "vault.episodes", "off")

    counts = smos.counts("import", talk(smos))

    assert (counts["skipped"], counts["turns"], texts(smos)) == (3, 0, {})


def test_secrets_are_taken_out_before_anything_is_kept(smos: Home) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6" * 3
    counts = smos.counts("import", talk(smos, turns=[("Marta", f"My token for the gateway is {secret}.")]))

    assert counts["redacted"] == 1
    kept = [file for file in smos.folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
    assert kept == []


def test_a_queue_that_was_damaged_is_begun_anew_and_learns(smos: Home) -> None:
    smos("import", "--no-learn", talk(smos))
    (smos.folder / "state.sqlite").write_bytes(b"no database")

    done = smos("learn")

    assert "No memory is lost" in done.err
    assert MOVED in texts(smos)


def test_a_learning_that_was_stopped_goes_on_later(smos: Home) -> None:
    turns = [
        ("Marta", f"My cousin number {n} lives in Oslo. We decided to use Redis for service {n}.") for n in range(400)
    ]
    name = talk(smos, turns=turns)
    for seconds in (0.0, 0.1, 0.2, 0.4):
        _interrupted(smos, ["import", name], seconds)

    smos("import", name)

    assert sum("cousin" in text for text in texts(smos)) > 0
    assert smos.counts("learn")["turns"] == 0
    assert smos("queue", "list", "--json").json["jobs"] == []


def _interrupted(home: Home, words: list[str], seconds: float) -> None:
    """Press Ctrl-C so many seconds after a command begins to learn."""
    process = subprocess.Popen(
        [*COMMAND, *words], env=home.env, cwd=home.user, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    until(lambda: list(home.folder.glob("locks/*.worker")) or process.poll() is not None)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (0, 130), err
    assert "Traceback" not in err


def test_many_processes_that_learn_at_once_learn_each_turn_once(smos: Home) -> None:
    for number in range(6):
        smos(
            "import",
            "--no-learn",
            talk(smos, f"talk-{number}.jsonl", [("Marta", f"My sister lives in Oslo-{number}.")]),
        )

    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(lambda _: smos.counts("learn"), range(3)))

    assert sum(one["stored"] for one in counts) == len(texts(smos))
    assert sum(one["turns"] for one in counts) == 6
    assert smos("queue", "list", "--json").json["jobs"] == []
    assert smos("doctor").out == "Nothing is wrong.\n"


@pytest.mark.parametrize("words", [("learn", ""), ("learn", "talk", "")])
def test_an_empty_name_is_a_variable_that_was_not_set(smos: Home, words: tuple[str, ...]) -> None:
    assert "is empty" in smos(*words, code=2).err
