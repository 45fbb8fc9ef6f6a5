"""A conversation takes the form that a model's own template gives it."""

from __future__ import annotations

import pytest

from smos_cli.adapters.llamacpp.chat import SYSTEM, USER, Marks, Part, form, parts
from tests.adapters.llamacpp.ggufs import needs_llama

pytestmark = needs_llama
MARKS = Marks("<s>", "</s>")
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "[INST] {{ m.content }} [/INST]{% endfor %}"
)


def test_both_messages_have_their_places() -> None:
    assert form(CHATML, MARKS) == (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n{USER}<|im_end|>\n<|im_start|>assistant\n"
    )


def test_a_model_that_knows_no_system_has_it_before_the_question() -> None:
    assert form(NO_SYSTEM, MARKS) == f"<s>[INST] {SYSTEM}\n\n{USER} [/INST]"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "{{ messages[1].content }}",
        "no places",
        "{% for %}",
        "{{ 1 / 0 }}",
        "{{ messages.nothing.at_all }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages | map('none') }}",
        "{{ messages[0].content }}" * 3,
    ],
)
def test_a_template_without_use_leaves_the_plain_form(template: str) -> None:
    assert form(template, MARKS) == f"{SYSTEM}\n\n{USER}\n"


def test_what_is_said_is_told_apart_from_the_form() -> None:
    found = parts(f"<a>{SYSTEM}<b>{USER}<c>", "be brief", f"<b> {SYSTEM}")
    assert found == [
        Part("<a>", is_form=True),
        Part("be brief", is_form=False),
        Part("<b>", is_form=True),
        Part(f"<b> {SYSTEM}", is_form=False),
        Part("<c>", is_form=True),
    ]
