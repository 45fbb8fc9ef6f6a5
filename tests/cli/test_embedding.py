"""Another embedder: recall answers whatever becomes of it, and it is told how far the vectors are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Home

MODEL = Path(__file__).resolve().parents[3] / "shared/models/all-minilm-l6-v2"
STATIC = "static-minilm-256-2"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home("init", "bob")
    home("remember", "The cache TTL is 10 seconds.")
    home("remember", "Marta drinks green tea.")
    home("recall", "tea")
    return home


def wants(home: Home, model: str) -> None:
    """Choose an embedder behind the back of ``smos models use``, which would make its vectors at once."""
    config = home.folder / "config.toml"
    text = config.read_text(encoding="utf-8") if config.exists() else ""
    config.write_text(f'{text}\n[models]\nembedder = "{model}"\n', encoding="utf-8")


class TestOneThatIsNotThere:
    @pytest.fixture
    def home(self, home: Home) -> Home:
        wants(home, "nowhere")
        return home

    def test_recall_answers_from_the_old_vectors(self, home: Home) -> None:
        found = home("recall", "What does Marta drink?", "--json").json

        assert found["hits"][0]["text"] == "Marta drinks green tea."

    def test_status_tells_which_is_used_and_which_is_wanted(self, home: Home) -> None:
        assert home("status", "--json").json["embedding"] == {
            "used": STATIC,
            "wanted": "nowhere",
            "done": 0,
            "total": 2,
            "running": False,
            "failed": None,
        }

    def test_doctor_says_what_to_do(self, home: Home) -> None:
        assert "Of 2 passages, 0 have a vector of nowhere. Run `smos index`." in home("doctor", code=1).out

    def test_index_brings_the_rest_up_to_date_and_warns(self, home: Home) -> None:
        done = home("index")

        assert "2 seen" not in done.err and "warning: " in done.err and "nowhere" in done.err

    def test_embed_fails(self, home: Home) -> None:
        assert "nowhere" in home("index", "--embed", code=None).err

    def test_after_that_recall_warns_once_and_answers(self, home: Home) -> None:
        home("index")
        done = home("recall", "What does Marta drink?")

        assert done.err.count("warning: ") == 1
        assert "Marta drinks green tea." in done.out

    def test_an_index_that_is_lost_is_made_by_the_embedded_model(self, home: Home) -> None:
        for path in (home.folder / "index").glob("bob.*"):
            path.unlink()
        done = home("recall", "What does Marta drink?")

        assert "Marta drinks green tea." in done.out
        assert done.err.count("The embedded model answers.") == 1


@pytest.mark.skipif(not MODEL.exists(), reason="no model at hand")
class TestARealOne:
    @pytest.fixture
    def home(self, home: Home) -> Home:
        home("models", "pull", "minilm", "--from", str(MODEL), "--role", "embedder", "--accept-unpinned")
        wants(home, "minilm")
        return home

    def test_index_makes_its_vectors_and_takes_them_into_use(self, home: Home) -> None:
        home("index")
        found = home("status", "--json").json

        assert found["embedding"]["used"].startswith("minilm@") and found["embedding"]["done"] == 2
        assert found["index"]["model"] == found["embedding"]["wanted"]

    def test_recall_asks_it_from_then_on(self, home: Home) -> None:
        home("index", "--embed")
        done = home("recall", "Which beverage does she like?", "--json")

        assert done.json["hits"][0]["text"] == "Marta drinks green tea."
        assert (done.err, done.json["degraded"]) == ("", False)

    def test_a_second_time_there_is_nothing_to_do(self, home: Home) -> None:
        home("index", "--embed")

        assert home("index", "--embed", "--json").json["embedding"]["done"] == 2

    def test_once_it_is_damaged_words_answer_with_one_warning(self, home: Home) -> None:
        home("index", "--embed")
        model = next((home.folder / "models/minilm").glob("*.onnx"))
        model.write_bytes(model.read_bytes()[:100_000])
        done = home("recall", "green tea", "--json")

        assert done.json["hits"][0]["text"] == "Marta drinks green tea."
        assert (done.err.count("warning: "), done.json["degraded"]) == (1, True)


def test_embed_stands_alone(home: Home) -> None:
    assert home("index", "--embed", "--rebuild", code=2).err.startswith("smos: --embed stands alone.")


def test_a_reranker_that_is_not_there_is_told_once_and_changes_nothing(home: Home) -> None:
    plain = home("recall", "What does Marta drink?").out
    config = home.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[models]\nreranker = "nowhere"\n', encoding="utf-8")
    done = home("recall", "What does Marta drink?")

    assert done.out == plain
    assert done.err.count("warning: ") == 1 and "Nothing is reranked." in done.err
