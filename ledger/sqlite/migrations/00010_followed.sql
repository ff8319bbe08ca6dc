-- +goose Up
-- What is owed depends on the rules that were followed when it was due: which
-- periods a rule holds, and which rule each duty has followed when.
ALTER TABLE rule ADD COLUMN extent TEXT NOT NULL DEFAULT '';  -- empty: an older version did not keep it

ALTER TABLE duty RENAME COLUMN since TO followed_from;        -- a time now: since when the rule is followed
UPDATE duty SET followed_from = followed_from || 'T00:00:00Z';
-- made_to is the last anchor, no longer the last due date, up to which all has
-- been made; the first tick counts it anew.

CREATE TABLE followed (
    plan       TEXT NOT NULL,
    obligation TEXT NOT NULL,
    unit       TEXT NOT NULL,
    from_at    TEXT NOT NULL,
    to_at      TEXT NOT NULL,
    rule       INTEGER NOT NULL REFERENCES rule (id),
    made_to    TEXT,
    PRIMARY KEY (plan, obligation, unit, to_at)
);

-- The day that an extension granted, in place of the mere fact; and who has been
-- told up to when, each apart.
ALTER TABLE occurrence ADD COLUMN granted TEXT;
UPDATE occurrence SET granted = due WHERE extended = 1;
ALTER TABLE occurrence DROP COLUMN extended;
ALTER TABLE occurrence ADD COLUMN supervisor_told TEXT;       -- as told_through, of the supervisor
UPDATE occurrence SET supervisor_told = told_through;

-- Occurrences that a new version counts otherwise: notices about them are held
-- until somebody has let them go.
CREATE TABLE withheld (occurrence INTEGER PRIMARY KEY REFERENCES occurrence (id));
