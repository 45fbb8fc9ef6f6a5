"""How a file that both sides changed is merged, by what it is; and what becomes of the version that loses a clash."""

from __future__ import annotations

import re
from typing import NamedTuple

from smos_cli.core import episode, ulid
from smos_cli.core.forgotten import masked_of
from smos_cli.core.layout import role_of
from smos_cli.core.markdown import Document
from smos_cli.core.merging.cuts import lines, paragraphs
from smos_cli.core.merging.documents import Versions, Written, merge_document, merge_lines, read, settled
from smos_cli.core.merging.graves import Graves
from smos_cli.core.merging.matching import identity_of
from smos_cli.core.merging.own import longer_chain, merge_salts
from smos_cli.core.merging.turns import merge_episode

_NUMBER = re.compile(rb"\^(t[0-9]+)")
_PLAIN = (".gitignore", ".gitattributes", ".smosignore")


class Outcome(NamedTuple):
    """One merged file. ``lost`` is the version that lost a clash, which stays as ``becomes`` says."""

    data: bytes
    lost: bytes | None = None
    becomes: str = ""
    """``memory``, ``sibling``, ``fork`` of an audit chain, or ``trash``"""
    why: str = ""
    renumbered: tuple[tuple[str, str], ...] = ()
    """turns that got a new number: old and new"""


def kind_of(path: str, data: bytes, prefix: str) -> str:
    """Return ``memory``, ``episode``, ``note`` (also for a card), ``plain``, ``chain``, ``salts`` or ``binary``."""
    inner = path.removeprefix(prefix)
    if inner.startswith("audit/"):
        return {"jsonl": "chain", "salts": "salts"}.get(inner.rpartition(".")[2], "binary")
    if path.rpartition("/")[2] in _PLAIN:
        return "plain"
    if not path.lower().endswith(".md"):
        return "binary"
    role = role_of(path, prefix)
    if role != "note":
        return "note" if role == "own" else role
    return _kind_of_note(read(Versions(None, data, data))[1])


def merged_file(path: str, versions: Versions, prefix: str, graves: Graves) -> Outcome:
    """Merge a file that is on both sides."""
    kind = kind_of(path, versions.late, prefix)
    if kind == "salts":
        return Outcome(merge_salts(versions, graves.erased))
    if kind == "chain" and (chain := longer_chain(versions)) is not None:
        return Outcome(chain)
    if done := settled(versions):
        return Outcome(done.data)
    if kind == "chain":
        return Outcome(versions.early, versions.late, "fork", "bytes")
    if kind == "episode":
        return _episode(path, versions, graves)
    return _outcome(versions, _written(kind, versions), "memory" if kind == "memory" else "sibling")


def _kind_of_note(document: Document | None) -> str:
    """Return what a note is: one with an id of ours is a memory, one with turns an episode."""
    if document is None:
        return "note"
    if episode.is_transcript(document.fields, document.body):
        return "episode"
    identity = document.fields.get("id")
    return "memory" if isinstance(identity, str) and ulid.is_valid(identity) else "note"


def _written(kind: str, versions: Versions) -> Written | None:
    if kind == "binary":
        return None
    if kind == "plain":
        return merge_lines(versions)
    document = merge_document(versions, paragraphs if kind == "memory" else lines)
    if document is not None or kind == "memory":
        return document
    _, early, late = read(versions)
    return merge_lines(versions) if early is None and late is None else None


def _outcome(versions: Versions, written: Written | None, becomes: str) -> Outcome:
    """Return what both sides made of it; where that can't be had, one side's, the late one's if both can be read."""
    if written is not None:
        return Outcome(written.data, versions.early if written.clashes else None, becomes, ", ".join(written.clashes))
    _, early, late = read(versions)
    if early is not None and late is None:
        return Outcome(versions.early, versions.late, "sibling", "bytes")
    return Outcome(versions.late, versions.early, becomes if early is not None else "sibling", "bytes")


def _episode(path: str, versions: Versions, graves: Graves) -> Outcome:
    erased = masked_of(identity_of(path, versions.late), path, graves.erased_turns)
    merged = merge_episode(versions, erased)
    if merged is None:
        return _outcome(versions, None, "sibling")
    outcome = _outcome(versions, merged.written, "trash")._replace(renumbered=merged.renumbered)
    holds_erased = any(erased(number.decode()) for number in _NUMBER.findall(outcome.lost or b""))
    return outcome._replace(lost=None, becomes="") if holds_erased else outcome
