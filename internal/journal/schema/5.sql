-- What neutral witnesses cosigned of this station's own logs (spec/WITNESS.md): of each size the first time.
CREATE TABLE witnessed (
    line        BLOB NOT NULL CHECK (length(line) = 32),
    log         BLOB NOT NULL CHECK (length(log) = 16), -- as the origin of the checkpoint names it
    size        INTEGER NOT NULL,
    witness     TEXT NOT NULL, -- its verifier key
    checkpoint  BLOB NOT NULL, -- the note
    cosignature BLOB NOT NULL, -- the line below it
    PRIMARY KEY (line, log, size, witness)
) STRICT, WITHOUT ROWID;
