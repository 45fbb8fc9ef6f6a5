"""Two embedders side by side."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bench.comparing import compared, told
from tests.bench.embedders import Once
from tests.bench.made_up import measured
from tests.fakes import FakeEmbedder


def test_what_is_measured_twice_is_no_gain() -> None:
    one = measured(20)

    assert {line.gain.mean for line in compared(one, one)} == {0.0}


def test_a_set_with_adversarial_questions_is_shown_without_them_too() -> None:
    one = measured(20)

    assert {(line.set, line.questions) for line in compared(one, one)} == {
        ("LongMemEval", "all"),
        ("LoCoMo", "all"),
        ("LoCoMo", "all but adversarial"),
    }


def test_the_tables_name_the_model() -> None:
    one = measured(20)

    assert told(one, one, "some-model").count("some-model") == 2


class Counting(FakeEmbedder):
    texts = 0

    def embed(self, texts):  # type: ignore[no-untyped-def]
        self.texts += len(texts)
        return super().embed(texts)


@pytest.fixture
def rows() -> NDArray[np.float32]:
    return FakeEmbedder().embed(["a", "b", "a"])


def test_a_text_is_embedded_once(rows: NDArray[np.float32]) -> None:
    counting = Counting()
    once = Once(counting)

    assert np.array_equal(once.embed(["a", "b", "a"]), rows)
    assert np.array_equal(once.embed(["b"]), rows[1:2])
    assert counting.texts == 2
