"""A GGUF model writes JSON of a schema, up to where it must stop."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smos_cli.adapters.llamacpp.writer import LlamaWriter
from smos_cli.core.prompting.prompt import SCHEMA
from smos_cli.errors import ModelError, StoppedError
from tests.adapters.llamacpp.ggufs import STORIES, folder_of, gguf, needs_llama, tiny_bert, with_values

pytestmark = needs_llama
WORD = {"type": "object", "properties": {"word": {"type": "string", "maxLength": 30}}, "required": ["word"]}
LONG = {
    "type": "object",
    "properties": {"all": {"type": "array", "items": {"type": "boolean"}, "minItems": 40, "maxItems": 40}},
}
LONG = {**LONG, "required": ["all"]}


@pytest.fixture(scope="module")
def writer() -> LlamaWriter:
    return LlamaWriter(STORIES.parent, "stories@1")


def test_the_context_is_the_models_own(writer: LlamaWriter) -> None:
    assert writer.context == 2_048


def test_a_model_with_a_long_context_is_given_a_part_of_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, gguf({"general.architecture": "llama", "llama.context_length": 131_072}, {}))
    assert LlamaWriter(folder, "m@1").context == 8_192


def test_tokens_are_counted_and_marks_in_what_is_said_are_plain_text(writer: LlamaWriter) -> None:
    assert writer.count_tokens("") == 0
    assert writer.count_tokens("Once upon a time") < len("Once upon a time")
    assert writer.count_tokens("</s>") > 1
    assert writer.count_tokens("\ud800\x00 \N{GRINNING FACE}") > 0


@pytest.mark.parametrize("schema", [WORD, LONG, SCHEMA])
def test_an_answer_is_json_of_the_schema(writer: LlamaWriter, schema: dict[str, object]) -> None:
    answer = json.loads(writer.complete("Tell a story.", "Once upon a time", schema, 900))
    assert set(answer) == set(schema["required"])


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=200))
def test_whatever_is_asked_the_answer_is_json(text: str) -> None:
    answer = json.loads(_SHARED.complete("", text, WORD, 200))
    assert isinstance(answer["word"], str)


_SHARED = LlamaWriter(STORIES.parent, "stories@1")


def test_the_same_question_has_the_same_answer_whatever_was_asked_between(writer: LlamaWriter) -> None:
    asked: Callable[[str], str] = lambda text: writer.complete("Tell a story.", text, WORD, 100)  # noqa: E731
    first = asked("A cat")
    assert asked("A dog and a long road to the sea") != ""
    assert [asked("A cat"), asked("A cat")] == [first, first]


def test_an_answer_ends_after_its_last_token(writer: LlamaWriter) -> None:
    whole = writer.complete("", "Once", LONG, 500)
    part = writer.complete("", "Once", LONG, 12)
    assert len(part) < len(whole)
    assert whole.startswith(part)


def test_a_prompt_without_room_for_its_answer_is_refused(writer: LlamaWriter) -> None:
    with pytest.raises(ModelError, match="too long"):
        writer.complete("", "word " * 3_000, WORD, 100)


def _after(calls: int, error: type[BaseException] | None = None) -> Callable[[], bool]:
    counted: Iterator[int] = itertools.count(1)

    def stop() -> bool:
        if next(counted) < calls:
            return False
        if error:
            raise error
        return True

    return stop


def test_an_answer_can_be_stopped_between_tokens() -> None:
    writer = LlamaWriter(STORIES.parent, "stories@1", _after(5))
    with pytest.raises(StoppedError):
        writer.complete("", "Once", LONG, 500)


def test_after_ctrl_c_the_next_answer_is_what_it_would_have_been(writer: LlamaWriter) -> None:
    stopped = LlamaWriter(STORIES.parent, "stories@1", _after(5, KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        stopped.complete("", "Once", LONG, 500)
    stopped._stop = lambda: False
    assert stopped.complete("", "Once", LONG, 500) == writer.complete("", "Once", LONG, 500)


def test_the_models_own_form_is_used(tmp_path: Path, writer: LlamaWriter) -> None:
    template = "{{ bos_token }}{% for m in messages %}{{ m.content }}. {% endfor %}Once upon a time"
    data = with_values(STORIES.read_bytes(), {"tokenizer.chat_template": template})
    formed = LlamaWriter(folder_of(tmp_path, data), "m@1")
    system, user = "Tell a story", "A cat"
    tokens = formed._prompt(system, user)
    assert tokens[0] == 1
    assert tokens.count(1) == 1
    assert len(tokens) > len(writer._prompt(system, user))


@pytest.mark.parametrize("template", ["{% for %}", "{{ 1 / 0 }}"])
def test_a_broken_template_is_no_traceback(tmp_path: Path, template: str) -> None:
    data = with_values(STORIES.read_bytes(), {"tokenizer.chat_template": template})
    writer = LlamaWriter(folder_of(tmp_path, data), "m@1")
    try:
        assert json.loads(writer.complete("", "Once", WORD, 100))
    except ModelError as error:
        assert "can't be loaded" in error.message


def test_an_embedder_can_not_write(tmp_path: Path) -> None:
    writer = LlamaWriter(folder_of(tmp_path, tiny_bert()), "bert@1")
    with pytest.raises(ModelError, match="can't write"):
        writer.count_tokens("Once")


def test_a_model_installed_for_another_role_is_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, STORIES.read_bytes())
    (folder / "model.json").write_text('{"role": "judge"}')
    with pytest.raises(ModelError, match="judge"):
        LlamaWriter(folder, "m@1").count_tokens("Once")


def test_a_model_that_computes_no_numbers_is_refused(tmp_path: Path) -> None:
    data = bytearray(STORIES.read_bytes())
    data[-4 * 100_000 :] = b"\x00\x00\xc0\x7f" * 100_000
    with pytest.raises(ModelError, match="no numbers"):
        LlamaWriter(folder_of(tmp_path, bytes(data)), "nan@1").complete("", "Once", WORD, 10)


def test_a_model_without_words_for_json_is_refused(tmp_path: Path) -> None:
    data = STORIES.read_bytes().replace(b"tokenizer.ggml.token_type", b"tokenizer.ggml.token_tipe")
    with pytest.raises(ModelError, match="no words"):
        LlamaWriter(folder_of(tmp_path, data), "mute@1").complete("", "Once", SCHEMA, 10)


def test_a_schema_without_a_grammar_is_refused(writer: LlamaWriter) -> None:
    with pytest.raises(ModelError, match="failed"):
        writer.complete("", "Once", {"type": "no such type"}, 10)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    LlamaWriter(STORIES.parent, "stories@1").complete("", "Once", WORD, 50)
    for data in (STORIES.read_bytes()[:-4], with_values(STORIES.read_bytes(), {"general.architecture": "none"})):
        with pytest.raises(ModelError):
            LlamaWriter(folder_of(tmp_path, data), "m@1").complete("", "Once", WORD, 50)
    assert capfd.readouterr() == ("", "")


def test_the_reason_why_a_model_can_not_be_loaded_is_the_librarys(tmp_path: Path) -> None:
    data = STORIES.read_bytes().replace(b"output_norm.weight", b"output_farm.weight")
    with pytest.raises(ModelError, match=r"output_norm.weight' not found"):
        LlamaWriter(folder_of(tmp_path, data), "m@1").count_tokens("Once")
