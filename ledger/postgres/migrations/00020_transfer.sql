-- +goose Up
-- Where an occurrence was transferred: whom the rules ask for it, and who has it now.
ALTER TABLE occurrence ADD COLUMN origin text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE occurrence ADD COLUMN transferred text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX occurrence_received ON occurrence (plan, obligation) WHERE origin <> '';
-- The unit that an item belongs to, as who says that it is not his own knows.
ALTER TABLE request ADD COLUMN to_unit text COLLATE "C" NOT NULL DEFAULT '';
