"""The card of a vault as what makes it one. Refuses formats that are not known here."""

from __future__ import annotations

from smos_cli.core.markdown import parse
from smos_cli.errors import FormatError, RemoteError

FORMAT = "1"


def check_card(card: bytes | None) -> None:
    """Raise ``RemoteError`` unless a ``PERSONA.md`` says that this is a vault that can be read here."""
    if card is None:
        raise RemoteError("That is not a vault of smos: it has no PERSONA.md.", "Look at the URL.")
    try:
        found = parse(card).fields.get("format", FORMAT)
    except FormatError as error:
        raise RemoteError(f"The PERSONA.md there can't be read: {error.message}", "Correct it there.") from error
    if found != FORMAT:
        raise RemoteError(f"That vault has the format {found}, and only {FORMAT} is known here.", "Update smos here.")
