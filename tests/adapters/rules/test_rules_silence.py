"""Nothing is learnt of what nobody asserted."""

import pytest

from smos_cli.adapters.rules.extractor import RulesExtractor
from smos_cli.core.models import Said

TIME = "2026-11-18T08:38:00Z"

SILENT = {
    "small talk": "Hey! How was your day? Mine was great, thanks for asking!",
    "thanks": "Thank you so much for the list of 12 hotels in Rome!",
    "praise": "You did an amazing job with the 3 reports, I'm so proud of you!",
    "question": "Do I need a visa for Japan in May 2027?",
    "request": "Could you book 2 tickets to Oslo for my sister?",
    "order": "Write a poem about my dog Rex and 3 cats.",
    "hypothetical": "If I had 10,000 euros I would buy a boat in Split.",
    "maybe": "Maybe I should sell my car in March.",
    "might": "I might visit my aunt in Porto next month.",
    "wish": "I wish I had a dog called Bruno.",
    "sarcasm": "Yeah right, I love working on Sundays in Zurich.",
    "sarcasm mark": "I just love getting 400 mails from Bob on Monday. /s",
    "beside sarcasm": "I work at Acme in Bern. As if!",
    "quoted lines": "> I moved to Oslo in 2019.\n> I love it there.",
    "quotation": 'He wrote: "I have lived in Oslo since 2019 and my wife works at the harbour of the city."',
    "fence": "```\nI prefer tabs over spaces since 2019\n```",
    "indented": "    I prefer tabs over spaces since 2019",
    "open fence": "~~~text\nI prefer tabs over spaces since 2019\nI live in Oslo",
    "log": "2026-11-18 08:38:00 INFO I moved 3 files to /var/tmp",
    "trace": 'Traceback (most recent call last):\n  File "a.py", line 1, in my_house',
    "json": '{"text": "I moved to Oslo in 2019"}',
    "table": "| I | moved to Oslo in 2019 |",
    "tool call": "> [!tool]- Bash: echo I live in Oslo since 2019",
    "caption": "Look! [shares a photo of my 3 dogs in Oslo in 2019]",
    "placeholder": "[Image #1] [attachment: my-house-2019.png]",
    "German": "Ich wohne seit 2019 in Basel und arbeite bei der Post.",
    "Spanish": "Me mudé a Oslo en 2019 y trabajo en un hospital.",
    "Japanese": "私は2019年に東京へ引っ越しました。",
    "platitude": "Family means everything, and we should never give up on each other.",
    "feeling": "I'm so happy and grateful for all the love and support.",
    "catching up": "It's been 3 weeks since we last talked!",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT.keys())
def test_it_is_silent_about(text: str) -> None:
    assert list(RulesExtractor().extract([Said("t1", "user", "user", TIME, text)], lambda _: True)) == []


@pytest.mark.parametrize("role", ["tool", "system", "developer", "", "wizard"])
def test_only_people_and_assistants_tell_something(role: str) -> None:
    turn = Said("t1", role, role, TIME, "I moved to Oslo in 2019 and I work at the harbour.")
    assert list(RulesExtractor().extract([turn], lambda _: True)) == []


@pytest.mark.parametrize(
    "text",
    [
        "You could use Redis 7 for that.",
        "I'd recommend raising the timeout to 30 s.",
        "Python 3.12 was released in October 2023, and it has better error messages.",
        "I can rename `rows.py` if you like.",
        "As an assistant I have no favourite colour, but I like 3 of them.",
        "The capital of Norway is Oslo, which has 700,000 people.",
    ],
)
def test_what_an_assistant_suggests_or_explains_yields_nothing(text: str) -> None:
    assert list(RulesExtractor().extract([Said("t1", "assistant", "assistant", TIME, text)], lambda _: True)) == []


def test_a_time_that_cannot_be_resolved_is_not_guessed() -> None:
    assert (
        list(RulesExtractor().extract([Said("t1", "user", "user", "", "I moved to Oslo yesterday.")], lambda _: True))
        == []
    )
