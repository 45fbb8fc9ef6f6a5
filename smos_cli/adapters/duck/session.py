"""An open index: the ``IndexSession`` port. Owns what is asked of DuckDB while the file is open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from smos_cli.adapters.duck import rows
from smos_cli.adapters.duck.opening import interruptible
from smos_cli.adapters.duck.space import NOUGHT
from smos_cli.core.asking import without_names
from smos_cli.core.passages import Passage
from smos_cli.core.ports import Counts, Entry, Found, Question, Stored
from smos_cli.core.selection import Selection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from smos_cli.adapters.duck.passage_rows import PassageRows
    from smos_cli.adapters.duck.scoring import Matches
    from smos_cli.adapters.duck.space import Space
    from smos_cli.adapters.duck.table import Table
    from smos_cli.core.memory import Memory
    from smos_cli.core.ranking import Signals

_RESORT_FROM = 200_000
"""Postings out of order from which the table is sorted again, when they are a quarter of it."""


Tables = dict[str, "Table"]
"""What is known of the passages of an index, by its version: kept between sessions."""


class DuckSession:
    """One connection to one index, whose vectors are those of one space; ``method`` is how they are searched."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, space: Space, tables: Tables, method: str) -> None:
        self._sql = connection
        self.space = space
        self._tables = tables
        self._method = method
        self._remarks: dict[str, str] | None = None

    def create(self, identity: Mapping[str, str]) -> None:
        """Make the tables of an empty file and say what they are of."""
        self._sql.execute("BEGIN")
        self._sql.execute((Path(__file__).parent / "schema.sql").read_text(encoding="utf-8"))
        self._set(
            {**identity, "fingerprint": "", "version": "", "vectors": "0", "links": "0", "masks": "", "unsorted": "0"}
        )
        self._sql.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    def fingerprint(self) -> str:
        return self.note("fingerprint")

    def note(self, key: str, value: str | None = None) -> str:
        if value is not None:
            self._set({key: value})
        return self.remarks().get(key, "")

    def remarks(self) -> dict[str, str]:
        """Return every remark of the index, read once."""
        if self._remarks is None:
            self._remarks = dict(self._sql.execute("SELECT name, value FROM remarks").fetchall())
        return self._remarks

    def _set(self, remarks: Mapping[str, str]) -> None:
        pairs = [text for pair in remarks.items() for text in pair]
        self._sql.execute(f"DELETE FROM remarks WHERE name IN ({', '.join('?' * len(remarks))})", list(remarks))
        self._sql.execute(f"INSERT INTO remarks VALUES {', '.join(['(?, ?)'] * len(remarks))}", pairs)
        self._remarks = None

    def stored(self) -> Iterator[Stored]:
        found = self._sql.execute(f"SELECT {', '.join(Stored._fields)} FROM files ORDER BY path")
        return map(Stored._make, found.fetchall())

    @interruptible()
    def write(self, entries: Sequence[Entry], removed: Iterable[str], fingerprint: str) -> None:
        from smos_cli.adapters.duck.intake import Intake

        # Vectors first: a row without a transaction that names it is harmless, the reverse is not.
        intake = Intake(self._sql, entries)
        intake.embed(self.space)
        with self._transaction():
            self._remove([*removed, *(entry.stamp.path for entry in entries)])
            unsorted = int(self.note("unsorted")) + intake.insert()
            self._set(
                {
                    "unsorted": str(unsorted),
                    "fingerprint": fingerprint,
                    "version": os.urandom(8).hex(),
                    "vectors": str(self.space.size() or self.note("vectors")),
                    "links": str(self._count("links")),
                }
            )
        if fingerprint and unsorted > _RESORT_FROM and unsorted * 4 > self._count("postings"):
            self.sort()

    def sort(self) -> None:
        """Put the postings in order of their term."""
        if self.note("unsorted") == "0":
            return
        # The rest goes to the disk: sorting those of 100,000 memories would take 100 MB more. Where so much is in use
        # already that it can't be, they are sorted in memory.
        with suppress(duckdb.Error):
            self._sql.execute("SET memory_limit = '160MB'")
        self._sql.execute("BEGIN")
        self._sql.execute("CREATE TABLE sorted AS SELECT * FROM postings ORDER BY term, passage")
        self._sql.execute("DROP TABLE postings")
        self._sql.execute("ALTER TABLE sorted RENAME TO postings")
        self.note("unsorted", "0")
        self._sql.execute("COMMIT")
        self._sql.execute("RESET memory_limit")

    def score(self, question: Question) -> Signals:
        from smos_cli.adapters.duck.scoring import match, score

        table = self._table()
        nameless = without_names(question.text, speakers) if (speakers := table.named(question.terms)) else ""
        vector = self.space.question(question.text, nameless or question.text)
        found = match(self._sql, table, question)
        signals = score(question, table, found, self._dots(vector, table, question, found))
        return signals if vector is None else signals._replace(model=self.space.model_id)

    def _dots(
        self, vector: NDArray[np.float32] | None, table: Table, question: Question, found: Matches
    ) -> NDArray[np.float32] | None:
        if vector is None:
            return None
        from smos_cli.adapters.duck.scale import corrected

        near = self.space.near(self._method)
        file = self.space.file
        dots = near.dots(vector, table, question.selection, found.bm25) if near else file.dots(vector)
        return corrected(dots, self._nought())

    def alike(self, numbers: Sequence[int]) -> Sequence[Sequence[float]]:
        if not self.space.embedder:
            return []
        from smos_cli.adapters.duck.scale import corrected

        vectors = self.space.file.vectors(self._table().rows(numbers))
        found: list[list[float]] = corrected(vectors @ vectors.T, self._nought()).tolist()
        return found

    def _nought(self) -> float:
        return float(self.note(NOUGHT) or 0)

    @property
    def rows(self) -> PassageRows:
        """Which row of the vector file each passage has."""
        from smos_cli.adapters.duck.passage_rows import PassageRows

        return PassageRows(self._sql)

    def _table(self) -> Table:
        from smos_cli.adapters.duck.table import Table

        version = self.note("version")
        table = self._tables.get(version)
        if table is None:
            self._tables.clear()
            self._tables[version] = table = Table(self._sql)
        return table.through(self._sql)

    @interruptible()
    def use(self, space: Space, found: Mapping[int, int]) -> None:
        """Take other vectors into use: the row of each passage, in one transaction with whose they are."""
        with self._transaction():
            self.rows.give(found)
            size = str(space.size())
            of = {"model": space.model_id, NOUGHT: space.nought()}
            self._set({**of, "vectors": size, "version": os.urandom(8).hex()})
        self.space = space

    def passages(self, numbers: Sequence[int], as_of: str = "") -> Sequence[Found]:
        if not numbers:
            return []
        linked, values = rows.linked(as_of, any_links=self.note("links") != "0")
        # Two statements that each look up a few numbers: a join would read the whole of both tables.
        found = self._sql.execute(
            f"SELECT p.id, p.ordinal, p.file, {rows.PASSAGE} FROM passages p WHERE p.id IN ({_listed(numbers)})"
        ).fetchall()
        held = self._sql.execute(
            f"SELECT f.id, {rows.MEMORY}, f.role, {linked} FROM files f"
            f" WHERE f.id IN ({_listed({row[2] for row in found})})",
            values,
        ).fetchall()
        files = {row[0]: row[1:] for row in held}
        by_number = {row[0]: rows.joined(row, files[row[2]]) for row in found}
        return [by_number[number] for number in numbers]

    def bare(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Passage]]:
        if not numbers:
            return {}
        found = self._sql.execute(
            f"SELECT p.id, p.ordinal, {rows.PASSAGE} FROM passages p"
            f" WHERE p.id IN ({', '.join(map(str, map(int, numbers)))})"
        ).fetchall()
        return {row[0]: (row[1], Passage._make(row[2:])) for row in found}

    def memories(self, selection: Selection) -> Sequence[Memory]:
        where, values = rows.where(selection)
        limit = f" LIMIT {selection.limit}" if selection.limit else ""
        found = self._sql.execute(
            f"SELECT {rows.MEMORY}, coalesce(p.text, '') FROM files f"
            " LEFT JOIN passages p ON p.file = f.id AND p.ordinal = 0"
            f" WHERE {where} AND f.problem = '' AND f.role <> 'own'"
            f" ORDER BY f.created DESC, f.ulid DESC, f.path{limit}",
            values,
        ).fetchall()
        return [rows.memory(row, row[-1]) for row in found]

    def statements(self, selection: Selection) -> Sequence[Found]:
        # Numbers first: few of many are standing, and all columns of a passage take 5 ms to plan.
        where, values = rows.where(replace(selection, memories_only=True))
        first = f"{rows.STANDING_FIRST}, " if selection.standing else ""
        limit = f" LIMIT {selection.limit}" if selection.limit else ""
        found = self._sql.execute(
            f"SELECT p.id FROM files f JOIN passages p ON p.file = f.id WHERE p.ordinal = 0 AND {where}"
            f" ORDER BY {first}f.created DESC, f.ulid DESC, f.path{limit}",
            values,
        ).fetchall()
        return self.passages([number for (number,) in found], selection.as_of)

    def counts(self) -> Counts:
        row = self._sql.execute(
            "SELECT count(*) FILTER (role = 'memory' AND problem = ''),"
            " count(*) FILTER (role = 'memory' AND problem = '' AND status = 'pending'),"
            " count(*) FILTER (role = 'memory' AND problem = '' AND status = 'archived'),"
            " count(*) FILTER (role = 'episode' AND problem = ''),"
            " (SELECT count(DISTINCT (file, turn)) FROM passages WHERE turn <> ''),"
            " count(*) FILTER (role = 'note' AND problem = ''),"
            " (SELECT count(*) FROM passages), count(*) FILTER (problem <> '') FROM files"
        ).fetchone()
        assert row is not None
        return Counts(*row)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write all of a block, or nothing."""
        self._sql.execute("BEGIN")
        try:
            yield
            self._sql.execute("COMMIT")
        except BaseException:
            # After Ctrl-C in the middle of a commit there is nothing to take back: it is whole, or was never.
            with suppress(duckdb.TransactionException):
                self._sql.execute("ROLLBACK")
            self._remarks = None
            raise

    def _count(self, table: str) -> int:
        row = self._sql.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0

    def _remove(self, paths: Sequence[str]) -> None:
        if not paths or not self._count("files"):
            return
        self._sql.execute(
            "CREATE OR REPLACE TEMP TABLE gone AS SELECT id FROM files"
            " WHERE path IN (SELECT unnest(string_split(?, chr(0))))",
            ["\0".join(paths)],
        )
        if not self._count("gone"):
            return
        self._sql.execute(
            "DELETE FROM postings WHERE passage IN (SELECT id FROM passages WHERE file IN (SELECT id FROM gone))"
        )
        for table, column in (("passages", "file"), ("links", "file"), ("files", "id")):
            self._sql.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM gone)")


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in numbers)
