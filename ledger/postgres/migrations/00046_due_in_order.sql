-- +goose Up
-- What is due is claimed in the order in which it was made: all that a tick makes is due at
-- one moment, and each claim sorted the whole of it. Who reads waits only for the moment in
-- which the old index goes.
CREATE INDEX notice_in_order ON notice (channel, next_attempt, id) WHERE state = 'pending';
CREATE INDEX notice_state ON notice (state, id);
SET LOCAL lock_timeout = '10s';
DROP INDEX notice_due;
ALTER INDEX notice_in_order RENAME TO notice_due;
SET LOCAL lock_timeout = DEFAULT;
