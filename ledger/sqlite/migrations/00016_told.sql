-- +goose Up
-- What a unit has heard of a duty: told and retired_at together say whether it has
-- yet to hear that the duty is its own, or no longer. Of what was over before that
-- was kept nobody hears any more.
UPDATE duty SET told = 0 WHERE retired_at IS NOT NULL AND told = 1;
CREATE INDEX duty_released ON duty (unit) WHERE told = 1 AND retired_at IS NOT NULL;

-- The day on which an event was recorded that started the occurrence, until its
-- unit has been told.
ALTER TABLE occurrence ADD COLUMN started_on TEXT;
