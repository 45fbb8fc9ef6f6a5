"""Why a change was made, in the user's words: kept with the change in the history."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.running import Home


def _newest(smos: Home) -> str:
    told = subprocess.run(["git", "log", "-1", "--format=%B"], cwd=smos.vault, capture_output=True, text=True)
    return told.stdout


def test_a_reason_is_in_the_record_between_subject_and_trailers(smos: Home) -> None:
    smos("remember", "The TTL is 10 s", "--reason", "measured\non Friday")

    subject, why, trailers = _newest(smos).strip().split("\n\n")
    assert subject == "remember: The TTL is 10 s"
    assert why == "measured\non Friday"
    assert trailers.startswith("Smos-Verb: remember\n")


@pytest.mark.parametrize("words", [("edit", "--tag", "cache"), ("pin",), ("forget",)])
def test_every_changing_verb_takes_one(smos: Home, words: tuple[str, ...]) -> None:
    done = smos("remember", "The TTL is 10 s", "--json").json

    smos(words[0], done["memory"]["id"], *words[1:], "--reason", "it was said again")

    assert "\n\nit was said again\n\n" in _newest(smos)


def test_the_log_tells_it_at_the_end_of_the_line(smos: Home) -> None:
    smos("remember", "The TTL is 10 s", "--reason", "measured\non Friday")
    smos("remember", "Tea is at four.")

    tea, ttl = (line.split("\t") for line in smos("log", "-n", "2").out.splitlines())
    assert ttl[5:] == ["remember: The TTL is 10 s", "measured on Friday"]
    assert tea[5:] == ["remember: Tea is at four."]
