-- +goose Up
-- An edit of a rule asks what there is of it that may change: little, in a ledger that has
-- ten years of what was closed.
CREATE INDEX occurrence_standing ON occurrence (plan, obligation) WHERE state IN ('open', 'reported', 'cancelled');
