"""What the audit chain says of a merge: of each body that is left for another one, where the two lines differ.

Owns which changes are the merge's own: what only one line did, its own chain has said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smos_cli.core.audit import Entry
from smos_cli.core.changes import Touched
from smos_cli.core.holding import identity_of, may_have_line
from smos_cli.core.merging import Side
from smos_cli.core.ports import Ports
from smos_cli.core.reading import blob_of
from smos_cli.core.record import versioned
from smos_cli.core.ulid import is_valid

VERB = "sync"


class Told(NamedTuple):
    """The line of a merge, and how many files ``both`` lines had changed."""

    entry: Entry
    both: int


class _Body(NamedTuple):
    path: str = ""
    digest: str = ""


def tell(ports: Ports, base: Mapping[str, bytes], sides: Sequence[Side], merged: Mapping[str, bytes]) -> Told:
    """Return what is to be said of a merge of two sides."""
    trees = (base, *(side.files for side in sides), merged)
    before, one, other, after = (_bodies(files, ports.vault.base) for files in trees)
    touched: list[Touched] = []
    count = 0
    for whose in dict.fromkeys((*one, *other, *after)):
        was, now = before.get(whose, _Body()), after.get(whose, _Body())
        versions = (one.get(whose, _Body()), other.get(whose, _Body()))
        changed = {version.digest for version in versions} - {was.digest}
        count += len(changed) == 2
        path = next(body.path for body in (now, *versions) if body.path)
        identity = whose if is_valid(whose) else ""
        left = sorted((changed or {was.digest}) - {now.digest})
        touched += [Touched(identity, path, digest, now.digest) for digest in left]
    touched = versioned(ports, touched)
    ids = tuple(dict.fromkeys(one.identity for one in touched if one.identity))
    return Told(Entry(VERB, touched, ids), count)


def _bodies(files: Mapping[str, bytes], prefix: str) -> dict[str, _Body]:
    """Return the files that lines are about, by id, else by path."""
    found: dict[str, _Body] = {}
    for path in filter(may_have_line, sorted(files)):
        blob = blob_of(files[path], path)
        found.setdefault(identity_of(blob, prefix) or path, _Body(path, blob.etag))
    return found
