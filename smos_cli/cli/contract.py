"""Results as the objects of the JSON contract, schema 1 (``man/smos-json.5``). A schema only ever grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from smos_cli.core.ulid import created, make

if TYPE_CHECKING:
    from smos_cli.core.answering import Hit
    from smos_cli.core.block import Blocked
    from smos_cli.core.choice import Choice
    from smos_cli.core.diff import Compared
    from smos_cli.core.finding import Finding
    from smos_cli.core.lives import Step
    from smos_cli.core.memory import Memory
    from smos_cli.core.passages import Passage
    from smos_cli.core.personas import PersonaInfo
    from smos_cli.core.queue import Job
    from smos_cli.core.recall import Recalled
    from smos_cli.core.reembedding import Embedded
    from smos_cli.core.refresh import Report
    from smos_cli.core.remember import Remembered
    from smos_cli.core.status import Status
    from smos_cli.core.sync import Synced
    from smos_cli.core.undo import Undone
    from smos_cli.core.verify import Verified

SCHEMA = 1


def memory(item: Memory) -> dict[str, Any]:
    """Return a memory as ``list`` and ``show`` print it."""
    return {
        "id": item.id or item.path,
        "ref": item.ref or item.id or item.path,
        "kind": item.kind,
        "status": item.status,
        "confidence": item.confidence,
        "created": item.created or None,
        "valid_from": item.valid_from or None,
        "valid_to": item.valid_to or None,
        "tags": list(item.tags),
        "pinned": item.pinned,
        "text": item.text,
        "path": item.path,
        "via": item.via or None,
        "session": item.session.partition("#")[0] or None,
        "turn": item.session.partition("#^")[2] or None,
        "sources": list(item.sources),
    }


def remembered(result: Remembered) -> dict[str, Any]:
    """Return what ``remember`` prints."""
    return {"schema": SCHEMA, "outcome": result.outcome, "memory": memory(result.memory), "conflicts": []}


def recalled(result: Recalled, persona: str, *, why: bool, identity: Any = None) -> dict[str, Any]:
    """Return what ``recall`` prints for one query; ``identity`` is the asker's own, any JSON value."""
    return {
        "schema": SCHEMA,
        **({} if identity is None else {"id": identity}),
        "query": result.query,
        "hits": [hit(item, persona, why=why) for item in result.hits],
        "left_out": result.left_out,
        "tokens": result.tokens,
        "took_ms": round(result.took_ms, 1),
        "degraded": bool(result.degraded or result.warnings),
        **({"budget": result.budget, "over_budget": len(result.over_budget)} if result.budget else {}),
        **({"runners_up": [hit(item, persona, why=True) for item in result.runners_up]} if why else {}),
    }


def blocked(result: Blocked, persona: str, *, why: bool, identity: Any = None) -> dict[str, Any]:
    """Return what ``recall --format block`` prints for one query: what was recalled, and the block made of it."""
    block = result.block
    made = {
        "text": block.text,
        "tokens": block.tokens,
        "budget": block.budget,
        "used": list(block.used),
        "left_out": block.left_out,
    }
    return {**recalled(result.recalled, persona, why=why, identity=identity), "block": made}


def hit(item: Hit, persona: str, *, why: bool) -> dict[str, Any]:
    """Return one hit of ``recall``."""
    found = item.found
    source = found.memory
    is_turn = found.role == "episode"
    return {
        "id": item.id,
        "ref": item.ref,
        "text": found.passage.text,
        "score": round(item.score, 4),
        "relevance": round(item.relevance, 3),
        "weak": item.weak,
        "kind": source.kind,
        "status": source.status,
        "confidence": source.confidence,
        "created": found.passage.time or source.created or None,
        "valid_from": source.valid_from or None,
        "valid_to": source.valid_to or None,
        "tags": list(source.tags),
        "conflicts_with": list(found.conflicts_with),
        "superseded_by": list(found.superseded_by),
        "speaker": found.passage.speaker or source.speaker or None,
        "session": source.session.partition("#")[0] or None,
        "turn": (found.passage.turn if is_turn else source.session.partition("#^")[2]) or None,
        "project": source.project or None,
        "persona": persona,
        "path": source.path,
        "heading": found.passage.heading or None,
        **({"neighbours": list(map(_neighbour, item.neighbours))} if is_turn else {}),
        **(_why(item) if why else {}),
    }


def _neighbour(said: Passage) -> dict[str, Any]:
    return {"turn": said.turn, "speaker": said.speaker or None, "time": said.time or None, "text": said.text}


def _why(item: Hit) -> dict[str, Any]:
    signals = [
        {
            "signal": signal.name,
            "value": round(signal.value, 4),
            "weight": round(signal.weight, 4),
            "contribution": round(signal.contribution, 4),
            "rank": signal.rank,
        }
        for signal in item.signals
    ]
    return {"why": {name: round(value, 4) for name, value in item.why.items()}, "signals": signals}


def report(result: Report) -> dict[str, Any]:
    """Return what ``import`` and ``index`` print."""
    return {
        "schema": SCHEMA,
        "seen": result.seen,
        "stored": result.stored,
        "duplicates": result.duplicates,
        "skipped": result.skipped,
        "failed": result.failed,
        "removed": result.removed,
        "problems": [{"where": problem.where, "reason": problem.reason} for problem in result.problems],
    }


def status(result: Status, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``status`` prints."""
    counts = result.counts
    return {
        "schema": SCHEMA,
        "persona": result.persona,
        **extra,
        "counts": dict(counts._asdict()) if counts else None,
        "index": dict(result.index),
        "search": _choice(result.choice),
        "embedding": embedding(result.embedded) if result.embedded else None,
        "fresh": result.fresh,
        "queue": dict(result.queue) if result.queue is not None else None,
    }


def embedding(made: Embedded) -> dict[str, Any]:
    """Return whose vectors answer, and how far those of the wanted model are."""
    return {
        "used": made.used,
        "wanted": made.wanted,
        "done": made.done,
        "total": made.total,
        "running": made.at_work,
        "failed": made.failed or None,
    }


def _choice(made: Choice | None) -> dict[str, Any]:
    if made is None:
        return {"method": "exact", "rows": None, "exact_ms": None, "hnsw_ms": None}
    return {
        "method": made.method,
        "rows": made.rows,
        "exact_ms": made.exact_ms or None,
        "hnsw_ms": made.hnsw_ms or None,
    }


def finding(item: Finding) -> dict[str, Any]:
    """Return one finding of ``doctor``."""
    return {"level": item.level, "where": item.where, "what": item.what, "remedy": item.remedy}


def job(item: Job) -> dict[str, Any]:
    """Return a job as ``queue list`` prints it."""
    return {
        "id": item.number,
        "state": item.state,
        "episode": item.task.episode,
        "extractor": item.task.extractor,
        "attempts": item.attempts,
        "due": created(make(item.due, b"")),
        "reason": item.reason or None,
        "kept": item.kept or None,
    }


def verified(result: Verified) -> dict[str, Any]:
    """Return what ``audit verify`` prints."""
    return {
        "schema": SCHEMA,
        "findings": [finding(item) for item in result.findings],
        "counts": dict(result.counts._asdict()),
    }


def persona(item: PersonaInfo) -> dict[str, Any]:
    """Return a persona as ``persona list`` and ``show`` print it."""
    return {
        "name": item.name,
        "path": item.path,
        "adopted": item.adopted,
        "model_folders": list(item.model_folders),
        "default": item.is_default,
        "there": item.there,
    }


def change(item: Step) -> dict[str, Any]:
    """Return one commit as ``log`` prints it."""
    told, commit = item.told, item.commit
    return {
        "commit": commit.name,
        "time": commit.time,
        "verb": told.verb,
        "ids": list(told.ids),
        "count": told.size,
        "door": told.door,
        "actor": told.actor or commit.author,
        "why": told.why,
        "subject": told.subject,
        "undoes": told.undoes or None,
        "paths": [file.path for file in item.files],
    }


def compared(result: Compared) -> dict[str, Any]:
    """Return what ``diff`` prints."""
    return {
        "schema": SCHEMA,
        "from": result.before or None,
        "to": result.after or None,
        "files": [
            {
                "path": file.path,
                "was": file.was or None,
                "id": file.identity or file.path,
                "status": file.status,
                "diff": file.diff,
            }
            for file in result.files
        ],
    }


def undone(result: Undone) -> dict[str, Any]:
    """Return what ``undo`` prints."""
    return {
        "schema": SCHEMA,
        "undone": result.commit.name,
        "verb": result.told.verb,
        "subject": result.told.subject,
        "ids": [memory.id or memory.path for memory in result.memories],
        "paths": list(result.paths),
    }


def synced(result: Synced) -> dict[str, Any]:
    """Return what ``sync`` prints."""
    return {
        "remote": result.remote,
        "sent": result.sent,
        "received": result.received,
        "merged": result.merged,
        "conflicts": [{"id": one.identity, "copy": one.copy, "path": one.path} for one in result.conflicts],
        "put_away": list(result.put_away),
        "erased": list(result.erased),
        "rewritten": result.rewritten,
        "offline": bool(result.offline),
    }
