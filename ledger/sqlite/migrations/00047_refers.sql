-- +goose Up
-- How PostgreSQL sees that what a row refers to is there; SQLite does it well as it is. The
-- number is that of both.
SELECT 1;
