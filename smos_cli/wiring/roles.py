"""Who plays each model's role in one process: the embedded default, an installed model, or a model of a server.

Owns which adapter a setting means. Nothing is loaded before it plays: a model that can't be found fails when it is
asked, as one that can't be loaded does, so that who has another way goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smos_cli.adapters.deferred import LazyEmbedder
from smos_cli.adapters.static import MODEL_ID
from smos_cli.errors import ModelError, NotFoundError, SmosError

if TYPE_CHECKING:
    from smos_cli.adapters.models.store import ModelStore
    from smos_cli.adapters.server.client import Access, Client
    from smos_cli.config import Config
    from smos_cli.core.catalogue import Installed
    from smos_cli.core.finding import Finding
    from smos_cli.core.models import Embedder, Extractor, Judge, Reranker


class Roles:
    """The models of one process, by what the settings say."""

    def __init__(self, config: Config, environ: Mapping[str, str]) -> None:
        self.config = config
        self._environ = environ

    def embedder(self) -> Embedder:
        """Return the embedder that is wanted."""
        chosen = self.config["models.embedder"]
        if not chosen:
            return LazyEmbedder()
        try:
            found: Embedder = self._made("embedder", chosen)
        except (NotFoundError, ModelError) as error:
            return _Absent(chosen, error)
        return found

    def embedder_of(self, model_id: str) -> Embedder | None:
        """Return the embedder whose vectors an index has; None where it is no longer there."""
        if model_id == MODEL_ID:
            return LazyEmbedder()
        name, _, _ = model_id.rpartition("@")
        try:
            found: Embedder = self._made("embedder", name)
        except SmosError:
            return None
        return found if found.model_id == model_id else None

    def reranker(self) -> Reranker | None:
        """Return the reranker; None where there is none."""
        chosen = self.config["models.reranker"]
        found: Reranker | None = self._made("reranker", chosen) if chosen else None
        return found

    def judge(self) -> Judge:
        """Return what notices contradictions."""
        from smos_cli.adapters.rules.judge import RulesJudge

        chosen = self.config["models.judge"]
        found: Judge = self._made("judge", chosen) if chosen else RulesJudge()
        return found

    def extractor(self) -> Extractor:
        """Return what learns from conversations."""
        from smos_cli.adapters.rules.extractor import RulesExtractor

        chosen = self.config["models.extractor"]
        found: Extractor = self._made("extractor", chosen) if chosen else RulesExtractor()
        return found

    def findings(self) -> Iterator[Finding]:
        """Yield what is chosen for a role and can't play it: not installed, made for another, of no server."""
        from smos_cli.core.finding import Finding
        from smos_cli.core.models import ROLES

        for role in ROLES:
            chosen = self.config[f"models.{role}"]
            try:
                if chosen:
                    self._made(role, chosen)
            except SmosError as error:
                yield Finding("problem", f"models.{role}", error.message, error.remedy)

    def _made(self, role: str, chosen: str) -> Any:
        """Return the adapter of an installed model, or of ``SERVER/MODEL``; ``NotFoundError``, ``ModelError``."""
        server, slash, model = chosen.partition("/")
        if slash:
            return _PLAYED_BY_SERVERS[role](self._client(server), model)
        return played(self._store.installed(chosen), role)

    @cached_property
    def _store(self) -> ModelStore:
        from smos_cli.adapters.models.store import ModelStore

        return ModelStore(self.config.home / "models")

    def _client(self, name: str) -> Client:
        from smos_cli.adapters.server.client import Client

        return Client(self.config.server(name), self._access)

    @cached_property
    def _access(self) -> Access:
        from smos_cli.adapters.server.budget import Budget
        from smos_cli.adapters.server.client import Access
        from smos_cli.core.secrets import redact

        config = self.config
        return Access(
            budget=Budget(config["models.calls"], config["models.tokens"]),
            redact=lambda text: redact(text).text,
            environ=self._environ,
            timeout_seconds=config["models.timeout_seconds"],
            offline=config["models.offline"],
        )


def played(model: Installed, role: str) -> Any:
    """Return the adapter by which an installed model plays a role; ``ModelError`` when it plays another."""
    if model.role != role:
        raise ModelError(
            f"{model.name} is {_article(model.role)}, and no {role}.",
            f"Choose another with `smos models use NAME --role {role}`; see `smos models list --role {role}`.",
        )
    return _PLAYED[model.format, role](model)


class _Absent:
    """An embedder that was chosen and is not there: it says so to who asks it for a vector."""

    def __init__(self, name: str, error: SmosError) -> None:
        self.model_id = name
        self._error = error

    @property
    def dimensions(self) -> int:
        raise self._error

    def embed(self, _texts: Sequence[str]) -> Any:
        raise self._error

    def embed_query(self, _text: str) -> Any:
        raise self._error


def _article(role: str) -> str:
    return f"{'an' if role[0] in 'ae' else 'a'} {role}"


def _onnx_embedder(model: Installed) -> Any:
    from smos_cli.adapters.onnx.embedder import OnnxEmbedder

    return OnnxEmbedder(model.folder, model.model_id)


def _onnx_reranker(model: Installed) -> Any:
    from smos_cli.adapters.onnx.reranker import OnnxReranker

    return OnnxReranker(model.folder, model.model_id)


def _onnx_judge(model: Installed) -> Any:
    from smos_cli.adapters.onnx.judge import OnnxJudge

    return OnnxJudge(model.folder, model.model_id)


def _llama_embedder(model: Installed) -> Any:
    from smos_cli.adapters.llamacpp.embedder import LlamaEmbedder

    return LlamaEmbedder(model.folder, model.model_id)


def _llama_extractor(model: Installed) -> Any:
    from smos_cli.adapters.llamacpp.extractor import LlamaExtractor

    return LlamaExtractor(model.folder, model.model_id)


def _server_embedder(client: Client, model: str) -> Any:
    from smos_cli.adapters.server.embedder import ServerEmbedder

    return ServerEmbedder(client, model)


def _server_reranker(client: Client, model: str) -> Any:
    from smos_cli.adapters.server.reranker import ServerReranker

    return ServerReranker(client, model)


def _server_judge(client: Client, model: str) -> Any:
    from smos_cli.adapters.server.judge import ServerJudge

    return ServerJudge(client, model)


def _server_extractor(client: Client, model: str) -> Any:
    from smos_cli.adapters.server.extractor import ServerExtractor

    return ServerExtractor(client, model)


_PLAYED: Mapping[tuple[str, str], Callable[[Installed], Any]] = {
    ("onnx", "embedder"): _onnx_embedder,
    ("onnx", "reranker"): _onnx_reranker,
    ("onnx", "judge"): _onnx_judge,
    ("gguf", "embedder"): _llama_embedder,
    ("gguf", "extractor"): _llama_extractor,
}
"""By format and role."""
_PLAYED_BY_SERVERS: Mapping[str, Callable[[Client, str], Any]] = {
    "embedder": _server_embedder,
    "reranker": _server_reranker,
    "judge": _server_judge,
    "extractor": _server_extractor,
}
