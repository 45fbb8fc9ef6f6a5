"""``smos import``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from smos_cli.cli.app import verb_app
from smos_cli.cli.learned import beside, tell_learned
from smos_cli.cli.options import Json, PersonaName, Reason
from smos_cli.cli.reports import print_report
from smos_cli.cli.shell import Shell
from smos_cli.errors import SmosError

if TYPE_CHECKING:
    from smos_cli.core.arrivals import Imported
    from smos_cli.core.statements import Learned
    from smos_cli.core.toolkit import Toolkit

app = verb_app()
APPS = {"import": app}


@app.command("import")
def import_(
    context: typer.Context,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file, a folder of Markdown, or - for lines of JSON.")],
    no_learn: Annotated[
        bool, typer.Option("--no-learn", help="Keep conversations as they are; learn nothing from them.")
    ] = False,
    reason: Reason = "",
    persona: PersonaName = "",
    json: Json = False,
) -> None:
    """Bring in memories, transcripts or notes.

    A line {"text", "id", "created", "kind", "tags"} is a memory; lines {"session", "id", "speaker" or "role",
    "time", "text"} are the turns of conversations, one episode a session. So are session files of Claude Code, Codex
    and opencode, messages as OpenAI's and Anthropic's APIs have them, and plain text whose lines begin with who
    speaks. Markdown is a file or a folder: one with an id of ours is a memory or an episode, another is copied as a
    note, and another vault's own files are passed over. What is there already, or was forgotten, is not stored again.
    Conversations are learnt from as `smos learn` does it; stopped by Ctrl-C, `smos learn` goes on.
    """
    shell: Shell = context.obj
    out = shell.output
    toolkit = shell.toolkit(persona, create=True, reason=reason)
    result = toolkit.import_(path)
    out.warn(result.warnings)
    if result.redacted:
        out.note(f"{result.redacted} secret{' was' if result.redacted == 1 else 's were'} taken out of what was said.")
    learned, failure = (None, None) if no_learn or not result.episodes else _learned(toolkit, result)
    if learned:
        out.warn(learned.warnings)
    code = print_report(out, result, {"redacted": result.redacted, **beside(learned)})
    if learned and not out.json:
        tell_learned(out, learned)
    if failure:
        raise failure
    raise typer.Exit(code or (1 if learned and learned.failed else 0))


def _learned(toolkit: Toolkit, result: Imported) -> tuple[Learned | None, SmosError | None]:
    """Learn from the conversations that came; return what was learnt, or why nothing could be.

    What was brought in is to be told whatever becomes of it.
    """
    from smos_cli.core.learning import Wanted

    try:
        return toolkit.learn(Wanted(places=tuple(dict.fromkeys(result.episodes)))), None
    except SmosError as error:
        return None, error
