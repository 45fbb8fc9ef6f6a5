"""How much room an installation takes: all of this environment's site-packages, and what smos needs of them."""

from __future__ import annotations

import os
import re
import sysconfig
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import smos_cli
from tests.bench.children import ROOT

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def site_packages() -> tuple[Path, int]:
    """Return the folder and the bytes of the files in it."""
    folder = Path(sysconfig.get_path("purelib"))
    return folder, _bytes(Path(top, name) for top, _, names in os.walk(folder) for name in names)


def needed() -> int:
    """Return the bytes of the package itself and of everything it depends on, however far."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting, seen, total = list(project["dependencies"]), set[str](), _bytes(Path(smos_cli.__file__).parent.rglob("*"))
    while waiting:
        name = _name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:  # needed on another system only
            continue
        total += _bytes(Path(str(file.locate())) for file in found.files or ())
        waiting += [line for line in found.requires or () if "extra ==" not in line]
    return total


def _name(requirement: str) -> str:
    match = _NAME.match(requirement)
    return match.group().lower() if match else requirement


def _bytes(paths: Iterable[Path]) -> int:
    return sum(path.lstat().st_size for path in paths if path.is_file())
