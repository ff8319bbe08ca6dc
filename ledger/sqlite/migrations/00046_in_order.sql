-- +goose Up
-- What a unit owes is asked for by the day on which it is due: by its next reminder nobody
-- asks, and each that was told moved in the index.
DROP INDEX occurrence_unit;
CREATE INDEX occurrence_unit ON occurrence (unit, due);
