"""Home on disk: ``config.toml`` and the making of vaults from the template.

Owns the writing of settings, with every comment and line that is not meant left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import smos_cli
from smos_cli import config as configuration
from smos_cli.core.personas import PersonaInfo
from smos_cli.errors import ConfigError, NotFoundError, SmosError, StorageError

_PLACEHOLDER = "PERSONA_NAME"
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
        return configuration.check_name(name)

    def set(self, key: str, value: object) -> None:
        import tomlkit

        try:
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
            text = self.config_file.read_text(encoding="utf-8") if self.config_file.exists() else ""
            document = tomlkit.parse(text)
            *tables, name = key.split(".")
            table: Any = document
            for part in tables:
                if part not in table:
                    table[part] = tomlkit.table(is_super_table=part == "personas")
                table = table[part]
            if value is None:
                table.pop(name, None)
            else:
                table[name] = value
            self._write(tomlkit.dumps(document))
        except OSError as error:
            raise _foreign(error, self.config_file) from error
        except (UnicodeDecodeError, tomlkit.exceptions.ParseError) as error:
            raise ConfigError(f"{self.config_file} is not TOML: {error}.", "Correct it in an editor.") from error

    def create_vault(self, path: str, name: str, *, adopted: bool) -> list[str]:
        root = Path(path, "smos") if adopted else Path(path)
        prefix = "smos/" if adopted else ""
        made = []
        try:
            for relative, data in _template(name):
                target = root / relative
                if not target.exists():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
                    made.append(prefix + relative)
            (root / "memories").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _foreign(error, root) from error
        return made

    def create_history(self, path: str) -> bool:
        from smos_cli.adapters.git import GitHistory

        return GitHistory(Path(path)).create()

    def folders(self, path: str) -> list[str]:
        if not Path(path).is_dir():
            raise NotFoundError(f"There is no folder {path}.", "Give the folder that holds the notes.")
        return sorted(entry.name for entry in os.scandir(path) if entry.is_dir() and entry.name[0] != ".")

    def cloud(self, path: str) -> str:
        parts = [part.lower() for part in Path(path).resolve().parts]
        return next((name for mark, name in _CLOUDS.items() if any(part.startswith(mark) for part in parts)), "")

    def _write(self, text: str) -> None:
        temporary = self.config_file.with_name(f".config.toml.{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.config_file)
        finally:
            temporary.unlink(missing_ok=True)


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
