-- +goose NO TRANSACTION
-- +goose Up
-- What is due is claimed in the order in which it was made: all that a tick makes is due at
-- one moment, and each claim sorted the whole of it. And what a unit owes is asked for by the
-- day on which it is due: by its next reminder nobody asks, and each that was told moved in
-- the index.
--
-- Each statement stands alone: who writes waits while an index is made, who reads for the
-- moment in which one goes, and none of them can wait for two. One that was interrupted is
-- done once more.
CREATE INDEX IF NOT EXISTS notice_in_order ON notice (channel, next_attempt, id) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS notice_state ON notice (state, id);
CREATE INDEX IF NOT EXISTS occurrence_of_unit ON occurrence (unit, due);
SET lock_timeout = '10s';
DROP INDEX IF EXISTS notice_due;
DROP INDEX IF EXISTS occurrence_unit;
RESET lock_timeout;
