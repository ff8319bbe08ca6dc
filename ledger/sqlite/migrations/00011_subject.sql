-- +goose Up
-- What an entry is about, in two columns instead of one text: its kind, and which
-- of that kind. The text, which the hashes have, follows from them.
DROP TRIGGER journal_keeps;
DROP INDEX journal_subject;
ALTER TABLE journal ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE journal ADD COLUMN ref  TEXT NOT NULL DEFAULT '';  -- of an occurrence PLAN:OBLIGATION/UNIT/PERIOD, of a notice its number …
UPDATE journal SET kind = 'occurrence', ref = subject
WHERE instr(subject, ':') > 0 AND instr(substr(subject, 1, instr(subject, ':')), ' ') = 0;
UPDATE journal SET kind = substr(subject, 1, instr(subject || ' ', ' ') - 1), ref = substr(subject, instr(subject || ' ', ' ') + 1)
WHERE kind = '';
ALTER TABLE journal DROP COLUMN subject;
CREATE INDEX journal_about ON journal (kind, ref);
-- +goose StatementBegin
CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
