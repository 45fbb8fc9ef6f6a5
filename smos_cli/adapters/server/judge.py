"""The judge that a server plays: a language model, asked with the prompt for it."""

from __future__ import annotations

from smos_cli.adapters.server.chat import ServerChat
from smos_cli.adapters.server.client import Client
from smos_cli.core.prompting.judging import LlmJudge


class ServerJudge(LlmJudge):
    """The ``Judge`` port. ``ModelError`` for a server that does not answer as a chat."""

    def __init__(self, client: Client, model: str) -> None:
        super().__init__(ServerChat(client, model))
