-- +goose Up
-- What goes on of a unit has an index of its own, small enough that what an edit changes by
-- the thousand stands close together: in one of ten million rows each was on a page of its own.
DROP INDEX occurrence_unit;
CREATE INDEX occurrence_unit_ongoing ON occurrence (unit, due) WHERE state IN ('open', 'reported');
CREATE INDEX occurrence_unit_ended ON occurrence (unit, due) WHERE state IN ('closed', 'waived', 'cancelled');
