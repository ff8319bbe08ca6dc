-- +goose Up
-- Programs that are let in.
CREATE TABLE token (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    hash       TEXT NOT NULL UNIQUE,           -- SHA-256 of what the program sends
    created_at TEXT NOT NULL,
    removed_at TEXT
);
CREATE UNIQUE INDEX token_name ON token (name) WHERE removed_at IS NULL;
