"""What is printed where: data and narration, on a terminal, in a pipe and as JSON; text is shown, never interpreted."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from smos_cli.cli.output import Output, one_line, short, sized, visible
from smos_cli.errors import NotFoundError, StorageError

ESCAPES = "\x1b[31mred\x1b[0m \x07 \x9b2J \x7f \u202egnp\u202c \u2067x\u2069"


class Pipe:
    """Output into two pipes of an encoding, and what was written to them."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._bytes = io.BytesIO(), io.BytesIO()
        streams = (io.TextIOWrapper(stream, encoding=encoding) for stream in self._bytes)
        self.output = Output(*streams)

    def out(self) -> str:
        self.output.flush()
        return self._bytes[0].getvalue().decode()

    def err(self) -> str:
        self.output.flush()
        return self._bytes[1].getvalue().decode()


class FullDisk(io.StringIO):
    """A stream whose disk takes no more."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Terminal:
    """Output on a terminal of an encoding, and what it was sent."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self._master, slave = os.openpty()
        self._stream = os.fdopen(slave, "w", encoding=encoding)
        self._encoding = encoding
        self.output = Output(self._stream, self._stream)

    def sent(self) -> str:
        self.output.flush()
        self._stream.write("\x04")
        self._stream.flush()
        data = b""
        while not data.endswith(b"\x04"):
            data += os.read(self._master, 65536)
        return data[:-1].decode(self._encoding).replace("\r\n", "\n")

    def close(self) -> None:
        self._stream.close()
        os.close(self._master)


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    made = Terminal()
    yield made
    made.close()


class TestVisible:
    def test_control_characters_become_signs(self) -> None:
        assert visible(ESCAPES) == "␛[31mred␛[0m ␇ \\x9b2J ␡ \\u202egnp\\u202c \\u2067x\\u2069"

    @pytest.mark.parametrize("text", ["", "plain", "[bold]x[/] \\[y]", "été キャッシュ 😀", "עברית العربية", "a\tb\nc"])
    def test_any_other_text_is_as_it_was(self, text: str) -> None:
        assert visible(text) == text

    @given(st.text())
    def test_no_text_can_move_the_cursor(self, text: str) -> None:
        controls = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0))} - {"\t", "\n"}

        assert controls.isdisjoint(visible(text))
        assert visible(visible(text)) == visible(text)

    @given(st.text())
    def test_one_line_is_one_line(self, text: str) -> None:
        line = one_line(text)

        assert line == line.strip()
        assert len(line.splitlines()) <= 1

    def test_its_spaces_are_single(self) -> None:
        assert one_line("  a \n\n b\tc\r\nd ") == "a b c d"


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("01KB8F3K2M7Q0ZT4V9X2C5N6PD", "x2c5n6pd"),
        ("01KB8F3K2M7Q0ZT4V9X2C5N6PD#t12", "x2c5n6pd#t12"),
        ("notes/tea.md#2", "notes/tea.md#2"),
        ("memories/tea.md", "memories/tea.md"),
    ],
)
def test_an_id_is_short_on_a_screen(identity: str, expected: str) -> None:
    assert short(identity) == expected


class TestJson:
    def test_an_object_is_one_line_of_its_own(self, pipe: Pipe) -> None:
        pipe.output.data({"text": "one\ntwo", "n": 1})
        pipe.output.data({})

        assert pipe.out() == '{"text": "one\\ntwo", "n": 1}\n{}\n'

    @pytest.mark.parametrize(
        "character", ["\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066", "\ufeff", "\ud800"]
    )
    def test_what_a_terminal_might_obey_is_escaped(self, pipe: Pipe, character: str) -> None:
        pipe.output.data({"text": f"a{character}b"})

        assert pipe.out() == f'{{"text": "a\\u{ord(character):04x}b"}}\n'

    @given(st.text(st.characters(codec=None)))
    def test_any_text_comes_back_as_it_was(self, text: str) -> None:
        pipe = Pipe()
        pipe.output.data({"text": text, text: 1})

        written = pipe.out()
        assert len(written.splitlines()) == 1
        assert json.loads(written)["text"] == (1 if text == "text" else text)

    def test_text_of_any_script_stays_readable(self, pipe: Pipe) -> None:
        pipe.output.data({"text": "été キャッシュ 😀 עברית"})

        assert pipe.out() == '{"text": "été キャッシュ 😀 עברית"}\n'

    def test_an_error_is_an_object_on_stderr(self, pipe: Pipe) -> None:
        pipe.output.json = True

        pipe.output.error(NotFoundError(f"Nothing has the id {ESCAPES}.", "Look again."))

        written = pipe.err()
        assert pipe.out() == ""
        assert written.isascii()
        assert json.loads(written)["error"] == {
            "code": "not_found",
            "message": f"Nothing has the id {ESCAPES}.",
            "remedy": "Look again.",
        }


class TestPipes:
    def test_data_and_narration_have_a_stream_each(self, pipe: Pipe) -> None:
        pipe.output.line("data")
        pipe.output.note("narration")
        pipe.output.warn(["a", "b"])

        assert (pipe.out(), pipe.err()) == ("data\n", "narration\nwarning: a\nwarning: b\n")

    def test_an_error_is_a_sentence_and_its_remedy(self, pipe: Pipe) -> None:
        pipe.output.error(NotFoundError("It is not there.", "Look again."))
        pipe.output.error(NotFoundError("Nor is this."))

        assert pipe.err() == "smos: It is not there.\n      Look again.\nsmos: Nor is this.\n"

    def test_a_table_is_lines_of_fields_between_tabs(self, pipe: Pipe) -> None:
        pipe.output.table(("id", "text"), [("1", "a\tb\nc"), ("2", "[bold]x[/bold]")])

        assert pipe.out() == "1\ta b c\n2\t[bold]x[/bold]\n"

    def test_nothing_is_interpreted(self, pipe: Pipe) -> None:
        pipe.output.line(ESCAPES)
        pipe.output.row([ESCAPES])
        pipe.output.note(ESCAPES)

        assert pipe.out() + pipe.err() == f"{visible(ESCAPES)}\n" * 3

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "utf-16"])
    def test_it_is_utf8_whatever_the_locale(self, encoding: str) -> None:
        pipe = Pipe(encoding)
        pipe.output.line("été キャッシュ 😀 \udce9")
        pipe.output.note("→")

        assert (pipe.out(), pipe.err()) == ("été キャッシュ 😀 \\udce9\n", "→\n")

    def test_nobody_is_asked(self, pipe: Pipe) -> None:
        assert not pipe.output.can_ask
        assert not pipe.output.ask("Really?")
        assert pipe.output.ask_text("Which?") == ""
        assert pipe.err() == ""

    def test_nobody_watches_a_bar(self, pipe: Pipe) -> None:
        assert pipe.output.status_console() is None
        assert not pipe.output.on_terminal

    def test_streams_that_are_only_text_will_do(self) -> None:
        out, err = io.StringIO(), io.StringIO()
        output = Output(out, err)
        output.line("data")
        output.note("narration")

        assert (out.getvalue(), err.getvalue()) == ("data\n", "narration\n")

    def test_a_disk_that_takes_no_more_is_an_error(self) -> None:
        output = Output(FullDisk(), io.StringIO())
        output.line("data")

        with pytest.raises(StorageError, match="No space left"):
            output.flush()


class TestTerminals:
    def test_a_table_has_its_columns_named_and_below_one_another(self, terminal: Terminal) -> None:
        terminal.output.table(("kind", "text"), [("fact", "One."), ("decision", "Two.")])

        lines = [line.rstrip() for line in _plain(terminal.sent()).splitlines()]
        assert lines == ["kind      text", "fact      One.", "decision  Two."]

    @pytest.mark.parametrize(("columns", "whole"), [(80, True), (50, True), (40, False)])
    def test_a_name_stays_on_one_line_where_there_is_room(
        self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int, whole: bool
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        terminal.output.table(("name", "about"), [("nli-deberta-v3-xsmall-x", "word " * 40)])

        assert ("nli-deberta-v3-xsmall-x" in _plain(terminal.sent())) is whole

    @pytest.mark.parametrize(
        "text", ["[bold]x[/bold]", "[/nothing]", "\\[x]", "[link=https://a.example]x[/link]", ":smile:"]
    )
    def test_brackets_are_shown(self, terminal: Terminal, text: str) -> None:
        terminal.output.table(("text",), [(text,)])
        terminal.output.line(text)

        assert _plain(terminal.sent()).count(text) == 2

    def test_escapes_are_shown(self, terminal: Terminal) -> None:
        terminal.output.table(("text",), [(ESCAPES,)])
        terminal.output.line(ESCAPES)
        terminal.output.note(ESCAPES)

        sent = terminal.sent()
        assert "\x1b[31m" not in sent
        assert "\x07" not in sent
        assert "\u202e" not in sent
        assert sent.count("␛[31mred") == 3

    @pytest.mark.parametrize("columns", [20, 40, 100, 200])
    def test_a_line_a_row_is_cut_where_the_terminal_ends(
        self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, columns: int
    ) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        rows = [("x2c5n6pd", "word " * 100), ("7tx2r9wq", "キャッシュ" * 100), ("k2m7q0zt", "[b]two\n\x1b[31mlines")]
        terminal.output.lines(("id", "text"), rows)

        lines = _plain(terminal.sent()).splitlines()
        assert [line.split(" ")[0] for line in lines] == ["id", "x2c5n6pd", "7tx2r9wq", "k2m7q0zt"]
        assert max(map(cell_len, lines)) <= columns
        assert "[b]two" in lines[3]

    def test_no_row_is_lost_on_a_narrow_one(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "20")
        terminal.output.table(("id", "text"), [("01KB8F3K2M7Q0ZT4V9X2C5N6PD", "abcdefghij" * 5)])

        sent = _plain(terminal.sent()).replace("\n", "")
        assert "01KB8F3K2M7Q0ZT4V9X2C5N6PD" in sent
        assert "abcdefghij" * 5 in sent

    def test_nothing_at_all_is_no_table(self, terminal: Terminal) -> None:
        terminal.output.table(("id", "text"), [])

        assert terminal.sent() == ""

    @pytest.mark.parametrize(
        ("encoding", "expected"), [("ascii", "\\xe9t\\xe9 \\u2192"), ("latin-1", "été \\u2192"), ("utf-8", "été →")]
    )
    def test_what_its_encoding_lacks_is_escaped(self, encoding: str, expected: str) -> None:
        terminal = Terminal(encoding)
        terminal.output.line("été →")

        assert terminal.sent() == f"{expected}\n"
        terminal.close()

    def test_json_is_json_there_too(self, terminal: Terminal) -> None:
        terminal.output.json = True

        assert not terminal.output.on_terminal
        assert terminal.output.status_console() is None

    def test_what_moves_is_taken_away_before_anything_is_printed(self, terminal: Terminal) -> None:
        stopped: list[Any] = []
        terminal.output.moving(lambda: stopped.append(terminal.sent()))

        terminal.output.line("data")
        terminal.output.line("more")

        assert stopped == [""]


def _plain(sent: str) -> str:
    """Return what is to be read of what Rich sends: without colours."""
    for code in ("\x1b[2m", "\x1b[0m", "\x1b[1m"):
        sent = sent.replace(code, "")
    return sent


@pytest.mark.parametrize(
    ("count", "text"), [(624, "624 B"), (26_230, "26.2 kB"), (2_400_000, "2.4 MB"), (500_000_000_000, "500 GB")]
)
def test_bytes_are_told_as_people_read_them(count: int, text: str) -> None:
    assert sized(count) == text
