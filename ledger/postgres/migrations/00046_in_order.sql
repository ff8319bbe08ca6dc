-- +goose Up
-- What is due is claimed in the order in which it was made: all that a tick makes is due at
-- one moment, and each claim sorted the whole of it. And what a unit owes is asked for by the
-- day on which it is due: by its next reminder nobody asks, and each that was told moved in
-- the index. Who reads waits only for the moment in which the old ones go.
CREATE INDEX notice_in_order ON notice (channel, next_attempt, id) WHERE state = 'pending';
CREATE INDEX notice_state ON notice (state, id);
CREATE INDEX occurrence_of_unit ON occurrence (unit, due);
SET LOCAL lock_timeout = '10s';
DROP INDEX notice_due;
ALTER INDEX notice_in_order RENAME TO notice_due;
DROP INDEX occurrence_unit;
ALTER INDEX occurrence_of_unit RENAME TO occurrence_unit;
SET LOCAL lock_timeout = DEFAULT;
