-- +goose Up
-- By which channel a notice leaves: what goes to a unit by several is as many
-- notices. All that there are went by mail.
ALTER TABLE notice ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
DROP INDEX notice_due;
CREATE INDEX notice_due ON notice (state, channel, next_attempt);
