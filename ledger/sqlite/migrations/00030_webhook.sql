-- +goose Up
-- How far programs have been told what the journal says, and the last posts to each.
CREATE TABLE webhook (
    name     TEXT NOT NULL PRIMARY KEY,
    seq      INTEGER NOT NULL,
    since    TEXT,
    tries    INTEGER NOT NULL DEFAULT 0,
    next_try TEXT,
    paused   TEXT,
    reason   TEXT NOT NULL DEFAULT ''
);
CREATE TABLE webhook_try (
    webhook TEXT NOT NULL,
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    entry   INTEGER NOT NULL,
    what    TEXT NOT NULL,
    about   TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail  TEXT NOT NULL,
    PRIMARY KEY (webhook, number)
);
