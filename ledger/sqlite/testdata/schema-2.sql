BEGIN TRANSACTION;
CREATE TABLE attempt (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    outcome TEXT NOT NULL,                     -- sent, partly sent, retry, failed
    detail  TEXT NOT NULL,                     -- the server's words
    PRIMARY KEY (notice, number)
);
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
CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "fact" VALUES('uid','IBO3LH6MZZDNKTTK7ZYB5RT3RP');
CREATE TABLE failing_address (
    address  TEXT PRIMARY KEY,
    unit     TEXT NOT NULL,
    bounces  INTEGER NOT NULL,
    last_at  TEXT NOT NULL,
    error    TEXT NOT NULL,
    told     INTEGER NOT NULL DEFAULT 0        -- the administrators know
);
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO "goose_db_version" VALUES(1,0,1,'2026-11-25 16:58:35');
INSERT INTO "goose_db_version" VALUES(2,1,1,'2026-11-25 16:58:35');
INSERT INTO "goose_db_version" VALUES(3,2,1,'2026-11-25 16:58:35');
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
INSERT INTO "journal" VALUES(1,'2017-07-14T04:00:00Z','test','made','p:m/a/2017-06','','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','','910a92cb5c9b5a60dd61389a34b985afae79e2bd3236a2540b3352860f5bd495');
INSERT INTO "journal" VALUES(2,'2017-07-14T04:00:00Z','test','made','p:m/a/2017-07','','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','910a92cb5c9b5a60dd61389a34b985afae79e2bd3236a2540b3352860f5bd495','9bf26d0a7cc78c34bd8b8b751c2416ddc3d6d3898c408ed4e73f64c0b38e1b89');
INSERT INTO "journal" VALUES(3,'2017-07-14T04:00:00Z','test','made','p:m/a/2017-08','','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','9bf26d0a7cc78c34bd8b8b751c2416ddc3d6d3898c408ed4e73f64c0b38e1b89','5e6817c4b7d81881bacc46e769113bcf5b59a76572e19742c977fdee13c91f93');
INSERT INTO "journal" VALUES(4,'2017-07-14T04:00:00Z','test','closed','p:m/a/2017-06','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','{"state":"closed","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","closed_at":"2017-07-14T04:00:00Z","rule":1}','5e6817c4b7d81881bacc46e769113bcf5b59a76572e19742c977fdee13c91f93','b35cef2aa28982b19c84e5ddd6d23369ee1e96d7c9f81057d2761c2ba03ce8fd');
CREATE TABLE mail (
    notice INTEGER PRIMARY KEY REFERENCES notice (id),
    raw    BLOB NOT NULL
);
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
INSERT INTO "occurrence" VALUES(1,'p','m','a','2017-06',1,'2017-06-21','2017-07-21','2017-07-21',0,'closed',0,NULL,0,'','','','',NULL,'2017-07-14T04:00:00Z',NULL,NULL,NULL,'2017-07-14');
INSERT INTO "occurrence" VALUES(2,'p','m','a','2017-07',1,'2017-06-21','2017-07-21','2017-07-21',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2017-07-14');
INSERT INTO "occurrence" VALUES(3,'p','m','a','2017-08',1,'2017-06-21','2017-07-21','2017-07-21',0,'open',0,NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2017-07-14');
CREATE TABLE pause (
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    from_day   TEXT NOT NULL,
    to_day     TEXT,
    reason     TEXT NOT NULL,
    PRIMARY KEY (occurrence, from_day)
);
CREATE TABLE plan (
    id         TEXT PRIMARY KEY,
    signature  TEXT NOT NULL,            -- of the rules and the calendar last adopted
    first_seen TEXT NOT NULL,
    retired_at TEXT
);
CREATE TABLE recipient (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    address TEXT NOT NULL,
    copy    INTEGER NOT NULL,                  -- 1: Cc
    state   TEXT NOT NULL,                     -- pending, sent, failed
    error   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (notice, address)
);
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
INSERT INTO "rule" VALUES(1,'p','m','f','1.1','T','','text','','');
CREATE INDEX duty_untold ON duty (unit) WHERE told = 0;
CREATE INDEX duty_wake ON duty (wake) WHERE wake IS NOT NULL;
CREATE INDEX occurrence_next ON occurrence (next_reminder) WHERE next_reminder IS NOT NULL;
CREATE INDEX occurrence_unit ON occurrence (unit, state, next_reminder);
CREATE INDEX occurrence_event ON occurrence (event) WHERE event IS NOT NULL;
CREATE INDEX occurrence_cause ON occurrence (cause) WHERE cause IS NOT NULL;
CREATE INDEX notice_due ON notice (state, next_attempt);
CREATE INDEX notice_unit ON notice (unit, day);
CREATE INDEX notice_pending ON notice (unit) WHERE state = 'pending';
CREATE INDEX notice_item_occurrence ON notice_item (occurrence) WHERE occurrence IS NOT NULL;
CREATE INDEX attempt_outcome ON attempt (outcome, at);
CREATE INDEX journal_subject ON journal (subject);
CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('goose_db_version',4);
COMMIT;
