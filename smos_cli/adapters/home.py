"""Home on disk: ``config.toml``, the making of vaults from the template, the deleting of what is derived from them.

Owns the writing of settings, with every comment and line that is not meant left alone.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import smos_cli
from smos_cli import config as configuration
from smos_cli.adapters.durable import create, make_folder, sync_folders, write_over
from smos_cli.adapters.locks import held
from smos_cli.adapters.scan import TEMPORARY
from smos_cli.adapters.state import forget_persona
from smos_cli.config.settings import check_name
from smos_cli.core.personas import PersonaInfo
from smos_cli.errors import ConfigError, NotFoundError, SmosError, StorageError

_PLACEHOLDER = "PERSONA_NAME"
_LOCK_WAIT = 30.0
_INDEX_WAIT = 5.0
_CLOUDS = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "com~apple~clouddocs": "iCloud Drive",
    "icloud": "iCloud Drive",
    "mobile documents": "iCloud Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "syncthing": "Syncthing",
    "pcloud": "pCloud",
    "box sync": "Box",
}
"""How folders of synchronising services begin, in lower case."""


class HomeFolder:
    """The ``Home`` port. The folder is made when something is first written to it; only its owner can look in."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._path = configuration.home_folder(environ)
        self.folder = str(self._path)
        self.config_file = self._path / "config.toml"

    def personas(self) -> Mapping[str, PersonaInfo]:
        config = configuration.load(self._environ)
        return {
            persona.name: PersonaInfo(
                persona.name,
                str(persona.path),
                persona.adopted,
                persona.model_folders,
                persona.name == config["default_persona"],
                persona.path.is_dir(),
            )
            for persona in config.personas.values()
        }

    def check_name(self, name: str) -> str:
        return check_name(name)

    def default(self) -> str:
        written = {name: value for name, value in self._environ.items() if name != "SMOS_PERSONA"}
        return str(configuration.load(written)["default_persona"])

    @contextmanager
    def lock(self) -> Iterator[None]:
        try:
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _foreign(error, self._path) from error
        with held(self._path / "locks/config.lock", _LOCK_WAIT):
            for left_over in self._path.glob(f"{TEMPORARY}*"):
                with suppress(OSError):
                    left_over.unlink()
            yield

    def write(self, settings: Mapping[str, object]) -> None:
        import tomlkit

        try:
            before = self.config_file.read_bytes() if self.config_file.exists() else None
            document = tomlkit.parse(before or b"")
            for key, value in settings.items():
                _put(document, key, value)
            text = tomlkit.dumps(document)
        except OSError as error:
            raise _foreign(error, self.config_file) from error
        except (UnicodeDecodeError, tomlkit.exceptions.TOMLKitError) as error:
            raise self._unwritable(f"is not TOML: {error}") from error
        if not _holds(text, settings):
            raise self._unwritable("is written in a way that can't be changed here")
        try:
            self._write(text.encode(), before)
        except OSError as error:
            raise _foreign(error, self.config_file) from error

    def remove_index(self, name: str) -> bool:
        folder = self._path / "index"
        locks = [folder / f"{name}.turn", folder / f"{name}.lock"]
        there = [path for path in folder.glob(f"{name}.*") if path not in locks]
        try:
            if there:
                with held(locks[0], _INDEX_WAIT), held(locks[1], _INDEX_WAIT):
                    for path in there:
                        path.unlink(missing_ok=True)
            for path in (*locks, *(self._path / "locks" / f"{name}.{end}" for end in ("write", "watch"))):
                path.unlink(missing_ok=True)
            # What was noted of its audit chain would be held against the next persona of that name.
            for path in (self._path / "audit").glob(f"{name}.*"):
                path.unlink()
        except OSError as error:
            raise _foreign(error, folder) from error
        forget_persona(self._path, name)
        return bool(there)

    def create_key(self, name: str) -> None:
        from smos_cli.adapters.identity import MachineIdentity

        MachineIdentity(self._path, name).name()

    def create_vault(self, path: str, name: str, *, adopted: bool) -> list[str]:
        root = Path(path, "smos") if adopted else Path(path)
        prefix = "smos/" if adopted else ""
        made = {relative: data for relative, data in _template(name) if not (root / relative).exists()}
        try:
            sync_folders(make_folder(root / "memories"))
            create({root / relative: data for relative, data in made.items()})
        except OSError as error:
            raise _foreign(error, root) from error
        return [prefix + relative for relative in made]

    def create_history(self, path: str, *, adopted: bool) -> bool:
        from smos_cli.adapters.git.history import GitHistory

        # One that came with an adopted folder is not ours, whatever it says of itself.
        return not (adopted and Path(path, ".git").exists()) and GitHistory(Path(path)).create()

    def folders(self, path: str) -> list[str]:
        if not Path(path).is_dir():
            raise NotFoundError(f"There is no folder {path}.", "Give the folder that holds the notes.")
        return sorted(entry.name for entry in os.scandir(path) if entry.is_dir() and entry.name[0] != ".")

    def cloud(self, path: str) -> str:
        parts = [part.lower() for part in Path(path).resolve().parts]
        return next((name for mark, name in _CLOUDS.items() if any(part.startswith(mark) for part in parts)), "")

    def overlap(self, one: str, other: str) -> bool:
        real, other_real = Path(one).resolve(), Path(other).resolve()
        return _within(real, other_real) or _within(other_real, real)

    def _unwritable(self, what: str) -> ConfigError:
        return ConfigError(f"{self.config_file} {what}.", "Correct it in an editor.")

    def _write(self, data: bytes, before: bytes | None) -> None:
        # Where it is a link, such as to a file that is kept elsewhere, it stays one.
        target = self.config_file.resolve()
        if before is None:
            create({target: data}, mode=0o600)
        else:
            write_over(target, data, before)


def _put(document: Any, key: str, value: object) -> None:
    import tomlkit

    *tables, name = key.split(".")
    for part in tables:
        if part not in document:
            if value is None:
                return
            document[part] = tomlkit.table(is_super_table=part in ("personas", "servers"))
        document = document[part]
    if value is None:
        document.pop(name, None)
    else:
        document[name] = value


def _holds(text: str, settings: Mapping[str, object]) -> bool:
    """Say whether a text, as a reader has it, holds these settings."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    for key, value in settings.items():
        found: Any = data
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if found != value:
            return False
    return True


def _within(inner: Path, outer: Path) -> bool:
    """Say whether a folder lies in another, or is it, also where one folder has two names."""
    if inner.is_relative_to(outer):
        return True
    there = [folder for folder in (inner, *inner.parents) if os.path.exists(folder)]
    return os.path.exists(outer) and any(os.path.samefile(folder, outer) for folder in there)


def _template(name: str) -> Iterator[tuple[str, bytes]]:
    for source in sorted(template_folder().rglob("*")):
        if source.is_file():
            relative = source.relative_to(template_folder()).as_posix()
            text = source.read_text(encoding="utf-8").replace(_PLACEHOLDER, name)
            yield relative.replace("dot-", ".", 1) if relative.startswith("dot-") else relative, text.encode()


def template_folder() -> Path:
    """Return the vault template: in the package where it is installed, beside it in a checkout."""
    package = Path(smos_cli.__file__).parent
    inside = package / "vault_template"
    return inside if inside.is_dir() else package.parent / "vault_template"


def _foreign(error: OSError, path: Path) -> SmosError:
    return StorageError(
        f"{error.filename or path} could not be written: {error.strerror or error}.",
        "Make the folder writable, or set SMOS_HOME to one that is.",
    )
