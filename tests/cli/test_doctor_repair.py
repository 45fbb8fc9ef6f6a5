"""``smos doctor --repair`` asks which file keeps an id where somebody can be asked, and leaves it where nobody can."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.running import Home
from tests.cli.test_bad_input_terminal import on_terminal, screen

TEA = "Tea is at four."


@pytest.fixture
def copy(smos: Home) -> Path:
    """A copy that a person made of a memory, changed since."""
    smos.remember(TEA)
    (file,) = (smos.vault / "memories").rglob("*.md")
    return smos.write("memories/copy.md", file.read_text().replace("four", "five"))


def ids(smos: Home) -> set[str]:
    return {item["id"] for item in smos("list", "--json").json["memories"]}


def test_on_a_terminal_it_asks_for_each_file_until_one_keeps_the_id(smos: Home, copy: Path) -> None:
    before = copy.read_text()
    child = on_terminal(smos, "doctor", "--repair", columns=200)
    child.expect_exact("keep it? [y/N]")
    child.sendline("n")
    child.expect_exact("Does memories/copy.md keep it? [y/N]")
    child.sendline("y")

    text = screen(child)

    assert "It has the id" in text
    assert copy.read_text() == before
    assert len(ids(smos)) == 2
    assert smos("doctor").out == "Nothing is wrong.\n"


@pytest.mark.parametrize("answers", [["n", "n"], None])
def test_where_no_file_is_to_keep_it_or_nobody_can_be_asked_all_stay(
    smos: Home, copy: Path, answers: list[str] | None
) -> None:
    before = copy.read_text()
    if answers is None:
        text = smos("doctor", "--repair", code=1).out
    else:
        child = on_terminal(smos, "doctor", "--repair", columns=200)
        for answer in answers:
            child.expect_exact("[y/N]")
            child.sendline(answer)
        text = screen(child, code=1)

    assert "is also in memories/copy.md" in text.replace("\n", " ")
    assert copy.read_text() == before


def test_with_yes_the_file_that_changed_last_gets_a_new_id(smos: Home, copy: Path) -> None:
    done = smos("doctor", "--repair", "--yes", "--json").json

    assert "memories/copy.md had the id" in done["repaired"][-1]["what"]
    assert copy.read_text().endswith("Tea is at five.\n")
    assert len(ids(smos)) == 2


def test_what_a_merge_by_git_alone_left_is_merged_anew(smos: Home) -> None:
    smos.remember(TEA)
    (file,) = (smos.vault / "memories").rglob("*.md")
    torn = "<<<<<<< HEAD\nTea is at five.\n=======\nTea is at six.\n>>>>>>> side"
    file.write_text(file.read_text().replace(TEA, torn))

    done = smos("doctor", "--repair", "--json", code=None).json

    assert any("had conflict markers" in item["what"] for item in done["repaired"])
    assert "<<<<" not in file.read_text()


def test_a_vault_that_can_not_be_held_for_it_is_said(smos: Home) -> None:
    smos.remember(TEA)
    shutil.rmtree(smos.folder / "locks", ignore_errors=True)
    (smos.folder / "locks").touch()

    assert "warning: Nothing was repaired: The lock file" in smos("doctor", "--repair", code=None).err
