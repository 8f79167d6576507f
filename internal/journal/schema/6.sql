-- Entries that were written in a generation of a log after it was closed, or were not held by the other side then: their
-- content is numbered anew (spec/GENERATION.md §6).
CREATE TABLE stray (
    seq   INTEGER PRIMARY KEY,
    line  BLOB NOT NULL CHECK (length(line) = 32),
    party TEXT NOT NULL,
    draft BLOB NOT NULL CHECK (length(draft) = 16),
    shown INTEGER NOT NULL,  -- 1: it was believed under its old number, and told to people
    place INTEGER NOT NULL,  -- the number that it has now; 0: none yet
    bytes BLOB NOT NULL,
    UNIQUE (line, party, draft)
) STRICT;

-- Generation statements of both logs of a line, in the order in which they were learned (spec/GENERATION.md §3).
CREATE TABLE generation (
    seq   INTEGER PRIMARY KEY,
    line  BLOB NOT NULL CHECK (length(line) = 32),
    party TEXT NOT NULL,     -- whose log it is of
    bytes BLOB NOT NULL
) STRICT;
