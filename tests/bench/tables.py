"""Tables on stdout: Markdown, so that they can be carried into a document as they are."""

from __future__ import annotations

from collections.abc import Sequence


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int = 1) -> str:
    """Return a Markdown table whose first columns are texts and whose others are numbers."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    rule = ["-" * width if place < texts else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join("| " + " | ".join(_padded(row, widths, texts)) + " |" for row in (heads, rule, *rows))


def _padded(row: Sequence[str], widths: Sequence[int], texts: int) -> list[str]:
    cells = zip(row, widths, strict=True)
    return [cell.ljust(width) if place < texts else cell.rjust(width) for place, (cell, width) in enumerate(cells)]
