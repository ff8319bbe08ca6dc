-- +goose Up
-- What has ended and is old is put aside, into tables of its year that are made when they
-- are needed (ledger/tables/years.go). What tells of an occurrence stays, and refers to it
-- wherever it lies; that its number is that of one verify proves. What a table refers to
-- SQLite changes only by its text.
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = replace(sql, ' REFERENCES occurrence (id)', '') WHERE type = 'table';
PRAGMA writable_schema = RESET;
