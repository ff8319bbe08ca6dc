-- +goose Up
-- What a unit has behind it in a month is asked of that unit alone: the page does after each
-- change, and looked through the whole month of all units.
CREATE INDEX ended_unit ON ended (unit, due);
