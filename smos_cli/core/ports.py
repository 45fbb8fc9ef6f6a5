"""What the core asks of the outside: small protocols, each with one adapter and one fake.

Owns the shapes that cross a port. No implementation lives here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from smos_cli.core import ulid
from smos_cli.core.ranking import DEFAULT, Weights

if TYPE_CHECKING:
    from smos_cli.core.auditing import Machine
    from smos_cli.core.history import History
    from smos_cli.core.memory import Memory
    from smos_cli.core.models import Reranker
    from smos_cli.core.passages import Passage
    from smos_cli.core.past import Past
    from smos_cli.core.ranking import Signals
    from smos_cli.core.reembedding import Embedded
    from smos_cli.core.selection import Selection


class Stamp(NamedTuple):
    """What the file system says of one file: enough to tell that its content may have changed."""

    path: str
    """relative to the vault, with ``/``"""
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Problem(NamedTuple):
    """Something that was not read or not stored, and why. ``where`` is a path, or a file and line."""

    where: str
    reason: str


class Scan(Protocol):
    """One listing of the vault's Markdown files. It is cheap until ``stamps`` is called."""

    fingerprint: str
    """a digest of everything below; equal fingerprints mean an unchanged vault"""

    def stamps(self) -> Sequence[Stamp]:
        """Return every file that is read, sorted by path."""

    def problems(self) -> Sequence[Problem]:
        """Return what was passed over: folders that can't be opened, links, names that are not UTF-8."""

    def started_ns(self) -> int:
        """Return when the listing began, as ns since 1970 by this machine's clock."""


class Blob(NamedTuple):
    """A file's content and the stamp it had while it was read."""

    data: bytes
    stamp: Stamp
    etag: str


class Vault(Protocol):
    """The files. Every write is durable when it returns. All paths are relative, with ``/``.

    Raises ``StorageError`` when the disk refuses, ``NotFoundError`` when a file is not there.
    """

    base: str
    """``""``, or ``"smos/"`` in an adopted folder: our own files are only below it"""

    def scan(self) -> Scan:
        """List the Markdown files; ``VaultMissingError`` when the vault's folder is not there.

        While the lock is held, temporary files that writers left over when they died are deleted.
        """

    def read(self, path: str) -> Blob:
        """Read one file; what is returned was the file at one moment."""

    def create(self, files: Mapping[str, bytes]) -> None:
        """Write new files; ``StaleError`` if one exists."""

    def replace(self, path: str, data: bytes, etag: str) -> None:
        """Write over one file; ``StaleError`` unless it still has this etag."""

    def move(self, source: str, target: str) -> None:
        """Rename a file inside the vault; ``StaleError`` if the target exists."""

    def append(self, path: str, data: bytes) -> None:
        """Add whole lines to a file, which is made where there is none; where that fails it is as it was.

        What stands behind its last newline goes first: a power cut left it of a line that nobody was told of.
        """

    def remove(self, path: str) -> None:
        """Delete a file for good."""

    def names(self, folder: str) -> Sequence[str]:
        """Return the names in a folder, sorted; none when it is not there."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the vault against other writers; ``IndexBusyError`` when it is not given up in time."""


class Entry(NamedTuple):
    """One file as the index takes it in."""

    stamp: Stamp
    digest: str
    """sha256 of the bytes, hex"""
    role: str
    """``memory``, ``episode`` or ``note``"""
    memory: Memory | None
    """of an episode: its id, dates and project"""
    passages: Sequence[Passage]
    problem: str = ""


class Stored(NamedTuple):
    """What the index holds of one file, for the merge with a scan: flat, because there are many of them."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    digest: str
    problem: str

    @property
    def stamp(self) -> Stamp:
        """The stamp it had when it was taken in."""
        return Stamp._make(self[:5])


class Question(NamedTuple):
    """What is asked of the index: the words for BM25, the text for the vectors, and what may answer."""

    text: str
    terms: Sequence[str]
    selection: Selection
    looked_up: bool = False
    """it is nothing but a word or two that are looked for, such as a name"""
    aside: frozenset[str] = frozenset()
    """those of its terms that say when, or what kind of answer it wants, and not what it is about"""
    identifiers: Sequence[str] = ()
    """those of its terms that stand for an identifier as a whole, or all where it is ``looked_up``"""
    interval: tuple[int, int, bool] | None = None
    """the days it names, from the first to the one after the last, counted from 1970-01-01; whether of any year"""
    today: int | None = None
    """the day of asking, counted so; None when nobody knows"""
    weights: Weights = DEFAULT
    depth: int = 1000
    """how many candidates are wanted"""


class Found(NamedTuple):
    """A passage that was asked for by number, with the memory it belongs to."""

    number: int
    ordinal: int
    passage: Passage
    memory: Memory
    role: str
    conflicts_with: Sequence[str]
    superseded_by: Sequence[str]


class Counts(NamedTuple):
    """How much an index holds."""

    memories: int
    pending: int
    archived: int
    episodes: int
    turns: int
    notes: int
    passages: int
    problems: int


class IndexSession(Protocol):
    """An open index. Reading needs no more than ``session(write=False)``."""

    def fingerprint(self) -> str:
        """Return the fingerprint of the scan this index agrees with, or an empty text."""

    def stored(self) -> Iterator[Stored]:
        """Yield every file, sorted by path."""

    def write(self, entries: Sequence[Entry], removed: Iterable[str], fingerprint: str) -> None:
        """Take in and drop files, by path, in one transaction with the fingerprint they lead to."""

    def score(self, question: Question) -> Signals:
        """Score every passage that may answer and return the best, by the weights of the question, in any order."""

    def alike(self, numbers: Sequence[int]) -> Sequence[Sequence[float]]:
        """Return the cosine of each of some passages with each of them; nothing where there are no vectors."""

    def passages(self, numbers: Sequence[int], as_of: str = "") -> Sequence[Found]:
        """Return passages by number, in the order asked for, linked as they were at a date if one is given."""

    def bare(self, numbers: Sequence[int]) -> Mapping[int, tuple[int, Passage]]:
        """Return the place in its file and the passage, without its memory, of each number that there is."""

    def memories(self, selection: Selection) -> Sequence[Memory]:
        """Return memories, episodes and notes newest first, each with its first passage for a body."""

    def statements(self, selection: Selection) -> Sequence[Found]:
        """Return the first passage of each memory newest first; of standing ones, the pinned before the others."""

    def counts(self) -> Counts:
        """Count what is there."""

    def note(self, key: str, value: str | None = None) -> str:
        """Return a remark kept beside the fingerprint, after setting it when a value is given."""


class Index(Protocol):
    """The rebuildable index of one vault."""

    def session(self, *, write: bool = False, wait: float | None = None) -> AbstractContextManager[IndexSession]:
        """Open it; ``IndexBusyError`` after ``wait`` seconds. An index that is not ours or damaged is made anew."""

    def rebuild(self) -> AbstractContextManager[IndexSession]:
        """Open an index made beside the old one, which it replaces when the block ends without an error.

        It is empty, or has what a rebuild that was stopped or killed had taken in.
        """

    def seen(self) -> str:
        """Return the fingerprint it had when last written, as far as can be told without opening it: a hint."""

    def settle(self, progress: Progress) -> None:
        """Do beside a refresh what takes long and only makes it faster; ``StoppedError`` when it is interrupted."""

    def drop(self) -> None:
        """Delete the index with all vectors."""

    def describe(self) -> Mapping[str, str | int]:
        """Return where it is, its size in bytes and which model made its vectors."""

    def trouble(self) -> str:
        """Say why no vectors were used when it was last open, or none of the wanted model; else nothing."""

    def embedded(self) -> Embedded:
        """Return whose vectors answer, and how far those of the wanted model are."""

    def reembed(self, progress: Progress) -> Embedded:
        """Make every passage a vector of the wanted model, and take them into use once all are there.

        Errors as of ``reembedding.reembed``.
        """


Clock = Callable[[], int]
"""Returns ms since 1970."""
Entropy = Callable[[int], bytes]
"""Returns that many random bytes."""
CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Returns what each of some texts costs a model, in tokens of the tokenizer in use."""
Progress = Callable[[str, int, int], None]
"""Called with what is done, how far, and of how many."""


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a use case may touch, and on whose behalf."""

    vault: Vault
    index: Index
    history: History
    past: Past
    machine: Machine
    clock: Clock
    entropy: Entropy
    timer: Callable[[], float]
    progress: Progress
    count_tokens: CountTokens
    persona: str = "bob"
    door: str = "shell"
    actor: str = ""
    reason: str = ""
    """why the user makes a change, in their words"""
    episodes: str = "local"
    """``local``: kept out of the history; ``versioned``: in it; ``off``: not kept at all"""
    budget: int = 1500
    """tokens that a block for a model has unless its query says otherwise"""
    standing_share: float = 1 / 3
    """of a block's budget, what its standing memories may take"""
    model_folders: tuple[str, ...] | None = None
    """folders whose notes a model may see; None: all of them"""
    reranker: Callable[[], Reranker | None] | None = None
    """returns who reads the best candidates once more, loaded or not; None: nobody does"""

    def new_id(self, milliseconds: int | None = None) -> str:
        """Return a fresh ULID of now, or of another time in ms since 1970."""
        return ulid.make(self.clock() if milliseconds is None else milliseconds, self.entropy(10))

    def now(self) -> str:
        """Return the time as ISO-8601 UTC to the second."""
        return ulid.created(self.new_id())
