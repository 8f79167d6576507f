-- Refused frames are counted by line, channel and reason, with the first and the last time, and never listed: whoever
-- sends them for ever fills nothing.
CREATE TABLE refused (
    line    BLOB NOT NULL CHECK (length(line) = 32), -- zero: of no line that is known
    channel TEXT NOT NULL,
    reason  TEXT NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (line, channel, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO refused SELECT
    coalesce((SELECT line FROM refused_frame f WHERE f.channel = c.channel AND f.reason = c.reason LIMIT 1), zeroblob(32)),
    channel, reason,
    coalesce((SELECT min(at) FROM refused_frame f WHERE f.channel = c.channel AND f.reason = c.reason), 0),
    coalesce((SELECT max(at) FROM refused_frame f WHERE f.channel = c.channel AND f.reason = c.reason), 0),
    count
    FROM refused_count c;
DROP TABLE refused_frame;
DROP TABLE refused_count;

-- Flash is looked for by itself, however much else there is.
CREATE INDEX entry_flash ON entry (precedence, seq) WHERE precedence = 1;
