"""A model's files that lie in a folder of this machine, such as one that a colleague brought.

Links are refused: a folder that somebody else packed could have them lead anywhere. Only what a model is made of is
taken: the graph or the weights, and the small files beside them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

from smos_cli.adapters.models import shape
from smos_cli.adapters.models.files import chunks, refused, write
from smos_cli.core.catalogue import MANIFEST, Described, Part, Stage
from smos_cli.errors import ModelError, NotFoundError

_TAKEN = (".onnx", ".onnx_data", ".onnx.data", ".gguf", ".json", ".model")
_TAKEN_NAMES = ("vocab.txt", "merges.txt", "license", "licence", "notice")
_MOST = 64


class LocalFolder:
    """The ``Folder`` port. ``place`` is a folder, or a single GGUF file."""

    def __init__(self, place: str) -> None:
        path = Path(place)
        if not path.exists():
            raise NotFoundError(f"There is no folder {place}.", "Give the folder that holds the model's files.")
        self._single = "" if path.is_dir() else path.name
        self._folder = path.parent if self._single else path

    def describe(self) -> Described:
        try:
            paths = [self._single] if self._single else self._paths()
            for path in paths:
                _check_file(self._folder, path)
            return shape.described(self._folder, paths)
        except OSError as error:
            raise refused(error, self._folder) from error

    def lacks(self, parts: Sequence[Part]) -> Sequence[Part]:
        return [part for part in parts if self._place_of(part) is None]

    def bring(self, part: Part, stage: Stage, told: Callable[[int], None]) -> Part:
        source = self._place_of(part)
        if source is None:
            raise NotFoundError(f"{part.path} is not in {self._folder}.", "Put it there.")
        _check_file(self._folder, source)
        done = _copied(self._folder / source, stage.partial(part), told)
        if part.sha256 not in ("", done.sha256):
            stage.partial(part).unlink(missing_ok=True)
            raise ModelError(
                f"{source} is not the file that the table means: its sha256 is {done.sha256}, not {part.sha256}.",
                "Get it from where `smos models info` says.",
            )
        done = done._replace(path=part.path, address=part.address)
        stage.finish(done)
        return done

    def _place_of(self, part: Part) -> str | None:
        """Return where a file of the table lies in the folder: by its name here, on the hub, or that name alone."""
        there = part.address.partition("/resolve/")[2].partition("/")[2]
        for path in dict.fromkeys((part.path, there, there.rpartition("/")[2])):
            place = self._folder / path
            if path and os.path.lexists(place) and path in (self._single or path) and not _differs(place, part.size):
                return path
        return None

    def _paths(self) -> list[str]:
        """Return the paths of what a model is made of, sorted."""
        found = []
        for folder, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            below = Path(folder).relative_to(self._folder)
            found += [(below / name).as_posix() for name in names if _is_taken(name)]
            if len(found) > _MOST:
                raise ModelError(f"{self._folder} has too many files for a model.", "Give the model's own folder.")
        return sorted(found)


def _copied(source: Path, target: Path, told: Callable[[int], None]) -> Part:
    """Copy a file, or leave nothing of it; return its size and sha256. ``StorageError``, ``ModelError``."""
    found, size = sha256(), 0
    try:
        with target.open("wb", buffering=0) as file:
            for chunk in chunks(source):
                write(file, chunk)
                found.update(chunk)
                size += len(chunk)
                told(size)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise refused(error, target, lacking=os.path.getsize(source) - size) from error
    return Part("", size, found.hexdigest())


def _differs(place: Path, size: int) -> bool:
    """Say whether a file is not the one that is meant, by its size, if that is known; a link is looked at later."""
    return bool(size) and not place.is_symlink() and place.stat().st_size != size


def _is_taken(name: str) -> bool:
    lower = name.lower()
    if name.startswith(".") or lower == MANIFEST:
        return False
    return lower.endswith(_TAKEN) or lower in _TAKEN_NAMES or lower.startswith(("license.", "licence.", "notice."))


def _check_file(folder: Path, path: str) -> None:
    """See that a file is one, and that neither it nor a folder on the way to it is a link; ``ModelError``."""
    place = folder
    for piece in path.split("/"):
        place /= piece
        if place.is_symlink():
            raise ModelError(
                f"{place} is a link; links are not followed.", f"Copy the folder without them: `cp -rL {folder} COPY`."
            )
    if not place.is_file():
        # Reading a pipe would wait for its writer.
        raise ModelError(f"{place} is not a file.", "Put a file there, or nothing.")
