"""An edit that names what it read: of several at once one wins, and no text is lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from smos_cli.adapters.locks import held
from tests.cli.running import COMMAND, Home

STALE = 5


@pytest.fixture
def key(smos: Home) -> str:
    (smos.user / "tmp").mkdir()
    smos.env["TMPDIR"] = str(smos.user / "tmp")
    return smos.remember("The cache TTL is 60 seconds.")


def drafts(smos: Home) -> list[str]:
    return sorted(path.read_text() for path in (smos.user / "tmp").glob("smos-edit-*/*"))


def test_an_etag_lets_one_edit_in_and_is_another_then(smos: Home, key: str) -> None:
    etag = smos("show", key, "--json").json["etag"]

    smos("edit", key, "--text", "The cache TTL is 10 seconds.", "--if-match", etag)
    smos("pin", key, "--if-match", etag, code=STALE)
    smos("pin", key, "--if-match", smos("show", key, "--json").json["etag"])

    assert drafts(smos) == []


def test_a_change_by_hand_makes_it_stale_and_both_texts_are_kept(smos: Home, key: str) -> None:
    shown = smos("show", key, "--json").json
    file = smos.vault / shown["path"]
    file.write_text(file.read_text().replace("60", "20"))

    done = smos(
        "edit", key, "--text", "The cache TTL is 10 seconds.", "--if-match", shown["etag"], "--json", code=STALE
    )

    error = json.loads(done.err)["error"]
    assert error["code"] == "stale"
    assert drafts(smos) == ["The cache TTL is 10 seconds.\n"]
    assert str(next((smos.user / "tmp").glob("*/*"))) in error["remedy"]
    assert smos.recalled("TTL") == ["The cache TTL is 20 seconds."]


def test_an_etag_that_was_lost_on_the_way_is_none(smos: Home, key: str) -> None:
    smos("edit", key, "--tag", "tea", "--if-match", "", code=STALE)


def test_of_many_at_once_one_wins_and_every_text_is_there(smos: Home, key: str) -> None:
    etag = smos("show", key, "--json").json["etag"]
    texts = [f"The cache TTL is {number} seconds." for number in range(4)]
    # All of them have read the file, and wait for the vault, when the first may write.
    with held(smos.folder / "locks/bob.write", 5):
        editing = [
            subprocess.Popen(
                [*COMMAND, "edit", key, "--text", text, *(("--if-match", etag) if number % 2 else ())],
                cwd=smos.user,
                env=smos.env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for number, text in enumerate(texts)
        ]
        with pytest.raises(subprocess.TimeoutExpired):
            editing[0].wait(2)
    errors = [one.communicate(timeout=60)[1].decode() for one in editing]

    codes = sorted(one.returncode for one in editing)
    assert (codes[0], set(codes[1:]) <= {0, STALE}) == (0, True), errors
    assert codes.count(STALE) == len(drafts(smos))
    shown = smos("show", key, "--json").json
    history = subprocess.run(
        ["git", "-C", str(smos.vault), "log", "-p", "--", shown["path"]], capture_output=True, text=True, check=True
    ).stdout
    assert [text for text in texts if text not in history and f"{text}\n" not in drafts(smos)] == []
    assert Path(smos.vault, shown["path"]).is_file()
