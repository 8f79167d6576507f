-- Changes of a side of the roster (kind 3) are few; a start reads them all.
CREATE INDEX entry_change ON entry (log, number) WHERE kind = 3;
