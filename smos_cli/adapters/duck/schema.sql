-- The index of one vault. Everything here is derived from the vault's files and can be deleted at any moment.
-- A change of any table raises SCHEMA in index.py, and an index of another schema is made anew.

-- Remarks about the index as a whole.
CREATE TABLE remarks (
    name  VARCHAR NOT NULL,  -- schema | analyzer | model | fingerprint | version | vectors | links | masks | unsorted
    value VARCHAR NOT NULL   -- as text; what it means is said where it is set
);

-- One row for each Markdown file that is read: what the file system said of it, and the memory it holds.
CREATE TABLE files (
    id         INTEGER NOT NULL,    -- number of the file, never used twice in one index
    path       VARCHAR NOT NULL,    -- relative to the vault, with "/"
    size       UBIGINT NOT NULL,    -- bytes
    mtime_ns   BIGINT NOT NULL,     -- last change of the content, ns since 1970
    ctime_ns   BIGINT NOT NULL,     -- last change of the inode; 0 when the file must be read again next time
    inode      UBIGINT NOT NULL,    -- tells a replaced file from an edited one
    digest     VARCHAR NOT NULL,    -- sha256 of the bytes, hex
    problem    VARCHAR NOT NULL,    -- why it could not be read, else empty
    role       VARCHAR NOT NULL,    -- memory | episode | note
    ulid       VARCHAR NOT NULL,    -- id of the memory or episode in upper case, else empty
    suffix     VARCHAR NOT NULL,    -- last eight characters of the id in lower case, as links have them
    kind       VARCHAR NOT NULL,    -- fact, preference ...; "episode" and "note" for those
    status     VARCHAR NOT NULL,    -- accepted | pending | archived
    confidence DOUBLE NOT NULL,     -- 0 to 1
    created    VARCHAR NOT NULL,    -- ISO-8601 UTC, empty when unknown
    updated    VARCHAR NOT NULL,    -- ISO-8601
    valid_from VARCHAR NOT NULL,    -- ISO-8601
    valid_to   VARCHAR NOT NULL,    -- ISO-8601
    tags       VARCHAR[] NOT NULL,  -- in the file's order
    pinned     BOOLEAN NOT NULL,    -- standing, whatever its kind
    via        VARCHAR NOT NULL,    -- the door it came by
    session    VARCHAR NOT NULL,    -- of a memory: link to the turn it came from; of an episode: the client's session id
    speaker    VARCHAR NOT NULL,    -- who said it
    model      VARCHAR NOT NULL,    -- the model that was talked to
    project    VARCHAR NOT NULL,    -- the project it belongs to
    ref        VARCHAR NOT NULL,    -- the id it had where it came from
    file       VARCHAR NOT NULL,    -- the file it came from
    sources    VARCHAR[] NOT NULL,  -- of a memory: links to other turns that said the same
    aliases    VARCHAR[] NOT NULL,  -- other titles that links may use
    body_hash  VARCHAR NOT NULL     -- content hash that recognises an exact repeat
);

-- Links that change what another memory means.
CREATE TABLE links (
    file     INTEGER NOT NULL,  -- the newer file, which holds the link
    relation VARCHAR NOT NULL,  -- supersedes | conflicts
    target   VARCHAR NOT NULL   -- last eight characters of the older memory's id, else the link's text
);

-- What is recalled: a memory, a turn of an episode, a section of a note.
CREATE TABLE passages (
    id         INTEGER NOT NULL, -- number of the passage, never used twice in one index; consecutive within a file
    file       INTEGER NOT NULL, -- files.id
    ordinal    INTEGER NOT NULL, -- place within the file, from 0
    text       VARCHAR NOT NULL, -- as it is shown
    length     INTEGER NOT NULL, -- how many terms it has, for BM25
    row        INTEGER NOT NULL, -- its row in the vector file, -1 when it has no vector
    day        INTEGER NOT NULL, -- when it was said or begins to hold, in days since 1970; -1,000,000 when unknown
    until      INTEGER NOT NULL, -- the last day it holds, in days since 1970; the largest number when it has no end
    confidence FLOAT NOT NULL,   -- files.confidence, repeated so that scoring needs no join
    ref        VARCHAR NOT NULL, -- the id a turn had where it came from
    speaker    VARCHAR NOT NULL, -- who said a turn
    turn       VARCHAR NOT NULL, -- block id of a turn, such as t12
    time       VARCHAR NOT NULL, -- when a turn was said, ISO-8601
    heading    VARCHAR NOT NULL  -- headings of a note above the text, which does not show them
);

-- Which term is in which passage. Kept sorted by term, so that a lookup reads a few blocks of the column.
CREATE TABLE postings (
    term    UBIGINT NOT NULL,   -- first 64 bits of the term's BLAKE2b
    passage INTEGER NOT NULL,   -- passages.id
    count   USMALLINT NOT NULL, -- how often it is in the passage
    length  INTEGER NOT NULL    -- passages.length, repeated so that scoring needs no join
);

-- What is looked up by its number: a dozen passages of many, and their files.
CREATE INDEX passages_id ON passages (id);
CREATE INDEX files_id ON files (id);
