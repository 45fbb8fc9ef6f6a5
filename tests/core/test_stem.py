"""Forms of one word share a stem; different words do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.stem import stem


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        # Examples of the algorithm's own description.
        ("consign", "consign"),
        ("consignment", "consign"),
        ("consistency", "consist"),
        ("consolation", "consol"),
        ("knightly", "knight"),
        ("kneeling", "kneel"),
        ("generously", "generous"),
        ("relational", "relat"),
        ("hopefulness", "hope"),
        ("electricity", "electr"),
        ("adjustable", "adjust"),
        ("controlled", "control"),
        ("luxuriating", "luxuri"),
        ("hopping", "hop"),
        ("hoping", "hope"),
        ("adding", "add"),
        ("egging", "egg"),
        ("dyed", "dy"),
        ("cries", "cri"),
        ("ties", "tie"),
        ("gas", "gas"),
        ("gaps", "gap"),
        ("kiwis", "kiwi"),
        ("proceeds", "proceed"),
        ("earrings", "earring"),
        ("biologists", "biolog"),
        ("analogies", "analog"),
        ("agreed", "agre"),
        ("feed", "feed"),
        ("say", "say"),
        ("by", "by"),
        ("youth", "youth"),
        ("boyish", "boyish"),
        ("skies", "sky"),
        ("news", "news"),
        ("a", "a"),
        ("", ""),
    ],
)
def test_a_words_stem(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize(
    "forms",
    [
        ("go", "goes", "going", "went", "gone"),
        ("buy", "buys", "buying", "bought"),
        ("child", "children"),
        ("deploy", "deploys", "deployed", "deploying"),
        ("connect", "connected", "connecting", "connection", "connections"),
        ("index", "indexes", "indices", "indexing"),
    ],
)
def test_forms_of_one_word_share_a_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_a_word_of_other_letters_is_its_own_stem() -> None:
    assert [stem(word) for word in ("überall", "елка", "x86", "猫")] == ["überall", "елка", "x86", "猫"]


@given(st.text(alphabet="aeiouylstdnrg", max_size=12))
def test_any_letters_have_a_lower_case_stem_that_is_not_longer(word: str) -> None:
    assert len(stem(word)) <= max(len(word) + 1, 7)
    assert stem(word) == stem(word).lower()
    assert bool(stem(word)) == bool(word)
