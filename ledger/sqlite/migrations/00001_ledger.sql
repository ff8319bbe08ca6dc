-- +goose Up
-- Dates are text like 2017-06-09, times are text in UTC like 2017-06-09T09:30:00Z; both sort as they read.

CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE plan (
    id         TEXT PRIMARY KEY,
    signature  TEXT NOT NULL,            -- of the rules and the calendar last adopted
    first_seen TEXT NOT NULL,
    retired_at TEXT
);

-- The text of every rule that an occurrence was ever made from.
CREATE TABLE rule (
    id          INTEGER PRIMARY KEY,
    plan        TEXT NOT NULL,
    obligation  TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    ref         TEXT NOT NULL,
    title       TEXT NOT NULL,
    title_en    TEXT NOT NULL,
    basis       TEXT NOT NULL,
    source      TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    UNIQUE (plan, obligation, fingerprint)
);

-- One obligation of one unit.
CREATE TABLE duty (
    plan       TEXT NOT NULL,
    obligation TEXT NOT NULL,
    unit       TEXT NOT NULL,
    rule       INTEGER NOT NULL REFERENCES rule (id),
    since      TEXT NOT NULL,            -- what was due before is not made
    made_to    TEXT NOT NULL,            -- what is due up to then has been made
    wake       TEXT,                     -- when the next occurrence is to be made; NULL: events make them
    told       INTEGER NOT NULL,         -- 0: the unit has yet to hear of it
    retired_at TEXT,
    PRIMARY KEY (plan, obligation, unit)
);
CREATE INDEX duty_untold ON duty (unit) WHERE told = 0;
CREATE INDEX duty_wake ON duty (wake) WHERE wake IS NOT NULL;

CREATE TABLE event (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    unit         TEXT NOT NULL,
    key          TEXT NOT NULL,
    day          TEXT NOT NULL,
    title        TEXT NOT NULL,
    recorded_at  TEXT NOT NULL,
    withdrawn_at TEXT,
    reason       TEXT NOT NULL DEFAULT '',
    UNIQUE (name, unit, key)
);

CREATE TABLE occurrence (
    id            INTEGER PRIMARY KEY,
    plan          TEXT NOT NULL,
    obligation    TEXT NOT NULL,
    unit          TEXT NOT NULL,
    period        TEXT NOT NULL,
    rule          INTEGER NOT NULL REFERENCES rule (id),
    anchor        TEXT NOT NULL,
    first_due     TEXT NOT NULL,
    due           TEXT NOT NULL,
    provisional   INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'reported', 'closed', 'waived', 'cancelled')),
    extended      INTEGER NOT NULL DEFAULT 0,
    paused_on     TEXT,
    sequence      INTEGER NOT NULL DEFAULT 0,  -- rises when due moves (RFC 5545, 3.8.7.4)
    evidence      TEXT NOT NULL DEFAULT '',
    note          TEXT NOT NULL DEFAULT '',
    reason        TEXT NOT NULL DEFAULT '',    -- of the last return, waiver, extension …
    reported_by   TEXT NOT NULL DEFAULT '',
    reported_at   TEXT,
    closed_at     TEXT,
    event         INTEGER REFERENCES event (id),
    cause         INTEGER REFERENCES occurrence (id),
    told_through  TEXT,                        -- reminders up to this day have been told
    next_reminder TEXT,
    UNIQUE (plan, obligation, unit, period)
);
CREATE INDEX occurrence_next ON occurrence (next_reminder) WHERE next_reminder IS NOT NULL;
CREATE INDEX occurrence_unit ON occurrence (unit, state, next_reminder);
CREATE INDEX occurrence_event ON occurrence (event) WHERE event IS NOT NULL;
CREATE INDEX occurrence_cause ON occurrence (cause) WHERE cause IS NOT NULL;

CREATE TABLE pause (
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    from_day   TEXT NOT NULL,
    to_day     TEXT,
    reason     TEXT NOT NULL,
    PRIMARY KEY (occurrence, from_day)
);

-- The outbox.
CREATE TABLE notice (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL CHECK (kind IN ('assignment', 'reminder', 'escalation', 'admin')),
    unit         TEXT NOT NULL,                -- empty: the administrators
    day          TEXT NOT NULL,                -- on which it leaves, or may leave first
    message_id   TEXT NOT NULL UNIQUE,
    subject      TEXT NOT NULL,
    text         TEXT NOT NULL DEFAULT '',     -- of notices to the administrators
    state        TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'held', 'dropped')),
    may_have_arrived INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    created_at   TEXT NOT NULL,
    next_attempt TEXT,
    give_up_at   TEXT,
    sent_at      TEXT,
    error        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX notice_due ON notice (state, next_attempt);
CREATE INDEX notice_unit ON notice (unit, day);
CREATE INDEX notice_pending ON notice (unit) WHERE state = 'pending';

-- The bytes of a mail, from its first attempt on: a repeated send sends the same.
CREATE TABLE mail (
    notice INTEGER PRIMARY KEY REFERENCES notice (id),
    raw    BLOB NOT NULL
);

CREATE TABLE notice_item (
    notice     INTEGER NOT NULL REFERENCES notice (id),
    position   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    plan       TEXT NOT NULL,
    obligation TEXT NOT NULL,
    occurrence INTEGER REFERENCES occurrence (id),  -- none: an assignment of the obligation
    is_new     INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (notice, position)
);
CREATE INDEX notice_item_occurrence ON notice_item (occurrence) WHERE occurrence IS NOT NULL;

CREATE TABLE recipient (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    address TEXT NOT NULL,
    copy    INTEGER NOT NULL,                  -- 1: Cc
    state   TEXT NOT NULL,                     -- pending, sent, failed
    error   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (notice, address)
);

CREATE TABLE attempt (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    outcome TEXT NOT NULL,                     -- sent, partly sent, retry, failed
    detail  TEXT NOT NULL,                     -- the server's words
    PRIMARY KEY (notice, number)
);
CREATE INDEX attempt_outcome ON attempt (outcome, at);

CREATE TABLE journal (
    seq        INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,                  -- PLAN:OBLIGATION/UNIT/PERIOD, notice ID, plan ID …
    reason     TEXT NOT NULL,
    before     TEXT NOT NULL,
    after      TEXT NOT NULL,
    prev       TEXT NOT NULL,
    hash       TEXT NOT NULL
);
CREATE INDEX journal_subject ON journal (subject);

-- +goose StatementBegin
CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER journal_stays BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- +goose StatementEnd
