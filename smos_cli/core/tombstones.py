"""The vault's tombstones on disk: read whole, written whole, and never over what somebody else wrote meanwhile.

Owns their bytes: those of lines that stay are what they were, also where they are not UTF-8.
"""

from __future__ import annotations

from smos_cli.core.forgotten import Forgotten
from smos_cli.core.layout import TOMBSTONES
from smos_cli.core.ports import Vault
from smos_cli.errors import NotFoundError


def read_forgotten(vault: Vault) -> Forgotten:
    """Read the vault's tombstones; none when there is no such file."""
    try:
        blob = vault.read(vault.base + TOMBSTONES)
    except NotFoundError:
        return Forgotten()
    return Forgotten(blob.data.decode("utf-8", "surrogateescape"), blob.etag)


def write_changed(vault: Vault, forgotten: Forgotten) -> list[str]:
    """Write tombstones unless they are what the file has; return the paths written. ``StaleError`` as below."""
    return [] if forgotten.render() == read_forgotten(vault).render() else [write_forgotten(vault, forgotten)]


def write_forgotten(vault: Vault, forgotten: Forgotten) -> str:
    """Write tombstones that came from those read; return their path. ``StaleError`` if the file changed since."""
    path = vault.base + TOMBSTONES
    data = forgotten.render().encode("utf-8", "surrogateescape")
    if forgotten.etag:
        vault.replace(path, data, forgotten.etag)
    else:
        vault.create({path: data})
    return path
