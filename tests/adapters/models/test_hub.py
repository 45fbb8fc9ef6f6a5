"""Pulling one file over HTTP: resumed, checked, and refused with a reason, against a real server."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from smos_cli.adapters.models.hub import Hub, Manner, shown
from smos_cli.adapters.models.staging import Staging
from smos_cli.core.catalogue import Part
from smos_cli.errors import ModelError, OfflineError, SmosError, StorageError, UsageError
from tests.adapters.disks import small_files
from tests.adapters.models import hosting
from tests.adapters.models.hosting import Host

DATA = os.urandom(300_000)
SHA = sha256(DATA).hexdigest()
ADDRESS = "a/b/resolve/1/model.onnx"
PINNED = Part("model.onnx", len(DATA), SHA, ADDRESS)
UNPINNED = Part("model.onnx", 0, "", ADDRESS)
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


class Pulling:
    """Pulls the file, without waiting where a host would be waited for."""

    def __init__(self, host: Host, stage: Staging) -> None:
        self.host, self.stage = host, stage
        self.slept: list[float] = []
        self.told: list[int] = []
        host.files[f"/{ADDRESS}"] = DATA

    def __call__(self, part: Part = PINNED, *, base: str = "", timeout: float = 20.0, accept: bool = False) -> Part:
        manner = Manner(timeout, accept, self.slept.append, lambda: 1.0, lambda: NOON)
        return Hub(base or self.host.url, manner).bring(part, self.stage, self.told.append)

    def refused(self, kind: type[SmosError] = ModelError, part: Part = PINNED) -> str:
        with pytest.raises(kind) as caught:
            self(part)
        assert self.stage.whole(PINNED) is None
        return caught.value.message

    @property
    def result(self) -> bytes:
        found = self.stage.whole(PINNED)
        return b"" if found is None else (self.stage._ready / "model.onnx").read_bytes()


@pytest.fixture
def pulling(host: Host, stage: Staging, monkeypatch: pytest.MonkeyPatch) -> Pulling:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return Pulling(host, stage)


class TestComing:
    def test_a_file_comes_whole_and_its_bytes_are_told(self, pulling: Pulling) -> None:
        assert pulling() == PINNED
        assert pulling.result == DATA
        assert pulling.told[-1] == len(DATA)
        assert pulling.told == sorted(pulling.told)

    def test_a_cut_connection_is_gone_on_from_where_it_was_cut(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.cut_after(131_072), hosting.cut_after(65_536)]

        pulling()

        assert pulling.result == DATA
        assert pulling.host.ranges() == ["", "bytes=131072-", "bytes=196608-"]
        assert pulling.host.asked[1].headers["if-range"].startswith('"')

    def test_what_a_killed_process_left_is_gone_on_from(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.cut_after(131_072)
        pulling.host.script = [hosting.cut_after(131_072), *[hosting.status(503)] * 5]
        pulling.refused()
        pulling.host.usual = hosting.ranged

        pulling()

        assert pulling.result == DATA
        assert pulling.host.ranges()[-1] == "bytes=131072-"

    def test_a_host_that_ignores_ranges_starts_again(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.cut_after(131_072), hosting.whole]
        pulling()
        assert pulling.result == DATA

    def test_a_file_that_changed_meanwhile_starts_again(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.cut_after(131_072)]
        pulling.host.etag = '"first"'
        changed = bytes(reversed(DATA))

        def other(handler: hosting.Handler, _data: bytes) -> None:
            pulling.host.etag = '"second"'
            pulling.host.files[f"/{ADDRESS}"] = changed
            hosting.ranged(handler, changed)

        pulling.host.script.append(other)
        assert pulling(UNPINNED).sha256 == sha256(changed).hexdigest()

    def test_a_host_that_goes_on_with_another_file_is_noticed(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.cut_after(131_072)]
        pulling.host.etag = '"first"'

        def deaf(handler: hosting.Handler, data: bytes) -> None:
            rest = data[131_072:]
            handler.head(206, len(rest), ETag='"second"', Content_Range=f"bytes 131072-{len(data) - 1}/{len(data)}")
            handler.wfile.write(rest)

        pulling.host.script.append(deaf)
        pulling()
        assert pulling.result == DATA
        assert pulling.host.ranges() == ["", "bytes=131072-", ""]

    def test_spoilt_bytes_from_before_are_replaced(self, pulling: Pulling) -> None:
        partial = pulling.stage.partial(PINNED)
        partial.write_bytes(b"\0" * 131_072)

        pulling()

        assert pulling.result == DATA
        assert pulling.host.ranges() == ["bytes=131072-", ""]

    def test_more_bytes_from_before_than_the_file_has_are_dropped(self, pulling: Pulling) -> None:
        pulling.stage.partial(PINNED).write_bytes(DATA + b"more")
        pulling()
        assert pulling.host.ranges() == [""]

    def test_all_bytes_from_before_are_checked_without_asking(self, pulling: Pulling) -> None:
        pulling.stage.partial(PINNED).write_bytes(DATA)
        pulling()
        assert (pulling.result, pulling.host.asked) == (DATA, [])

    def test_a_part_that_ends_beyond_the_file_starts_again(self, pulling: Pulling) -> None:
        part = PINNED._replace(size=0)
        pulling.stage.partial(part).write_bytes(DATA + b"more")
        pulling(part)
        assert pulling.result == DATA

    def test_an_empty_file_is_one(self, pulling: Pulling) -> None:
        pulling.host.files[f"/{ADDRESS}"] = b""
        assert pulling(UNPINNED._replace(sha256=sha256(b"").hexdigest())).size == 0


class TestWaiting:
    def test_a_busy_host_is_asked_again_after_the_seconds_it_names(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.status(429, Retry_After="7")]
        pulling()
        assert pulling.slept == [7.0]

    def test_a_busy_host_is_asked_again_at_the_time_it_names(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.status(429, Retry_After="Wed, 18 Nov 2026 12:00:42 GMT")]
        pulling()
        assert pulling.slept == [42.0]

    def test_a_host_that_wants_to_be_left_alone_for_long_is(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.status(429, Retry_After="3600")
        assert pulling.refused() == f"{pulling.host.url[7:]} can't answer now: it says 429."
        assert len(pulling.host.asked) == 1

    def test_a_host_that_is_ill_is_asked_five_times_ever_later(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.status(503)
        pulling.refused()
        assert (len(pulling.host.asked), pulling.slept) == (5, [1.0, 2.0, 4.0, 8.0])

    def test_who_gets_something_in_between_goes_on(self, pulling: Pulling) -> None:
        pulling.host.script = [
            step for _ in range(4) for step in (hosting.cut_after(65_536), *[hosting.status(500)] * 3)
        ]
        pulling()
        assert pulling.result == DATA

    def test_a_host_that_says_nothing_is_given_up(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.stall_after(65_536)
        with pytest.raises(OfflineError, match="says nothing"):
            pulling(timeout=0.2)
        assert pulling.stage.begun(PINNED) == 65_536

    def test_a_host_that_is_not_there_is_unreachable(self, pulling: Pulling) -> None:
        with pytest.raises(OfflineError, match=r"127.0.0.1:1 can't be reached"):
            pulling(base="http://127.0.0.1:1")


class TestRefusing:
    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (hosting.html, "answers with a web page instead of model.onnx."),
            (hosting.status(401), "refuses the file: it says 401."),
            (hosting.status(403), "refuses the file: it says 403."),
            (hosting.status(404), "does not have the file: it says 404."),
            (hosting.status(418), "gives an answer that is no file: 418."),
            (hosting.status(302), "gives an answer that is no file: 302."),
            (hosting.endless, "sends more than model.onnx has."),
        ],
    )
    def test_what_is_no_file_is_refused_at_once(self, pulling: Pulling, answer: hosting.Answer, said: str) -> None:
        pulling.host.usual = answer
        assert pulling.refused() == f"{pulling.host.url[7:]} {said}"
        assert len(pulling.host.asked) == 1

    def test_a_file_of_another_size_is_refused_before_it_comes(self, pulling: Pulling) -> None:
        pulling.host.files[f"/{ADDRESS}"] = DATA[:-1]
        assert "with 299,999 bytes; it must have 300,000." in pulling.refused()
        assert pulling.told == []

    def test_a_file_of_another_hash_is_refused_and_not_kept(self, pulling: Pulling) -> None:
        pulling.host.files[f"/{ADDRESS}"] = DATA[:-1] + b"x"
        assert "is not what it must be" in pulling.refused()
        assert pulling.stage.begun(PINNED) == 0

    def test_a_body_that_always_ends_early_is_given_up(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.cut_after(0)
        assert "cut the connection" in pulling.refused()

    def test_a_file_that_comes_packed_is_refused(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.status(200, Content_Encoding="gzip")
        assert "encoded" in pulling.refused()

    def test_circles_end(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.led_to(f"{pulling.host.url}/{ADDRESS}")
        assert "leads in circles" in pulling.refused()

    @pytest.mark.parametrize(
        "base", ["ftp://h", "models.example.org", "http://", "http://h:99999", "http://h?x", "http://h h"]
    )
    def test_a_mirror_that_is_no_url_is_refused(self, base: str) -> None:
        with pytest.raises(UsageError, match="can't be a mirror"):
            Hub(base, Manner())

    @pytest.mark.parametrize("name", ["a" * 64, "a..b", "\u2603.example"])
    def test_a_host_whose_name_can_be_nobody_s_is_refused(self, pulling: Pulling, name: str) -> None:
        with pytest.raises(ModelError, match="leads to an address that is none"):
            pulling(base=f"http://{name}")

    def test_a_proxy_that_is_none_is_named(self, pulling: Pulling, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", "gopher://nowhere")
        with pytest.raises(UsageError, match="proxy"):
            pulling()


class TestVouching:
    """A file that no hash is known for: its host's word, or the user's."""

    def test_the_hub_vouches_for_a_large_file(self, pulling: Pulling) -> None:
        assert pulling(UNPINNED) == UNPINNED._replace(size=len(DATA), sha256=SHA)

    def test_the_hub_vouches_for_a_small_file_as_git_does(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.small
        assert pulling(UNPINNED).sha256 == SHA

    def test_what_is_not_what_the_host_vouched_for_is_refused(self, pulling: Pulling) -> None:
        def lying(handler: hosting.Handler, data: bytes) -> None:
            handler.head(200, len(data), X_Linked_Etag=f'"{"0" * 64}"')
            handler.wfile.write(data)

        pulling.host.usual = lying
        assert "is not what it must be" in pulling.refused(part=UNPINNED)

    def test_a_mirror_that_vouches_for_nothing_is_refused_before_the_file_comes(self, pulling: Pulling) -> None:
        pulling.host.states = False
        assert pulling.refused(part=UNPINNED).startswith("Nobody vouches for model.onnx")
        assert pulling.told == []

    def test_unless_the_user_does(self, pulling: Pulling) -> None:
        pulling.host.states = False
        assert pulling(UNPINNED, accept=True).sha256 == SHA

    def test_a_digest_of_the_place_that_it_leads_to_counts_for_nothing(self, pulling: Pulling) -> None:
        with hosting.hosting() as other:
            other.files["/blob"] = DATA
            pulling.host.usual = hosting.status(302, Location=f"{other.url}/blob")
            assert pulling.refused(part=UNPINNED).startswith("Nobody vouches")

    def test_half_a_file_is_gone_on_from_under_the_same_word(self, pulling: Pulling) -> None:
        pulling.host.script = [hosting.cut_after(131_072)]
        assert pulling(UNPINNED).sha256 == SHA
        assert pulling.host.ranges() == ["", "bytes=131072-"]


class TestRedirects:
    def test_the_bytes_come_from_where_the_hub_leads(self, pulling: Pulling) -> None:
        with hosting.hosting() as other:
            other.states = False
            other.files["/blob"] = DATA
            other.script = [hosting.cut_after(131_072)]
            pulling.host.usual = hosting.led_to(f"{other.url}/blob")

            assert pulling(UNPINNED).sha256 == SHA
            assert other.ranges() == ["", "bytes=131072-"]

    def test_credentials_go_to_the_mirror_and_nobody_else(self, pulling: Pulling) -> None:
        with hosting.hosting() as other:
            other.files["/blob"] = DATA
            pulling.host.usual = hosting.led_to(f"{other.url}/blob")

            pulling(base=pulling.host.url.replace("http://", "http://marta:secret@"))

            assert pulling.host.asked[0].headers["authorization"].startswith("Basic ")
            assert "authorization" not in other.asked[0].headers

    def test_credentials_are_never_shown(self, pulling: Pulling) -> None:
        pulling.host.usual = hosting.status(404)
        with pytest.raises(ModelError) as caught:
            pulling(base=pulling.host.url.replace("http://", "http://marta:secret@"))
        assert "secret" not in caught.value.message + caught.value.remedy
        assert shown("https://marta:secret@models.example.org/x") == "https://models.example.org/x"

    def test_a_proxy_of_the_environment_is_asked(self, pulling: Pulling, monkeypatch: pytest.MonkeyPatch) -> None:
        pulling.host.files[f"http://models.example.org/{ADDRESS}"] = DATA
        monkeypatch.setenv("http_proxy", pulling.host.url)
        pulling(base="http://models.example.org")
        assert pulling.result == DATA


class TestSpace:
    def test_no_room_is_found_out_before_anything_comes(
        self, pulling: Pulling, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _free(monkeypatch, 1_000_000)
        message = _remedy(pulling, StorageError)
        assert message == "Free 348,576 more bytes there."
        assert pulling.told == []

    def test_a_disk_that_fills_up_keeps_what_came_and_says_what_is_missing(self, pulling: Pulling) -> None:
        with small_files():
            assert _remedy(pulling, StorageError) == "Free 300,000 more bytes there."
        pulling()
        assert pulling.result == DATA


def _remedy(pulling: Pulling, kind: type[SmosError]) -> str:
    with pytest.raises(kind) as caught:
        pulling()
    return caught.value.remedy


def _free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    import shutil

    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=free))
