"""Configuration: where each value came from. Refuses keys that are not in ``settings``.

Values come, later over earlier, from the defaults in ``settings``, ``config.toml`` in home and the environment
(``SMOS_HOME``, ``SMOS_PERSONA``, ``SMOS_OFFLINE``). A persona's own settings stand in ``[personas.NAME]``, those of a
server that plays a model's role in ``[servers.NAME]``. What is wrong in the file names the file; ``survey`` passes
over it, so that what is said about a broken file can still be said.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from smos_cli.config.servers import SERVER_SETTINGS, Server, check_server, check_server_name
from smos_cli.config.settings import PERSONA_SETTINGS, SETTINGS, check_name, checked_value
from smos_cli.errors import ConfigError, NotFoundError, SmosError, UsageError

_YES = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from; ``overrode`` names what it won over, if anything."""

    key: str
    value: Any
    source: str
    overrode: str = ""


@dataclass(frozen=True, slots=True)
class Persona:
    """A persona as configured. ``path`` is absolute; ``base`` is where our files are in it."""

    name: str
    path: Path
    adopted: bool
    model_folders: tuple[str, ...] = ()
    git: bool = False

    @property
    def has_history(self) -> bool:
        """Whether commits are made: a folder of somebody's may bring a repository whose hooks run what they like."""
        return self.git or not self.adopted

    @property
    def base(self) -> str:
        return "smos/" if self.adopted else ""


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that was configured, and the home it came from."""

    home: Path
    settings: Mapping[str, Setting]
    personas: Mapping[str, Persona]
    servers: Mapping[str, Server] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.settings[key].value

    def persona(self, name: str = "") -> Persona:
        """Return the persona of a name, or the default one; ``NotFoundError`` with the nearest name."""
        wanted = check_name(name) if name else self["default_persona"]
        if wanted in self.personas:
            return self.personas[wanted]
        if not self.personas:
            raise NotFoundError("There is no persona here yet.", "Make one with `smos init`, or just `smos remember`.")
        raise NotFoundError(f"There is no persona {wanted!r}.", _nearest(wanted, self.personas))

    def server(self, name: str) -> Server:
        """Return the model server of a name; ``NotFoundError`` with the nearest name, ``ConfigError`` without a URL."""
        setting = f"`smos config set servers.{name if name else 'NAME'}.url URL`"
        if name not in self.servers:
            raise NotFoundError(
                f"There is no model server {name!r}.",
                _nearest(name, self.servers) if self.servers else f"Name one with {setting}.",
            )
        if not self.servers[name].url:
            raise ConfigError(f"The model server {name} has no URL.", f"Give it one with {setting}.")
        return self.servers[name]


def load(environ: Mapping[str, str]) -> Config:
    """Read the configuration; ``ConfigError`` names the file and what is wrong in it."""
    config, wrong = survey(environ)
    if wrong:
        raise wrong[0]
    return config


def survey(environ: Mapping[str, str]) -> tuple[Config, Sequence[SmosError]]:
    """Read the configuration without what is wrong in the file; return it, and that."""
    home = home_folder(environ)
    try:
        config, wrong = _surveyed(_read(home / "config.toml"), home)
    except ConfigError as error:
        config, wrong = _surveyed({}, home)[0], [error]
    settings = dict(config.settings)
    if chosen := environ.get("SMOS_PERSONA"):
        before = settings["default_persona"]
        settings["default_persona"] = Setting(before.key, check_name(chosen), "SMOS_PERSONA", before.source)
    if environ.get("SMOS_OFFLINE", "").lower() in _YES:
        settings["models.offline"] = Setting("models.offline", True, "SMOS_OFFLINE", settings["models.offline"].source)
    return Config(home, settings, config.personas, config.servers), wrong


def parsed(text: bytes, home: Path) -> Config:
    """Return what a ``config.toml`` would mean in a home; ``ConfigError``."""
    try:
        data = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"config.toml is not TOML: {error}.", "Correct it in an editor.") from error
    config, wrong = _surveyed(data, home)
    if wrong:
        raise wrong[0]
    return config


def _surveyed(data: dict[str, Any], home: Path) -> tuple[Config, list[SmosError]]:
    """Return what is right in a file, and what is wrong in it."""
    file = str(home / "config.toml")
    settings = {key: Setting(key, default, "default") for key, (default, _) in SETTINGS.items()}
    personas: dict[str, Persona] = {}
    wrong: list[SmosError] = []
    servers: dict[str, Server] = {}
    for name, table in _tables(data, "personas.bob", check_name, (file, wrong)):
        own, personas[name] = _persona(name, table, home, wrong)
        settings.update(own)
    for name, table in _tables(data, "servers.local", check_server_name, (file, wrong)):
        own, server = _server(name, table, file, wrong)
        settings.update(own)
        if server:
            servers[name] = server
    for key, value in _flat(data).items():
        if found := _checked_in(file, key, value, wrong):
            settings[key] = found
    return Config(home, settings, personas, servers), wrong


def home_folder(environ: Mapping[str, str]) -> Path:
    """Return home: ``SMOS_HOME``, else the platform's data folder for smos."""
    if chosen := environ.get("SMOS_HOME"):
        return expanded(chosen).absolute()
    # What platformdirs answers on these two, without the 16 ms of importing it.
    if sys.platform == "linux":
        data = environ.get("XDG_DATA_HOME", "").strip()
        return Path(data) / "smos" if data else Path("~/.local/share/smos").expanduser()
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/smos").expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("smos", appauthor=False))


def expanded(text: str) -> Path:
    """Return a path in which a ``~`` at its beginning, where it is anybody's, is their folder."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _checked_in(file: str, key: str, value: Any, wrong: list[SmosError]) -> Setting | None:
    """Return a setting as a file has it; None, and what is wrong, for what is none."""
    try:
        return Setting(key, checked_value(key, value), file, "default")
    except NotFoundError:
        close = get_close_matches(key, SETTINGS, n=1)
        guess = f" Did you mean {close[0]}?" if close else ""
        message = f"config.toml has a setting that is unknown: {key}."
        wrong.append(ConfigError(message, f"Remove it from {file}, or correct it.{guess}"))
    except UsageError as error:
        wrong.append(ConfigError(f"In config.toml: {error.message}", f"{error.remedy} Correct it in {file}."))
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}.", "Correct it in an editor.") from error
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}.", "Change its permissions.") from error


def _flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            found.update(_flat(value, f"{prefix}{key}."))
        else:
            found[prefix + key] = value
    return found


def _tables(
    data: dict[str, Any], example: str, check: Callable[[str], str], report: tuple[str, list[SmosError]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Take the tables of a kind out of what a file holds; yield those that are tables and have a name."""
    kind = example.partition(".")[0]
    file, wrong = report
    tables = data.pop(kind, {})
    if not isinstance(tables, dict):
        wrong.append(ConfigError(f"In config.toml: {kind} is not a table.", f"Write it as [{example}] in {file}."))
        return
    for name, table in tables.items():
        try:
            check(name)
        except UsageError as error:
            wrong.append(ConfigError(f"In config.toml: {error.message}", f"{error.remedy} Correct it in {file}."))
            continue
        if isinstance(table, dict):
            yield name, table
        else:
            message = f"In config.toml: {kind}.{name} is not a table."
            wrong.append(ConfigError(message, f"Write it as [{kind}.{name}] in {file}."))


def _server(
    name: str, table: dict[str, Any], file: str, wrong: list[SmosError]
) -> tuple[dict[str, Setting], Server | None]:
    """Return a server's settings by their whole names, and the server that they make, if they agree."""
    found = {key: Setting(f"servers.{name}.{key}", value, "default") for key, (value, _) in SERVER_SETTINGS.items()}
    right = True
    for key, value in table.items():
        if setting := _checked_in(file, f"servers.{name}.{key}", value, wrong):
            found[key] = setting
        else:
            right = False
    settings = {setting.key: setting for setting in found.values()}
    try:
        server = check_server(name, {key: setting.value for key, setting in found.items()})
    except UsageError as error:
        wrong.append(ConfigError(f"In config.toml: {error.message}", f"{error.remedy} Correct it in {file}."))
        return settings, None
    return settings, server if right else None


def _persona(
    name: str, table: dict[str, Any], home: Path, wrong: list[SmosError]
) -> tuple[dict[str, Setting], Persona]:
    """Return a persona's settings by their whole names, and the persona that they make."""
    defaults = {key: default for key, (default, _) in PERSONA_SETTINGS.items()} | {"path": f"vaults/{name}"}
    found = {key: Setting(f"personas.{name}.{key}", value, "default") for key, value in defaults.items()}
    for key, value in table.items():
        setting = _checked_in(str(home / "config.toml"), f"personas.{name}.{key}", value, wrong)
        if setting and (setting.value or key != "path"):
            found[key] = setting
    path = home / expanded(found["path"].value)
    persona = Persona(name, path, found["adopted"].value, tuple(found["model_folders"].value), found["git"].value)
    return {setting.key: setting for setting in found.values()}, persona


def _nearest(wanted: str, names: Mapping[str, Any]) -> str:
    close = get_close_matches(wanted, names, n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(sorted(names))}."
