"""All that is printed: data to stdout, narration to stderr.

Owns how results look on a terminal (Rich, loaded only there), in a pipe (plain lines) and as JSON. Text from files
is shown, never interpreted: control characters become visible signs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from smos_cli.core import ulid
from smos_cli.errors import SmosError, StorageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_SIGNS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {0x7F: 0x2421}
_SIGNS_AND_NAMES: dict[int, int | str] = {
    **_SIGNS,
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},
    # These turn the direction of what follows, beyond the text they stand in.
    **{code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}
_NARROW = 40
"""Columns of a terminal below which there is no room for columns beside one another."""
_WHOLE = ("count", "name", "role")
"""Columns of a table whose cells stay on one line where there is room: they are compared, or copied into a command."""


def visible(text: str) -> str:
    """Return a text with control characters as visible signs; line ends and tabs stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_SIGNS_AND_NAMES)


def one_line(text: str) -> str:
    """Return a text on one line, control characters as visible signs."""
    return visible(" ".join(text.split()))


def json_line(value: Mapping[str, Any]) -> str:
    """Return one JSON object as a line for a terminal or a pipe."""
    import json

    # Python escapes the first control characters; those above 127 and line separators it does not.
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in text)


def sized(count: int) -> str:
    """Return bytes as people read them: 2.5 MB."""
    size, unit = float(count), "B"
    for larger in ("kB", "MB", "GB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"


def short(identity: str) -> str:
    """Return an id as a person may type it: the end of a ULID, with the turn if there is one; a path as it is."""
    head, mark, turn = identity.partition("#")
    return f"{ulid.suffix(head)}{mark}{turn}" if ulid.is_valid(head) else identity


class Output:
    """The two streams of a process. ``json`` is set when the user asked for JSON."""

    def __init__(self, stdout: TextIO, stderr: TextIO) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._stop: Callable[[], None] | None = None
        self.json = False
        for stream in (stdout, stderr):
            _make_safe(stream)

    @property
    def on_terminal(self) -> bool:
        """Whether a person reads stdout."""
        return self._stdout.isatty() and not self.json

    @property
    def width(self) -> int:
        """The columns of the terminal."""
        import shutil

        return max(1, shutil.get_terminal_size().columns)

    @property
    def can_ask(self) -> bool:
        """Whether a person can be asked something."""
        return sys.stdin.isatty() and self._stderr.isatty()

    def data(self, value: Mapping[str, Any]) -> None:
        """Print one JSON object on a line of its own."""
        self.line(json_line(value), raw=True)

    def line(self, text: str = "", *, raw: bool = False) -> None:
        """Print one line of data."""
        self.settle()
        try:
            self._stdout.write(f"{text if raw else visible(text)}\n")
        except OSError as error:
            raise _refused(error) from error

    def row(self, cells: Sequence[str]) -> None:
        """Print one line of data in fields separated by tabs, for a pipe."""
        self.line("\t".join(one_line(cell) for cell in cells))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print rows: a table on a terminal, tab-separated lines in a pipe."""
        if not self.on_terminal:
            for row in rows:
                self.row(row)
            return
        if not rows:
            return
        from rich.table import Table
        from rich.text import Text

        console = self.console()
        if console.width < _NARROW:
            for row in rows:
                console.print(Text("  ".join(visible(cell) for cell in row if cell), overflow="fold"))
            return
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=any(columns))
        for place, column in enumerate(columns):
            whole = column in _WHOLE and max(len(row[place]) for row in rows) <= console.width // 2
            table.add_column(column, overflow="fold", no_wrap=whole)
        for row in rows:
            table.add_row(*(Text(visible(cell)) for cell in row))
        console.print(table)

    def lines(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a line a row on a terminal: the last cell goes on to its edge, the others have at most half of it."""
        from rich.table import Table
        from rich.text import Text

        console = self.console()
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        rest = console.width - 2  # the padding of the last one
        for place, column in enumerate(columns):
            wanted = max(len(column), *(Text(one_line(row[place])).cell_len for row in rows))
            size = min(wanted, max(1, rest if column == columns[-1] else rest // 2))
            table.add_column(column, no_wrap=True, width=size)
            rest -= size + 2
        for row in rows:
            table.add_row(*map(_cut, row, (column.width or 0 for column in table.columns)))
        console.print(table, crop=True)

    def note(self, text: str) -> None:
        """Tell the user something beside the data."""
        self.settle()
        self._stderr.write(f"{visible(text)}\n")
        self._stderr.flush()

    def warn(self, texts: Iterable[str]) -> None:
        """Tell the user what went not quite as it should."""
        for text in texts:
            self.note(f"warning: {text}")

    def error(self, error: SmosError) -> None:
        """Print an error: a sentence and a remedy, or the same as JSON."""
        if self.json:
            import json

            body = {"code": error.code, "message": error.message, "remedy": error.remedy}
            self.settle()
            self._stderr.write(json.dumps({"error": body}) + "\n")
            self._stderr.flush()
            return
        self.note(f"smos: {error.message}")
        if error.remedy:
            self.note(f"      {error.remedy}")

    def ask(self, question: str) -> bool:
        """Ask for a yes or no; no when nobody can be asked."""
        return self.ask_text(f"{question} [y/N]").lower() in ("y", "yes")

    def ask_text(self, question: str) -> str:
        """Ask for a line of text; empty when nobody can be asked."""
        if not self.can_ask:
            return ""
        self.settle()
        self._stderr.write(f"{visible(question)} ")
        self._stderr.flush()
        return sys.stdin.readline().strip()

    def console(self) -> Console:
        """Return a Rich console on stdout."""
        from rich.console import Console

        self.settle()
        # Without a height Rich takes a terminal that it does not know for one of 80 columns.
        return Console(file=self._stdout, highlight=False, soft_wrap=False, width=self.width, height=25)

    def status_console(self) -> Console | None:
        """Return a Rich console on stderr for progress, or None when nobody looks."""
        if not self._stderr.isatty() or self.json:
            return None
        from rich.console import Console

        return Console(file=self._stderr)

    def moving(self, stop: Callable[[], None]) -> None:
        """Keep in mind how to take away what moves on the screen."""
        self._stop = stop

    def settle(self) -> None:
        """Take away what moves on the screen: something is to be printed, or the process ends."""
        if self._stop:
            stop, self._stop = self._stop, None
            stop()

    def flush(self) -> None:
        """Write out what is buffered; ``StorageError`` when the disk refuses."""
        self._stderr.flush()
        try:
            self._stdout.flush()
        except OSError as error:
            raise _refused(error) from error


def _cut(cell: str, size: int) -> Text:
    """Return a cell on one line of at most so many columns."""
    from rich.text import Text

    text = Text(one_line(cell))
    text.truncate(size, overflow="ellipsis")
    return text


def _refused(error: OSError) -> Exception:
    """Return what a failed write means; that nobody reads any more is the caller's to know."""
    if isinstance(error, BrokenPipeError):
        return error
    return StorageError(f"The output can't be written: {error.strerror}.", "Look at where it goes.")


def _escaped(character: str) -> str:
    return character if character in " \n" or ord(character) > 0xFFFF else f"\\u{ord(character):04x}"


def _make_safe(stream: TextIO) -> None:
    """Any text can be printed in any locale: pipes get UTF-8, terminals their own encoding with escapes."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is None:
        return
    if stream.isatty():
        reconfigure(errors="backslashreplace")
    else:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n" if os.name == "nt" else None)
