"""Which paths of a vault are left out: ``.smosignore`` and the note app's own excluded files.

Owns the reading of both. The patterns are gitignore's, matched by pathspec, which is loaded only when there are any.
"""

from __future__ import annotations

from pathlib import Path

from smos_cli.adapters.scan import Ignored


def ignored(root: Path, base: str) -> Ignored | None:
    """Return the test for a vault, or None when nothing is excluded."""
    patterns = _lines(root / ".smosignore") + (_lines(root / base / ".smosignore") if base else [])
    patterns += _obsidian(root)
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    spec = GitIgnoreSpec.from_lines(patterns)
    return spec.match_file


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _obsidian(root: Path) -> list[str]:
    """Return Obsidian's excluded files. A filter is a path prefix; one between slashes is a regex and can't be kept."""
    path = root / ".obsidian" / "app.json"
    if not path.is_file():
        return []
    import json

    try:
        settings = json.loads(path.read_bytes())
        filters = settings.get("userIgnoreFilters") or []
    except (OSError, ValueError, AttributeError):
        return []
    return ["/" + text.lstrip("/") for text in filters if isinstance(text, str) and not (text[:1] == text[-1:] == "/")]
