-- +goose Up
-- What programs were answered to what they may ask again: of some days, and never many.
CREATE TABLE answer (
    id       INTEGER PRIMARY KEY,
    token    TEXT NOT NULL,                  -- the hash of who asked
    key      TEXT NOT NULL,
    asked    TEXT NOT NULL,                  -- a hash of what was asked
    status   INTEGER NOT NULL,
    body     BLOB NOT NULL,
    given_at TEXT NOT NULL,
    UNIQUE (token, key)
);
CREATE INDEX answer_given ON answer (given_at);
CREATE INDEX answer_token ON answer (token, id);
