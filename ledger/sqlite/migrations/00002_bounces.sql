-- +goose Up
-- Addresses whose mail came back.
CREATE TABLE failing_address (
    address  TEXT PRIMARY KEY,
    unit     TEXT NOT NULL,
    bounces  INTEGER NOT NULL,
    last_at  TEXT NOT NULL,
    error    TEXT NOT NULL,
    told     INTEGER NOT NULL DEFAULT 0        -- the administrators know
);
