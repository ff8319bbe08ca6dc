-- +goose Up
-- The day off after due that the rule names; late begins after it. NULL: due itself.
ALTER TABLE occurrence ADD COLUMN named TEXT;
