-- +goose Up
-- What was transferred is little: charts ask when it was due, of both ends of a transfer, and
-- are not to look through all that a unit ever had.
CREATE INDEX occurrence_received_due ON occurrence (due) WHERE origin <> '';
CREATE INDEX occurrence_handed_on ON occurrence (due) WHERE transferred <> '';
