-- +goose Up
-- What has ended and is old is put aside, into tables of its year that are made when they
-- are needed (ledger/tables/years.go). What tells of an occurrence stays, and refers to it
-- wherever it lies; that its number is that of one verify proves.
ALTER TABLE occurrence DROP CONSTRAINT occurrence_cause_fkey;
ALTER TABLE pause DROP CONSTRAINT pause_occurrence_fkey;
ALTER TABLE request DROP CONSTRAINT request_occurrence_fkey;
ALTER TABLE withheld DROP CONSTRAINT withheld_occurrence_fkey;
ALTER TABLE notice_item DROP CONSTRAINT notice_item_occurrence_fkey;
ALTER TABLE attachment DROP CONSTRAINT attachment_occurrence_fkey;
