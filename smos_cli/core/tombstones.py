"""The vault's tombstones on disk: read whole, written whole."""

from __future__ import annotations

from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.ports import Vault
from smos_cli.errors import NotFoundError


def read_forgotten(vault: Vault) -> Forgotten:
    """Read the vault's tombstones; none when there is no such file."""
    try:
        return Forgotten(vault.read(vault.base + TOMBSTONES).data.decode("utf-8", "replace"))
    except NotFoundError:
        return Forgotten()


def write_forgotten(vault: Vault, forgotten: Forgotten) -> str:
    """Write the vault's tombstones; return their path."""
    path = vault.base + TOMBSTONES
    data = forgotten.render().encode()
    if TOMBSTONES in vault.names(vault.base.rstrip("/")):
        vault.replace(path, data, vault.read(path).etag)
    else:
        vault.create({path: data})
    return path
