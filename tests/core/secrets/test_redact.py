"""What must never be stored is taken out of a text, and what only looks like it stays."""

from __future__ import annotations

import string
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smos_cli.core.secrets import redact
from tests.core.secrets.corpus import LETTERS, SECRETS, Maker, ordinary, planted

MAKE = Maker(5)


def test_sixty_planted_among_two_thousand_lines_are_found_and_nothing_else_is() -> None:
    make = Maker(2026)
    kinds = list(SECRETS)
    hidden = list(planted(make, kinds, 60))
    lines = make.shuffle([*hidden, *ordinary(make, 2000)])

    after = {line: redact(line.text) for line in lines}

    assert len({line.kind for line in hidden}) >= 20
    assert [line.kind for line in hidden if line.secret in after[line].text or not after[line].found] == []
    assert [line.text for line in lines if not line.secret and after[line].found] == []


@pytest.mark.parametrize("kind", SECRETS)
def test_no_part_of_a_secret_of_a_kind_is_left(kind: str) -> None:
    for line in planted(Maker(len(kind)), [kind], 20):
        text = redact(line.text).text
        rest = [
            line.secret[place : place + 8] for place in range(12, len(line.secret) - 8, 8) if "\n" not in line.secret
        ]
        assert [piece for piece in rest if piece in text] == [], line.text


def test_a_secret_is_named_by_its_kind_and_its_place() -> None:
    token = "ghp_" + MAKE.of(36)

    done = redact(f"Use {token} for now.\r\nThanks\r")

    assert done.text == "Use [redacted: github-token] for now.\r\nThanks\r"
    assert [(one.kind, one.start, one.end) for one in done.found] == [("github-token", 4, 4 + len(token))]


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        'export API_TOKEN="{}"',
        "password: {}",
        '{{"password":"{}"}}',
        '{{\\"secret\\": \\"{}\\"}}',
        "  clientSecret: '{}'",
        'const apiKey = "{}";',
        "$env:DEPLOY_TOKEN = '{}'",
        "ENV NPM_TOKEN {}",
        "tool --token={}",
        "tool --token {} --fast",
        "-----\nAUTH_TOKEN={}\n-----",
        "<password>{}</password>",
        '<add key="ApiKey" value="{}"/>',
        "machine git.internal login bob password {}",
        "//registry.internal/:_authToken={}",
        "https://api.internal/v1?access_token={}&page=2",
        "the password for the staging machine is {}.",
        "Bearer {}",
        "password={},user=bob",
        'setenv("SERVICE_SECRET", "{}")',
        "Cookie: theme=dark; sessionid={}; lang=de",
        "curl -u ':{}' https://api.internal",
        "Authorization: Api-Token {}",
        "token is `{}`",
        "  login bob password {}",
    ],
)
def test_what_is_told_by_its_name_is_found_however_it_is_written(form: str) -> None:
    secret = MAKE.of(24) if form != "{}" else "glpat-" + MAKE.of(20)

    text = redact(form.format(secret)).text

    assert secret not in text
    before, after = form.replace("{{", "{").replace("}}", "}").split("{}")
    assert text.startswith(before)
    assert text.endswith(after)


@pytest.mark.parametrize(
    "text",
    [
        "api_key: YOUR_API_KEY",
        "TOKEN=$TOKEN PASSWORD=${PASSWORD} KEY=$(pass show key)",
        "password = os.environ['DB_PASSWORD']",
        "const password = document.querySelector('#pw1').value",
        "password = models.CharField(max_length=128)",
        "password=xxxxxxxx or <password> or ********",
        "token: <your-token>",
        "Authorization: Bearer <token>",
        "The password is stored hashed with bcrypt.",
        "password: required",
        "secret: bool = False",
        "the key is under the mat",
        "access token expired at 2026-11-18T08:38:00Z",
        "unexpected token '}' in JSON at position 42",
        "key: 01KB8F3K2M7Q0ZT4V9X2C5N6PD",
        "idempotency_key: 8f14e45f-ceea-467a-9d3f-2f0e0d9b1a2c",
        "credentials: 'include'",
        "postgres://user:password@localhost/db",
        "http://localhost:8080/a@b",
        "git@github.com:org/repo.git",
        "docker run -u 1000:1000 -p 8080:80 image",
        "bypass = 'yes1'",
        "-----BEGIN PUBLIC KEY-----",
        "~/.ssh/id_ed25519 and /run/secrets/db_password1",
        "sk-button-primary-large-rounded-with-icon",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "hf_requiredCharacteristicTypesForDisplayMetadata",
        "xoxb-my-bot-token",
        "__all__ = ['getpass', 'getuser', 'password', 'prompt']",
        "login will handle password aging, see login.defs",
        "passphrase: &#x3C;string|buffer>",
        "auth=SandboxAuth(api)",
        "http://a:b@c.d/",
        "[redacted: password]",
    ],
)
def test_placeholders_code_and_words_stay(text: str) -> None:
    assert redact(text) == (text, ())


@pytest.mark.parametrize("cut", [80, 400, 10_000])
def test_a_private_key_goes_with_all_its_lines_also_where_it_is_cut_off(cut: str) -> None:
    key = SECRETS["pem"](MAKE)

    text = redact(f"Here:\n{key[:cut]}\n").text

    assert text == "Here:\n[redacted: private-key]\n"


def test_a_name_and_a_password_in_base64_are_told_by_what_they_hold() -> None:
    login = SECRETS["basic"](MAKE)

    assert redact(f'"auth": "{login}"').text == '"auth": "[redacted: credential]"'
    assert redact('"auth": "required"').found == ()


@pytest.mark.parametrize(
    ("text", "left"),
    [("DB_PASSWORD={}", ""), ("password: {}", ""), ("my password is {}", "!"), ('password = "{}".', '".')],
)
def test_a_mark_at_the_end_belongs_to_the_password_but_in_a_sentence(text: str, left: str) -> None:
    assert redact(text.format("Tr0ub4dor!")).text.endswith(f"[redacted: password]{left}")


def test_what_overlaps_is_one_secret_of_the_surest_kind() -> None:
    token = "ghp_" + MAKE.of(36)

    assert redact(f"password={token}!x").text == "password=[redacted: github-token]"


def test_a_private_key_in_json_goes_and_the_text_after_it_stays() -> None:
    key = SECRETS["pem"](MAKE).replace("\n", "\\n")

    assert redact(f'{{"private_key": "{key}\\n", "client": "bob"}}').text.endswith('\\n", "client": "bob"}')


words = st.sampled_from(
    [
        "password",
        "token: ",
        "api_key=",
        '"',
        "'",
        " is ",
        "[redacted: token]",
        "[redacted: ",
        "]",
        "=",
        ": ",
        "\r\n",
        " ",
    ]
    + ["-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----", "postgres://a:", "@host ", "Bearer ", "--secret "]
    + [kind(MAKE) for kind in SECRETS.values()]
    + ["hunter2x", "curl -u bob:", "&", ";", ",", "<", ">", "ENV ", "é", "\u2028", "export X_KEY="]
)
texts = st.one_of(st.lists(words, max_size=12).map("".join), st.text(max_size=200))


@given(texts)
def test_what_was_redacted_has_nothing_left_to_redact(text: str) -> None:
    once = redact(text).text

    assert redact(once) == (once, ())


@given(texts)
def test_nothing_changes_outside_of_what_was_found(text: str) -> None:
    done = redact(text)

    place, pieces = 0, []
    for secret in done.found:
        assert place <= secret.start < secret.end <= len(text)
        pieces += [text[place : secret.start], f"[redacted: {secret.kind}]"]
        place = secret.end
    assert "".join([*pieces, text[place:]]) == done.text


HOSTILE = (
    *("a", "token ", "password=", "eyJ", "ghp_", "secret is ", "curl -u ", "http://a:b", '"token":"', "a.", "mysql -p"),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAA\n",
        "https://a:@",
        "123456789:",
    ),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_line_of_a_megabyte_takes_no_longer_than_its_length(piece: str) -> None:
    def taken(size: int) -> float:
        start = process_time()
        redact(piece * (size // len(piece)))
        return process_time() - start

    taken(1000)
    assert taken(500_000) < max(0.5, 8 * taken(125_000))


def test_a_megabyte_of_base64_is_no_secret() -> None:
    blob = Maker(1).of(1_000_000, LETTERS + "+/")

    assert redact(f'"image": "{blob}"').found == ()


def test_a_thousand_turns_take_a_moment() -> None:
    make = Maker(3)
    alphabet = string.ascii_lowercase + "      .\n"
    turns = [f"The token of {make.of(480, alphabet)} is a key." for _ in range(1000)]
    redact(turns[0])

    start = process_time()
    for turn in turns:
        redact(turn)

    assert process_time() - start < 0.5  # 0.06 where it was measured
