-- +goose Up
-- How far programs have been told what the journal says, and the last posts to each.
CREATE TABLE webhook (
    name     text COLLATE "C" PRIMARY KEY,
    seq      bigint NOT NULL,
    since    text COLLATE "C",
    tries    bigint NOT NULL DEFAULT 0,
    next_try text COLLATE "C",
    paused   text COLLATE "C",
    reason   text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE TABLE webhook_try (
    webhook text COLLATE "C" NOT NULL,
    number  bigint NOT NULL,
    at      text COLLATE "C" NOT NULL,
    entry   bigint NOT NULL,
    what    text COLLATE "C" NOT NULL,
    about   text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    detail  text COLLATE "C" NOT NULL,
    PRIMARY KEY (webhook, number)
);
