-- +goose Up
-- Files that come with what units say, and their bytes in pieces of 256 KB.
CREATE TABLE attachment (
    id         INTEGER PRIMARY KEY,
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    sha256     TEXT NOT NULL,
    came_with  TEXT NOT NULL,
    sent_by    TEXT NOT NULL,
    sent_at    TEXT NOT NULL,
    removed_at TEXT,
    removed_by TEXT NOT NULL DEFAULT '',
    reason     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX attachment_occurrence ON attachment (occurrence);
CREATE TABLE attachment_piece (
    id         INTEGER PRIMARY KEY,
    attachment INTEGER NOT NULL REFERENCES attachment (id),
    number     INTEGER NOT NULL,
    bytes      BLOB NOT NULL,
    UNIQUE (attachment, number)
);
