-- +goose Up
-- Which rows of the other tables a transaction changed, and a hash of each as it
-- was then: verify proves the tables by it. The entry's own hash covers it; the
-- hashes of older entries, without any, stay as they were computed.
ALTER TABLE journal ADD COLUMN rows TEXT NOT NULL DEFAULT '';
