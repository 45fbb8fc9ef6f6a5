"""Hits of one file are shown together: under the file's name on a terminal, one after the other in a pipe."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import Home
from tests.cli.test_bad_input_terminal import on_terminal, screen, width

TURNS = [("Marta", "The cache limiter resets every ten seconds."), ("Bob", "Then the cache goes to ten seconds too.")]


@pytest.fixture(scope="module")
def talk(first_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a conversation of two turns and two memories about the same."""
    smos = Home(first_home).copied(tmp_path_factory.mktemp("talk") / "user")
    lines = [json.dumps({"session": "talk", "speaker": who, "text": text}) for who, text in TURNS]
    smos("import", "-", stdin="\n".join(lines))
    smos.remember("The cache lives ten seconds.")
    smos.remember("A cache of ten seconds is short.")
    smos("index")
    return smos


@pytest.mark.parametrize("columns", [100, 40])
def test_a_terminal_names_the_file_of_several_hits_once_above_them(talk: Home, columns: int) -> None:
    shown = screen(on_terminal(talk, "recall", "cache ten seconds", columns=columns))
    lines = [line.rstrip() for line in shown.splitlines()]
    begins = next(place for place, line in enumerate(lines) if line.startswith("   episodes/"))
    numbered = [place for place, line in enumerate(lines) if line[:2].strip(" .").isdigit()]
    inset = [place for place in numbered if lines[place][3:5] == "  "]

    assert max(map(width, lines)) <= columns
    assert "".join(line.strip() for line in lines).count("episodes/") == 1
    assert [int(lines[place][0]) for place in numbered] == [1, 2, 3, 4]
    assert len(inset) == 2
    assert numbered.index(inset[1]) == numbered.index(inset[0]) + 1
    assert max([place for place in numbered if place < inset[0]], default=-1) < begins < inset[0]


def test_a_pipe_has_the_hits_of_a_file_one_after_the_other(talk: Home) -> None:
    files = [line.partition("#")[0].partition("\t")[0] for line in talk("recall", "cache ten seconds").out.splitlines()]

    assert len(files) == 4
    assert len(list(dict.fromkeys(files))) == 3
    assert sorted(files, key=files.index) == files


def test_json_has_the_hits_by_their_score(talk: Home) -> None:
    scores = [hit["score"] for hit in talk("recall", "cache ten seconds", "--json").json["hits"]]

    assert scores == sorted(scores, reverse=True)


def test_a_file_with_one_hit_is_not_named(smos: Home) -> None:
    smos.remember("The cache lives ten seconds.")

    assert "memories/" not in screen(on_terminal(smos, "recall", "cache"))
