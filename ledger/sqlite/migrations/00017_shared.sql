-- +goose Up
-- The files that rules come from, where several daemons share the ledger. One that
-- was taken away stays, as gone: versions only grow.
CREATE TABLE rule_file (
    id      INTEGER PRIMARY KEY,
    path    TEXT NOT NULL UNIQUE,
    text    TEXT NOT NULL,
    version INTEGER NOT NULL,
    changed TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    gone    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX rule_file_version ON rule_file (version);

-- How a channel stands for all daemons: since when the other side is in trouble and
-- until when nobody asks it, and when the next turn to send something is, in
-- milliseconds since 1970.
CREATE TABLE traffic (
    channel TEXT NOT NULL PRIMARY KEY,
    trips   INTEGER NOT NULL DEFAULT 0,
    until   TEXT,
    turn    INTEGER NOT NULL DEFAULT 0
);

-- Which notices a daemon is about to claim, so that others do not make the same
-- mails.
CREATE TABLE reserved (
    notice INTEGER NOT NULL PRIMARY KEY,
    owner  TEXT NOT NULL,
    until  TEXT NOT NULL
);
