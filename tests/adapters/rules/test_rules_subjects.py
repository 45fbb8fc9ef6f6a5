"""Verbs agree with the name that stands for "I"."""

import pytest

from smos_cli.adapters.rules.subjects import Who, inflected, named, third_person


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        *(("like", "likes"), ("have", "has"), ("do", "does"), ("go", "goes"), ("try", "tries"), ("play", "plays")),
        *(
            ("teach", "teaches"),
            ("went", "went"),
            ("need", "needs"),
            ("wanted", "wanted"),
            ("can", "can"),
            ("put", "put"),
        ),
    ],
)
def test_a_verb_is_inflected(verb: str, told: str) -> None:
    assert inflected(verb) == told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I've been busy and have slept little", "Marta has been busy and has slept little"),
        ("I'll move, and I'd like help", "Marta will move, and would like help"),
        ("I'd been ill", "Marta had been ill"),
        ("I usually don't drink", "Marta usually doesn't drink"),
        ("My wife and I were out", "Marta's wife and Marta were out"),
        ("It rained and I like it", "It rained and Marta likes it"),
        ("I always put salt in it", "Marta always puts salt in it"),
        ("I taught myself Latin", "Marta taught themselves Latin"),
        ("you were right about us", "Jonas was right about Marta and others"),
        ("I gave you my bike", "Marta gave Jonas their bike"),
        ("The Last of Us is a game", "The Last of Us is a game"),
    ],
)
def test_a_sentence_is_told_of_its_speaker(said: str, told: str) -> None:
    assert third_person(said, Who("Marta", "Jonas")) == told


def test_names_stand_for_themselves_and_labels_do_not() -> None:
    assert [named(one, "user") for one in ("Marta", "user", "Human", "", " Ana  Lucia ")] == [
        "Marta",
        "the user",
        "the user",
        "the user",
        "Ana Lucia",
    ]
    assert named("gpt", "assistant") == "the assistant"
