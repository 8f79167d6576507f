-- The words are those of the package; spec/FLOW.md says what the facts mean.
-- A log has a name of 16 bytes, and within the file a small id, which keeps the indexes on it small.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    id              INTEGER PRIMARY KEY,
    name            BLOB NOT NULL UNIQUE CHECK (length(name) = 16),
    line            BLOB NOT NULL CHECK (length(line) = 32),
    party           TEXT NOT NULL,
    mine            INTEGER NOT NULL,
    size            INTEGER NOT NULL,
    head            BLOB NOT NULL CHECK (length(head) = 32),
    frontier        BLOB NOT NULL,
    checkpoint      BLOB NOT NULL,
    checkpoint_size INTEGER NOT NULL,
    cosigned        BLOB NOT NULL,
    cosigned_size   INTEGER NOT NULL,
    halted          TEXT NOT NULL,
    refusals_seen   INTEGER NOT NULL
) STRICT;
CREATE INDEX log_line ON log (line);

-- seq is the order of arrival in this journal, over all logs.
CREATE TABLE entry (
    seq        INTEGER PRIMARY KEY,
    log        INTEGER NOT NULL, -- log.id
    number     INTEGER NOT NULL CHECK (number > 0),
    leaf       BLOB NOT NULL CHECK (length(leaf) = 32),
    at         INTEGER NOT NULL,
    draft      BLOB CHECK (length(draft) = 16), -- NULL: none, or not to be counted as used
    precedence INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    kind       INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    reason     INTEGER NOT NULL,
    ahead      INTEGER NOT NULL,
    bytes      BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_number ON entry (log, number);
CREATE UNIQUE INDEX entry_draft ON entry (draft, log) WHERE draft IS NOT NULL;
-- What is still to be settled, in the order in which it leaves.
CREATE INDEX entry_leaving ON entry (log, precedence, number);
-- The few entries that people look for and a scan would have to search for.
CREATE INDEX entry_undecided ON entry (state, seq) WHERE state <> 2;

CREATE TABLE single (
    log    INTEGER NOT NULL, -- log.id
    number INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (log, number)
) STRICT, WITHOUT ROWID;

-- seq counts the refusals of one log from 1 without gaps: "I hold the first k" is a fact that a report can state.
CREATE TABLE refusal (
    log    INTEGER NOT NULL, -- log.id
    seq    INTEGER NOT NULL,
    number INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (log, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX refusal_number ON refusal (log, number);

CREATE TABLE draft (
    draft      BLOB PRIMARY KEY CHECK (length(draft) = 16),
    line       BLOB NOT NULL CHECK (length(line) = 32),
    at         INTEGER NOT NULL,
    precedence INTEGER NOT NULL,
    status     INTEGER NOT NULL,
    content    BLOB NOT NULL,
    approvals  BLOB NOT NULL
) STRICT;
CREATE INDEX draft_line ON draft (line, at);

-- Per entry, channel and direction: the first time, the last time, and how often; never every copy.
CREATE TABLE fate (
    log       INTEGER NOT NULL, -- log.id
    number    INTEGER NOT NULL,
    channel   TEXT NOT NULL,
    direction INTEGER NOT NULL,
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (log, number, channel, direction)
) STRICT, WITHOUT ROWID;

CREATE TABLE refused_frame (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    channel TEXT NOT NULL,
    line    BLOB NOT NULL,
    reason  TEXT NOT NULL
) STRICT;
CREATE TABLE refused_count (
    channel TEXT NOT NULL,
    reason  TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (channel, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE fork (
    seq   INTEGER PRIMARY KEY,
    line  BLOB NOT NULL CHECK (length(line) = 32),
    log   INTEGER NOT NULL, -- log.id
    bytes BLOB NOT NULL,
    UNIQUE (log, bytes)
) STRICT;
