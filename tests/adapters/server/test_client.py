"""One server asked over HTTP: what is tried again, what is refused, what is never sent."""

from __future__ import annotations

import gzip
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest

from smos_cli.adapters.server import answers as reading
from smos_cli.adapters.server.budget import Budget, estimated_tokens
from smos_cli.adapters.server.client import Access, Client
from smos_cli.adapters.server.embedder import ServerEmbedder
from smos_cli.adapters.server.patience import Clock
from smos_cli.adapters.server.refusals import PassingError, RefusedError, TooLongError
from smos_cli.config.servers import Server
from smos_cli.core.secrets import redact
from smos_cli.errors import ModelError
from tests.adapters.server.conftest import Waits
from tests.adapters.server.playing import (
    DIMENSIONS,
    Handler,
    PlayedServer,
    answers,
    chunked,
    drips,
    endless,
    half_a_body,
    hang_up,
    played,
    silence,
)
from tests.cli.running import Home

Clients = Callable[..., Client]
KEY = "sk-proj-" + "Zq7Lw2Nf9Rt4Xc1Vb8Mk"
GOOD = {"data": [], "usage": {"total_tokens": 5}}


def ask(client: Client, **body: Any) -> dict[str, Any]:
    return client.post("embeddings", {"model": "tiny", "input": ["a text"], **body})


def refused(client: Client) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(client)
    assert caught.value.message.endswith(".")
    assert caught.value.remedy
    return caught.value


def test_a_question_and_its_answer_are_json(server: PlayedServer, client: Clients) -> None:
    assert len(ask(client())["data"]) == 1

    (request,) = server.requests
    assert request.path == "/v1/embeddings"
    assert request.body == {"model": "tiny", "input": ["a text"]}
    assert request.headers["Content-Type"] == "application/json"
    assert "Authorization" not in request.headers


def test_one_connection_serves_many_questions(server: PlayedServer, client: Clients) -> None:
    one = client()

    assert [len(ask(one)["data"]) for _ in range(3)] == [1, 1, 1]
    one.close()
    assert len(ask(one)["data"]) == 1


@pytest.mark.parametrize(
    "body", [GOOD, json.dumps(GOOD, indent=1).encode(), b"\xef\xbb\xbf" + json.dumps(GOOD).encode()]
)
def test_an_answer_may_come_in_chunks(server: PlayedServer, client: Clients, body: Any) -> None:
    server.next(chunked(body))

    assert ask(client()) == GOOD


def test_an_answer_may_be_compressed(server: PlayedServer, client: Clients) -> None:
    server.next(answers(200, gzip.compress(json.dumps(GOOD).encode()), Content_Encoding="gzip"))

    assert ask(client()) == GOOD


def test_half_a_character_is_sent_as_a_sign_that_every_server_reads(server: PlayedServer, client: Clients) -> None:
    ask(client(), input=["a \ud83d b \0 é"])

    assert server.bodies()[0]["input"] == ["a ? b \0 é"]


class TestTryingAgain:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
    def test_what_may_pass_is_tried_again(
        self, server: PlayedServer, client: Clients, waits: Waits, status: int
    ) -> None:
        server.next(answers(status, "busy"), answers(status, {"error": {"message": "overloaded"}}))

        assert len(ask(client())["data"]) == 1
        assert waits == [0.25, 0.5]

    @pytest.mark.parametrize("fault", [hang_up, half_a_body])
    def test_a_connection_that_breaks_is_made_again(
        self, server: PlayedServer, client: Clients, waits: Waits, fault: Any
    ) -> None:
        server.next(fault)

        assert len(ask(client())["data"]) == 1
        assert waits == [0.25]

    def test_it_is_given_up_after_four_tries(self, server: PlayedServer, client: Clients, waits: Waits) -> None:
        server.next(*[answers(503, {"error": {"message": "Loading model", "code": 503}})] * 4)

        assert refused(client()).message == "The server local fails with status 503: Loading model."
        assert waits == [0.25, 0.5, 1.0]

    def test_it_is_given_up_when_its_time_is_over(self, server: PlayedServer, client: Clients, waits: Waits) -> None:
        server.next(*[answers(503, "")] * 4)
        times = count(0, 13)

        error = refused(client({"clock": Clock(lambda: next(times), waits.append, lambda: 0.5, lambda: 0)}))
        assert isinstance(error, PassingError)
        assert waits == []

    @pytest.mark.parametrize(
        ("header", "waited"),
        [
            ("2", 2.25),
            ("0.5", 0.75),
            ("Tue, 18 Nov 2025 12:00:20 GMT", 20.25),
            ("Tue, 18 Nov 2025 11:00:00 GMT", 0.25),
            ("Tue, 18 Nov 2025 12:00:03 -0000", 3.25),
            ("soon", 0.25),
            ("-5", 0.25),
            ("", 0.25),
            ("Tue, 99 Nov 99999", 0.25),
        ],
    )
    def test_a_server_is_left_alone_as_long_as_it_asks(
        self, server: PlayedServer, client: Clients, waits: Waits, header: str, waited: float
    ) -> None:
        server.next(answers(429, {"error": "slow down"}, Retry_After=header))

        assert len(ask(client())["data"]) == 1
        assert waits == [waited]

    def test_one_that_asks_for_too_long_is_given_up_and_said_so(
        self, server: PlayedServer, client: Clients, waits: Waits
    ) -> None:
        server.next(answers(429, {"error": "slow down"}, Retry_After="3600"))

        error = refused(client({"timeout_seconds": 10_000.0}))
        assert error.message == "The server local has too much to do: slow down."
        assert error.remedy == "Try again in 3600 seconds."
        assert waits == []

    @pytest.mark.parametrize(
        "body",
        [
            {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
            {"error": {"message": "Insufficient Balance"}},
        ],
    )
    def test_an_account_without_money_is_not_tried_again(
        self, server: PlayedServer, client: Clients, waits: Waits, body: Any
    ) -> None:
        server.next(answers(429, body))

        assert "wants to be paid first" in refused(client()).message
        assert waits == []

    def test_a_server_that_says_nothing_is_given_up(self, server: PlayedServer, client: Clients) -> None:
        server.next(silence)

        assert "said nothing for too long" in refused(client({"timeout_seconds": 0.1})).message
        assert len(server.requests) == 1

    @pytest.mark.parametrize("before", [b"", b"X-", b"Content-Length: 100000\r\n\r\n"])
    def test_a_server_that_drips_is_given_up(self, server: PlayedServer, client: Clients, before: bytes) -> None:
        server.next(drips(before))
        one = client({"timeout_seconds": 0.1})

        error = refused(one)
        assert "answers too slowly" in error.message
        assert "models.timeout_seconds" in error.remedy
        assert len(ask(one)["data"]) == 1

    def test_a_wait_that_is_interrupted_leaves_a_client_that_works(self, server: PlayedServer, client: Clients) -> None:
        person = get_ident()

        def interrupted(handler: Handler) -> None:
            signal.pthread_kill(person, signal.SIGINT)
            silence(handler)

        server.next(interrupted)
        one = client()

        with pytest.raises(KeyboardInterrupt):
            ask(one)
        assert len(ask(one)["data"]) == 1

    @pytest.mark.parametrize("seconds", [0.0, 1e308])
    def test_a_server_may_be_waited_for_as_long_as_it_takes(
        self, server: PlayedServer, client: Clients, seconds: float
    ) -> None:
        assert len(ask(client({"timeout_seconds": seconds}))["data"]) == 1

    @pytest.mark.parametrize("host", ["a..example.org", "a" * 70 + ".example.org", "xn--a"])
    def test_a_host_that_none_can_be_is_an_error(self, client: Clients, host: str) -> None:
        assert refused(client(url=f"https://{host}/v1"))

    def test_a_server_of_this_machine_that_is_not_there_is_named_at_once(self, client: Clients, waits: Waits) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
            error = refused(client(url=url))

        assert error.message == f"The server local is not running at {url}."
        assert waits == []

    def test_a_server_that_can_not_be_reached_is_tried_again(self, client: Clients, waits: Waits) -> None:
        with socket.socket() as unused:
            unused.bind(("0.0.0.0", 0))
            url = f"http://0.0.0.0:{unused.getsockname()[1]}/v1"
            error = refused(client(url=url))

        assert error.message == f"The server local can't be reached at {url}."
        assert len(waits) == 3

    def test_a_person_does_not_wait_for_long(self, server: PlayedServer, client: Clients, waits: Waits) -> None:
        server.next(*[answers(503, "")] * 2, answers(429, "", Retry_After="3"))
        embedder = ServerEmbedder(client(dimensions=DIMENSIONS), "tiny")

        for _ in range(2):
            with pytest.raises(PassingError):
                embedder.embed_query("who?")
        assert waits == [0.25]
        assert len(server.requests) == 3


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (404, {"error": {"message": "The model `tiny` does not exist"}}, "The model `tiny` does not exist."),
            (404, {"detail": "Not Found"}, "Not Found."),
            (404, "<html>nginx</html>", "has no such model, or plays no such role."),
            (418, "I'm a teapot", "answers with status 418: I'm a teapot."),
            (402, "", "wants to be paid first."),
            (403, {"message": "not in your country"}, "wants a key: not in your country."),
        ],
    )
    def test_what_does_not_pass_is_said_with_the_servers_words(
        self, server: PlayedServer, client: Clients, waits: Waits, status: int, body: Any, said: str
    ) -> None:
        server.next(answers(status, body))

        assert refused(client()).message.endswith(said)
        assert waits == []

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (413, {"error": "Payload Too Large"}),
            (422, {"error": "batch size 64 > maximum allowed batch size 32", "error_type": "Validation"}),
            (413, {"error": "Input validation error: `inputs` must have less than 512 tokens. Given: 600"}),
            (400, {"error": {"message": "This model's maximum context length is 512 tokens."}}),
            (400, {"error": {"message": "the request exceeds the available context size, try increasing it"}}),
            (500, {"error": {"message": "input is too large to process. increase the physical batch size"}}),
            (400, {"detail": [{"loc": ["body"], "msg": "List should have at most; too many inputs"}]}),
        ],
    )
    def test_what_is_too_long_is_told_from_the_rest(
        self, server: PlayedServer, client: Clients, waits: Waits, status: int, body: Any
    ) -> None:
        server.next(answers(status, body))

        assert isinstance(refused(client()), TooLongError)
        assert waits == []

    def test_a_request_that_is_refused_says_of_what(self, server: PlayedServer, client: Clients) -> None:
        server.next(answers(400, {"error": {"message": "Unsupported parameter: 'x'", "code": "unsupported"}}))

        error = refused(client())
        assert isinstance(error, RefusedError)
        assert error.words == "Unsupported parameter: 'x' (unsupported)"

    def test_a_servers_words_are_one_short_line_that_does_nothing_to_a_terminal(
        self, server: PlayedServer, client: Clients
    ) -> None:
        server.next(answers(400, {"error": {"message": "a\x1b[2Jb\n\u202ec " + "d" * 10_000}}))

        message = refused(client()).message
        assert message.isprintable()
        assert len(message) < 300

    @pytest.mark.parametrize("depth", [3, 100_000])
    def test_words_that_are_nested_beyond_sense_are_none(
        self, server: PlayedServer, client: Clients, depth: int
    ) -> None:
        server.next(answers(418, "[" * depth + "]" * depth))

        assert "status 418" in refused(client()).message

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_no_redirect_is_followed(self, server: PlayedServer, client: Clients, status: int) -> None:
        with played() as other:
            server.next(answers(status, "", Location=f"{other.url}/embeddings?key=secret"))

            error = refused(client({"environ": {"K": KEY}}, key="env:K"))
            assert "points to 127.0.0.1 instead of answering" in error.message
            assert "secret" not in error.message + error.remedy
            assert other.requests == []


class TestAnswers:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("<!DOCTYPE html><html></html>", "a web page and not with JSON"),
            ("", "what is not JSON"),
            ('{"data": [', "what is not JSON"),
            ('{"data": NaN}', "what is not JSON"),
            ('{"data": ' + "9" * 5_000 + "}", "what is not JSON"),
            (b"\xff\xfe\x00", "what is not JSON"),
            ("[" * 100_000, "what is not JSON"),
            ("[1]", "JSON that is no object"),
            ('"text"', "JSON that is no object"),
            ({"error": {"message": "the upstream failed"}}, "an error: the upstream failed"),
            ({"error": "no"}, "an error: no"),
        ],
    )
    def test_what_is_no_answer_is_refused(
        self, server: PlayedServer, client: Clients, waits: Waits, body: Any, said: str
    ) -> None:
        server.next(answers(200, body))

        assert said in refused(client()).message
        assert waits == []

    def test_a_body_without_end_is_left(
        self, server: PlayedServer, client: Clients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reading, "LONGEST", 3_000_000)
        server.next(endless)

        assert "more than 3 MB" in refused(client()).message

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
    def test_a_compression_that_was_not_offered_is_refused(
        self, server: PlayedServer, client: Clients, encoding: str
    ) -> None:
        server.next(answers(200, GOOD, Content_Encoding=encoding))

        assert "compression" in refused(client()).message

    def test_what_says_that_it_is_compressed_and_is_not_is_refused(self, server: PlayedServer, client: Clients) -> None:
        server.next(answers(200, GOOD, Content_Encoding="gzip"))

        assert "can't be read" in refused(client()).message


class TestKeys:
    def test_a_key_goes_to_its_server_and_is_found_once(self, server: PlayedServer, client: Clients) -> None:
        environ = {"MY_KEY": f" {KEY}\n"}
        one = client({"environ": environ}, key="env:MY_KEY")

        ask(one)
        environ.clear()
        ask(one)

        assert [request.headers["Authorization"] for request in server.requests] == [f"Bearer {KEY}"] * 2

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_refused_key_is_named_by_its_reference(self, server: PlayedServer, client: Clients, status: int) -> None:
        server.next(answers(status, {"error": {"message": f"Incorrect API key provided: {KEY[:7]}***{KEY[-4:]}"}}))

        error = refused(client({"environ": {"MY_KEY": KEY}}, key="env:MY_KEY"))
        assert error.message.startswith("The server local refuses the key of env:MY_KEY")
        assert error.remedy == "Put a valid key there."

    def test_where_one_is_wanted_it_is_said_how_to_name_it(self, server: PlayedServer, client: Clients) -> None:
        server.next(answers(401, "no"))

        error = refused(client())
        assert error.message == "The server local wants a key."
        assert error.remedy == "Say where its key is: `smos config set servers.local.key env:NAME`."

    def test_a_variable_that_is_not_set_is_named(self, server: PlayedServer, client: Clients) -> None:
        error = refused(client({"environ": {"MY_KEY": " "}}, key="env:MY_KEY"))

        assert "The environment has no MY_KEY" in error.message
        assert server.requests == []

    @pytest.mark.parametrize("value", ["two words", "a\r\nX: y", "é", "a\tb"])
    def test_what_no_header_can_hold_is_not_sent_and_not_told(
        self, server: PlayedServer, client: Clients, value: str
    ) -> None:
        error = refused(client({"environ": {"MY_KEY": value}}, key="env:MY_KEY"))

        assert "What env:MY_KEY holds is not a key" in error.message
        assert value not in error.message + error.remedy
        assert server.requests == []

    @pytest.mark.parametrize("url", ["http://example.org/v1", "HTTP://10.0.0.1:80/v1", "http://localhost.example.org"])
    def test_a_key_is_not_sent_over_a_network_in_clear(self, client: Clients, url: str) -> None:
        assert "without encryption" in refused(client({"environ": {"K": KEY}}, key="env:K", url=url)).message

    @pytest.mark.parametrize(
        "fault",
        [
            answers(400, {"error": {"message": f"bad: Bearer {KEY}"}}),
            answers(403, f"key {KEY}"),
            answers(418, ("x" * 190 + KEY) * 5),
            answers(503, {"error": f"{KEY}"}),
            answers(200, f"<html>{KEY}"),
            answers(200, {"error": {"message": f"key {KEY}"}}),
            answers(302, "", Location=f"https://{KEY}.example.org/{KEY}"),
            half_a_body,
        ],
    )
    def test_no_error_nor_anything_it_holds_has_the_key(
        self, server: PlayedServer, client: Clients, caplog: pytest.LogCaptureFixture, fault: Any
    ) -> None:
        caplog.set_level("INFO")
        server.next(*[fault] * 4)
        one = client({"environ": {"K": KEY}}, key="env:K")

        error: BaseException | None = refused(one)
        told = [caplog.text, repr(one), repr(vars(one)), str(one.server)]
        while error:
            told += [str(error), repr(error), repr(vars(error)), getattr(error, "remedy", "")]
            error = error.__cause__ or error.__context__
        assert not [text for text in told if KEY[:12] in text or KEY[12:] in text]


class TestWhatIsSent:
    def test_secrets_are_taken_out_of_every_text(self, server: PlayedServer, client: Clients) -> None:
        one = client({"redact": lambda text: redact(text).text})
        secret = "ghp_" + "x7Kq2mZ9wL4tR8vB1nY6cD3fH5jP0sGaE2uT"

        ask(one, input=[f"the token is {secret}", "none"])
        one.post("rerank", {"query": f"{secret}?", "documents": [secret]})
        one.post("chat/completions", {"messages": [{"role": "user", "content": f"it is {secret}"}]})

        assert not [request for request in server.requests if secret.encode() in request.raw]
        assert server.bodies()[0]["input"] == ["the token is [redacted: github-token]", "none"]

    def test_offline_no_server_is_asked_that_is_not_on_this_machine(self, client: Clients, waits: Waits) -> None:
        error = refused(client({"offline": True}, url="https://example.org/v1"))

        assert "smos is offline" in error.message
        assert waits == []

    def test_offline_a_server_on_this_machine_is_asked(self, client: Clients) -> None:
        assert len(ask(client({"offline": True}))["data"]) == 1

    @pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
    def test_a_server_on_this_machine_is_asked_past_every_proxy(
        self, client: Clients, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv(name, "http://127.0.0.1:1")

        assert len(ask(client())["data"]) == 1

    def test_another_is_asked_through_the_proxy_of_the_environment(
        self, server: PlayedServer, client: Clients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("http_proxy", server.url.removesuffix("/v1"))
        server.next(answers(200, GOOD))

        assert ask(client(url="http://gpu.example.org/v1")) == GOOD
        assert server.requests[0].path == "http://gpu.example.org/v1/embeddings"

    @pytest.mark.parametrize(("name", "value"), [("HTTPS_PROXY", "socks9://x"), ("SSL_CERT_FILE", "/nowhere")])
    def test_an_environment_that_can_not_be_used_is_named(
        self, client: Clients, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)

        assert "proxy and certificates" in refused(client(url="https://example.org/v1")).message


class TestBudget:
    def test_calls_are_counted_with_the_tries(self, server: PlayedServer, client: Clients) -> None:
        budget = Budget(3, 1_000)
        server.next(answers(500, ""))
        one, other = client({"budget": budget}), client({"budget": budget})

        ask(one)
        ask(other)
        error = refused(other)

        assert error.message == "This run has used up its 3 calls of model servers."
        assert "models.calls" in error.remedy
        assert len(server.requests) == 3

    def test_tokens_are_those_that_the_server_counts(self, server: PlayedServer, client: Clients) -> None:
        budget = Budget(10, 1_000)
        server.next(answers(200, {"data": [], "usage": {"total_tokens": 990}}))
        one = client({"budget": budget})

        ask(one)

        assert budget.tokens == 990
        assert refused(one).message == "This run has used up its 1000 tokens of model servers."
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        "usage",
        [None, [], "x", {}, {"total_tokens": 0}, {"total_tokens": "5"}, {"total_tokens": -5}, {"total_tokens": True}],
    )
    def test_where_it_counts_none_they_are_estimated(self, server: PlayedServer, client: Clients, usage: Any) -> None:
        budget = Budget(10, 1_000)
        server.next(answers(200, {"data": [], "usage": usage}))

        ask(client({"budget": budget}))

        assert 10 < budget.tokens < 60

    def test_parts_of_a_count_add_up(self) -> None:
        assert reading.tokens_used({"usage": {"prompt_tokens": 5, "completion_tokens": 7}}) == 12

    def test_an_estimate_is_rather_too_high(self) -> None:
        assert estimated_tokens("The cache TTL is ten seconds now") >= 8
        assert estimated_tokens("3f9a-77c1-00") >= 10
        assert estimated_tokens("缓存的存活时间是十秒") >= 10
        assert estimated_tokens("") == 1


def test_threads_share_a_client(server: PlayedServer, client: Clients) -> None:
    from concurrent.futures import ThreadPoolExecutor

    one = client()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: len(ask(one)["data"]), range(32))) == [1] * 32


@pytest.mark.parametrize("words", [["remember", "The cache TTL is 10 seconds."], ["recall", "cache TTL"], ["list"]])
def test_an_ordinary_command_loads_no_server_no_httpx_and_no_keyring(tmp_path: Path, words: list[str]) -> None:
    smos = Home(tmp_path)
    smos("remember", "The API runs on Postgres.")
    command = [sys.executable, "-X", "importtime", "-m", "smos_cli", *words]
    done = subprocess.run(command, capture_output=True, text=True, env=smos.env, check=True)

    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "smos_cli.wiring" in loaded
    assert not loaded & {"httpx", "httpcore", "keyring", "smos_cli.adapters.server", "smos_cli.core.prompting"}


def test_making_a_client_loads_no_library() -> None:
    code = """
import sys
from smos_cli.adapters.server.embedder import ServerEmbedder
from smos_cli.adapters.server.reranker import ServerReranker
from smos_cli.adapters.server.judge import ServerJudge
from smos_cli.adapters.server.extractor import ServerExtractor
from smos_cli.adapters.server.client import Access, Client
from smos_cli.adapters.server.budget import Budget
from smos_cli.config.servers import Server
client = Client(Server("local", "http://127.0.0.1:1/v1", "env:K"), Access(Budget(1, 1), str))
made = [role(client, "m") for role in (ServerEmbedder, ServerReranker, ServerJudge, ServerExtractor)]
print([name for name in ("httpx", "keyring", "numpy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_the_access_has_defaults_that_wait(server: PlayedServer) -> None:
    client = Client(Server("local", server.url), Access(Budget(1, 1_000), str))

    assert len(ask(client)["data"]) == 1
    client.close()
