-- +goose Up
-- Who may use the page.
CREATE TABLE account (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    password   TEXT NOT NULL,                  -- Argon2id, PHC string
    created_at TEXT NOT NULL,
    removed_at TEXT
);

CREATE TABLE session (
    token      TEXT PRIMARY KEY,               -- a hash of what the browser holds
    data       BLOB NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);

-- What units ask of those who supervise them.
CREATE TABLE request (
    id         INTEGER PRIMARY KEY,
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    kind       TEXT NOT NULL CHECK (kind IN ('extension', 'not-ours')),
    to_day     TEXT,                           -- of an extension: the due date asked for
    reason     TEXT NOT NULL,
    asked_by   TEXT NOT NULL,
    asked_at   TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
    answer     TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at TEXT
);
CREATE UNIQUE INDEX request_open ON request (occurrence, kind) WHERE state = 'open';
CREATE INDEX request_occurrence ON request (occurrence);
