"""A change of one setting, checked with what is set beside it."""

from __future__ import annotations

from typing import Any

from smos_cli.config import Config
from smos_cli.config.servers import Server, check_server, check_server_name
from smos_cli.config.settings import checked_value
from smos_cli.errors import NotFoundError, UsageError

_PLAYED = ("models.embedder", "models.reranker", "models.judge", "models.extractor")


def checked_change(config: Config, key: str, text: str) -> Any:
    """Return what a user wants a setting to be; ``UsageError``, or ``NotFoundError`` for an unknown persona."""
    value: Any = text
    if key.endswith(".model_folders"):
        value = [folder for part in text.split(",") if (folder := part.strip().strip("/"))]
    try:
        checked = checked_value(key, value)
    except NotFoundError as error:
        raise UsageError(error.message, error.remedy) from error
    if key.startswith("personas."):
        config.persona(key.split(".")[1])
    if key.startswith("servers."):
        _check_with_others(config, key, checked)
    if key in _PLAYED and "/" in checked:
        _check_played(config, key, checked)
    if key == "default_persona" and config.personas:
        config.persona(checked)
    return checked


def _check_played(config: Config, key: str, value: str) -> None:
    """Check that a SERVER/MODEL names both; ``NotFoundError`` for a server that is not there."""
    server, _, model = value.partition("/")
    config.server(server)
    if not model.strip():
        raise UsageError(f"The setting {key} names no model of {server}.", f"Write it as {server}/MODEL.")


def _check_with_others(config: Config, key: str, value: Any) -> None:
    """Check a server's setting beside those it has; ``UsageError``."""
    _, name, changed = key.split(".")
    check_server_name(name)
    before = config.servers.get(name, Server(name, ""))
    after = check_server(name, {**before._asdict(), changed: value})
    if before.key and before.host and after.host != before.host:
        raise UsageError(
            f"The server {name} has a key that was given for {before.host}.",
            f"Take it away first (`smos config set servers.{name}.key ''`), and set it again for the new host.",
        )
