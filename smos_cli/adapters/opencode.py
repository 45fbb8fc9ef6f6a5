"""A session of opencode as it lies on the disk: three folders of JSON, put together as its ``export`` writes them.

``storage/session/PROJECT/ses_X.json`` says which session, ``storage/message/ses_X/*.json`` which messages, and
``storage/part/msg_Y/*.json`` what is in each. Anything else is left as it is. What can't be read, or
holds no object, is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from smos_cli.errors import FormatError

_NAME = re.compile(r"(?:ses|msg)_[A-Za-z0-9]+")


def put_together(path: Path, data: bytes, read: Callable[[Path], bytes]) -> bytes:
    """Return a session file with its messages and their parts in it, any other file as it is.

    ``read`` returns what a file holds; ``OSError``, or ``FormatError`` where it is too large or no file.
    """
    session = path.stem
    storage = path.absolute().parent.parent.parent
    messages = storage / "message" / session
    if not _NAME.fullmatch(session) or not messages.is_dir():
        return data
    found: list[dict[str, Any]] = []
    for info in _objects(messages, read):
        name = info.get("id")
        parts = _objects(storage / "part" / name, read) if isinstance(name, str) and _NAME.fullmatch(name) else []
        found.append({"info": info, "parts": parts})
    return json.dumps({"info": {"id": session}, "messages": found}).encode()


def _objects(folder: Path, read: Callable[[Path], bytes]) -> list[dict[str, Any]]:
    """Return the objects in a folder's files, in the order of their names, which is that of time."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            value = json.loads(read(path))
        except (OSError, FormatError, ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found
