-- +goose Up
-- Who sends a notice, and until when it is only his: what a daemon held that died
-- goes again when its lease has ended.
ALTER TABLE notice ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE notice ADD COLUMN lease_until TEXT;

-- Whose a task is that one daemon does at a time.
CREATE TABLE lease (
    task  TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until TEXT NOT NULL
);
