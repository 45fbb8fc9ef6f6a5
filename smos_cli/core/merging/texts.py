"""Three-way merging of one file without a copy: for who would rather be told of a clash."""

from __future__ import annotations

from smos_cli.core.merging.cuts import lines, paragraphs
from smos_cli.core.merging.documents import Versions, merge_document, merge_lines, read
from smos_cli.core.merging.matching import identity_of


def merge_text(base: bytes, one: bytes, other: bytes) -> bytes | None:
    """Return a file with what both sides changed of the base, or None where they clash or it is no text."""
    versions = Versions(base, *sorted((one, other)))
    if all(document is not None for document in read(versions)):
        written = merge_document(versions, paragraphs if identity_of("a.md", one) else lines)
    else:
        written = merge_lines(versions)
    return written.data if written is not None and not written.clashes else None
