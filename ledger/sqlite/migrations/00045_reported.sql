-- +goose Up
-- A letter to a supervisor says how much waits for its word, which looked through all that
-- its units owe.
CREATE INDEX occurrence_reported ON occurrence (unit) WHERE state = 'reported';
