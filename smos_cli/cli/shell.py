"""What every command of one process shares: its wiring, its output, and whose memory is meant."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from smos_cli.cli.output import Output
from smos_cli.errors import SmosError

if TYPE_CHECKING:
    from smos_cli.core.toolkit import Toolkit
    from smos_cli.wiring import Wiring

_READING_VERBS = frozenset(
    [
        "remember",
        "recall",
        "forget",
        "restore",
        "erase",
        "show",
        "list",
        "tags",
        "edit",
        "pin",
        "import",
        "learn",
        "export",
        "index",
        "status",
        "doctor",
        "audit",
        "diff",
        "undo",
    ]
)
_CHANGING_VERBS = frozenset(["remember", "forget", "restore", "erase", "edit", "pin", "import", "learn", "undo"])


class Shell:
    """One run of ``smos``. ``persona`` and ``json`` are what the options said."""

    def __init__(self, wiring: Wiring, output: Output) -> None:
        self.wiring = wiring
        self.output = output
        self.persona = ""

    def toolkit(self, persona: str = "", *, create: bool = False, reason: str = "") -> Toolkit:
        """Return the toolkit of the persona that is meant; where there is none yet, ``create`` makes bob.

        ``reason`` is why the user makes a change.
        """
        from smos_cli.cli.progress import Progress

        name = persona or self.persona
        if create and not self.wiring.config.personas:
            self._create(name)
        return self.wiring.toolkit(name, Progress(self.output), reason=reason)

    def prefetch(self, arguments: list[str]) -> None:
        """Start the vault's listing as early as can be, for the verbs that need it; a wrong guess costs nothing."""
        verb = next((word for word in arguments if word in _READING_VERBS), "")
        if not verb:
            return
        with suppress(SmosError):
            self.wiring.prefetch(_option(arguments), to_change=verb in _CHANGING_VERBS)

    def _create(self, name: str) -> None:
        from smos_cli.core.personas import init

        wanted = name or self.wiring.config["default_persona"]
        home = self.wiring.home()
        added = init(home, wanted)
        self.output.note(f"Made {home.folder} with the persona {added.persona.name}.")


def _option(arguments: list[str]) -> str:
    """Return the value of --persona in arguments that are not parsed yet."""
    for place, word in enumerate(arguments):
        if word in ("-p", "--persona"):
            return arguments[place + 1] if place + 1 < len(arguments) else ""
        if word.startswith("--persona="):
            return word.partition("=")[2]
    return ""
