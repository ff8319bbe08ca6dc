-- +goose Up
-- Lists go page by page in this order. What goes on is little, and has an index of its own,
-- as what has ended has: a page of both begins in each where the last one ended, and reads
-- no more than it shows.
DROP INDEX occurrence_ongoing;
CREATE INDEX occurrence_ongoing ON occurrence (due, plan, obligation, unit, period) WHERE state IN ('open', 'reported');
