"""Three-way merging of frontmatter, key by key. Lists merge as sets that keep their order; a change beats a removal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from smos_cli.core.links import turn_target
from smos_cli.core.memory import LISTS

if TYPE_CHECKING:
    from smos_cli.core.markdown import Value

_LINKS = ("conflicts", "supersedes", "sources")
_Three = tuple["Value | None", "Value | None", "Value | None"]
"""A value of the base, the early and the late side; None where there is none."""


def merge_fields(
    base: Mapping[str, Value], early: Mapping[str, Value], late: Mapping[str, Value]
) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return the merged fields, and the keys that both sides changed differently, which have the late side's value."""
    merged: dict[str, Value] = {}
    clashes = []
    for key in dict.fromkeys([*late, *early]):
        values = base.get(key), early.get(key), late.get(key)
        value, clash = _merged(key, values)
        if clash and key == "confidence" and early.get("sources") != late.get("sources"):
            value, clash = _surer(values)
        if value is not None:
            merged[key] = value
        if clash:
            clashes.append(key)
    return merged, tuple(clashes)


def merge_lists(
    base: Sequence[Value], early: Sequence[Value], late: Sequence[Value], same: Callable[[Value], object] = repr
) -> list[Value]:
    """Return the late side's list without what the early one took out and with what it added.

    Items are one if they are the ``same``.
    """
    before, ours, theirs = ({same(item): item for item in reversed(items)} for items in (base, early, late))
    kept = {name: item for name, item in reversed(theirs.items()) if name in ours or name not in before}
    added = {name: item for name, item in reversed(ours.items()) if name not in before and name not in theirs}
    return list({**kept, **added}.values())


def _merged(key: str, values: _Three) -> tuple[Value | None, bool]:
    base, early, late = values
    if early in (late, base) or late is None:
        return (early if late is None and early != base else late), False
    if late == base or early is None:
        return (early if late == base else late), False
    if key in ("id", "updated"):
        return late if key == "id" else max(early, late, key=str), False
    lists = [_as_list(key, value) for value in values]
    if all(items is not None for items in lists):
        same = _link if key in _LINKS else repr
        return merge_lists(lists[0] or [], lists[1] or [], lists[2] or [], same) or None, False
    return late, True


def _surer(values: _Three) -> tuple[Value | None, bool]:
    """Return the higher of two confidences, each raised by turns that said the same, and whether they clash."""
    _, early, late = values
    try:
        return max(early, late, key=lambda value: float(str(value))), False
    except ValueError:
        return late, True


def _as_list(key: str, value: Value | None) -> list[Value] | None:
    """Return a value as a list where it is one, or means one by its key."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return value
    if key not in LISTS or not isinstance(value, str):
        return None
    parts = value.split(",") if key == "tags" else [value]
    return [part.strip() for part in parts if part.strip()]


def _link(value: Value) -> object:
    """Return what a link is compared by: the file that it names may have been renamed; a turn of it is another."""
    if not isinstance(value, str):
        return repr(value)
    return turn_target(value.removeprefix("[[").removesuffix("]]").split("|")[0])
