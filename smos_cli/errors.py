"""The one family of errors a user can meet: a stable code, an exit code, one sentence, one remedy.

A foreign exception becomes one of these at the adapter that met it, with ``raise ... from``. A bug is not in
this family and shows its traceback.
"""

from __future__ import annotations


class SmosError(Exception):
    """What went wrong (one sentence) and what to do about it (one remedy).

    ``code`` is stable and part of the JSON contract; ``exit_code`` is what the shell sees.
    """

    code = "failed"
    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(SmosError):
    """The command's words are off."""

    code = "usage"
    exit_code = 2


class NotFoundError(SmosError):
    """Nothing has the id or name that was given."""

    code = "not_found"
    exit_code = 3


class AmbiguousError(SmosError):
    """More than one thing has the id or name that was given."""

    code = "ambiguous"
    exit_code = 4


class StaleError(SmosError):
    """The file changed since it was read, so it was not written over."""

    code = "stale"
    exit_code = 5


class IndexBusyError(SmosError):
    """Another process holds the index and did not give it up in time."""

    code = "index_busy"
    exit_code = 11


class StoppedError(SmosError):
    """Ctrl-C came in the middle of work that keeps what it has done; the next command goes on from there."""

    code = "stopped"
    exit_code = 130


class FormatError(SmosError):
    """A file's contents are not what the format allows; the file is left as it is."""

    code = "format"


class StorageError(SmosError):
    """The disk refused: full, read-only, unreadable, gone."""

    code = "storage"


class VaultMissingError(StorageError):
    """The vault's folder is not there, or is not the vault. The index keeps what it has."""

    code = "vault_missing"


class ConfigError(SmosError):
    """``config.toml`` or the environment holds something that is not a setting."""

    code = "config"


class ModelError(SmosError):
    """A model can't be loaded, is of another role, or answers what it must not; a server that plays one refuses."""

    code = "model"


class RemoteError(SmosError):
    """Another copy of the vault refuses, is not there, or is not what it should be."""

    code = "remote"


class OfflineError(RemoteError):
    """Another copy of the vault can't be reached now."""

    code = "offline"
