-- The roots of complete subtrees of 2^level leaves, level 8, 16, 24 or 32, so that a proof about one entry reads some
-- hundred rows, however long the log is. They follow from the leaves.
CREATE TABLE subtree (
    log   INTEGER NOT NULL, -- log.id
    level INTEGER NOT NULL,
    place INTEGER NOT NULL, -- the first leaf is place * 2^level
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (log, level, place)
) STRICT, WITHOUT ROWID;
