PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(3,2,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(4,3,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(5,4,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(6,5,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(7,7,1,'2026-11-25 20:29:56');
INSERT INTO goose_db_version VALUES(8,10,1,'2026-11-25 20:29:56');
CREATE TABLE fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO fact VALUES('uid','ZZXNPC4LFRLGUU2FJ6DFFSV3OH');
INSERT INTO fact VALUES('schema recorded','10');
INSERT INTO fact VALUES('journal head','13:b72a65b60253a186b3c1532b30bccc6c38d89129a3265f3877fc940604d21835');
CREATE TABLE plan (
    id         TEXT PRIMARY KEY,
    signature  TEXT NOT NULL,            -- of the rules and the calendar last adopted
    first_seen TEXT NOT NULL,
    retired_at TEXT
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
    seen_at     TEXT NOT NULL, extent TEXT NOT NULL DEFAULT '',
    UNIQUE (plan, obligation, fingerprint)
);
INSERT INTO rule VALUES(1,'p','m','f','1.1','T','','text','','','');
CREATE TABLE duty (
    plan       TEXT NOT NULL,
    obligation TEXT NOT NULL,
    unit       TEXT NOT NULL,
    rule       INTEGER NOT NULL REFERENCES rule (id),
    followed_from      TEXT NOT NULL,            -- what was due before is not made
    made_to    TEXT NOT NULL,            -- what is due up to then has been made
    wake       TEXT,                     -- when the next occurrence is to be made; NULL: events make them
    told       INTEGER NOT NULL,         -- 0: the unit has yet to hear of it
    retired_at TEXT,
    PRIMARY KEY (plan, obligation, unit)
);
INSERT INTO duty VALUES('p','m','a',1,'2017-06-09T00:00:00Z','2017-07-31',NULL,1,NULL);
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
INSERT INTO event VALUES(1,'received','a','k','2017-07-09','T','2017-07-14T04:00:00Z',NULL,'');
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
    next_reminder TEXT, named TEXT, granted TEXT, supervisor_told TEXT,
    UNIQUE (plan, obligation, unit, period)
);
INSERT INTO occurrence VALUES(1,'p','m','a','2017-06',1,'2017-06-21','2017-07-21','2017-07-21',0,'closed',NULL,0,'','','','',NULL,'2017-07-14T04:00:00Z',NULL,NULL,NULL,'2017-07-14',NULL,NULL,NULL);
INSERT INTO occurrence VALUES(2,'p','m','a','2017-07',1,'2017-06-21','2017-07-21','2017-07-21',0,'open',NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2017-07-14',NULL,NULL,NULL);
INSERT INTO occurrence VALUES(3,'p','m','a','2017-08',1,'2017-06-21','2017-07-21','2017-07-21',0,'open',NULL,0,'','','','',NULL,NULL,NULL,NULL,NULL,'2017-07-14',NULL,NULL,NULL);
CREATE TABLE pause (
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    from_day   TEXT NOT NULL,
    to_day     TEXT,
    reason     TEXT NOT NULL,
    PRIMARY KEY (occurrence, from_day)
);
INSERT INTO pause VALUES(2,'2017-07-09',NULL,'why');
CREATE TABLE mail (
    notice INTEGER PRIMARY KEY REFERENCES notice (id),
    raw    BLOB NOT NULL
);
INSERT INTO mail VALUES(1,X'78');
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
INSERT INTO notice_item VALUES(1,0,'due','p','m',2,0);
CREATE TABLE recipient (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    address TEXT NOT NULL,
    copy    INTEGER NOT NULL,                  -- 1: Cc
    state   TEXT NOT NULL,                     -- pending, sent, failed
    error   TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (notice, address)
);
INSERT INTO recipient VALUES(1,'a@x.example',0,'','');
CREATE TABLE attempt (
    notice  INTEGER NOT NULL REFERENCES notice (id),
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    outcome TEXT NOT NULL,                     -- sent, partly sent, retry, failed
    detail  TEXT NOT NULL,                     -- the server's words
    PRIMARY KEY (notice, number)
);
INSERT INTO attempt VALUES(1,1,'2017-07-14T04:00:00Z','retry','later');
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
, rows TEXT NOT NULL DEFAULT '');
INSERT INTO journal VALUES(1,'2017-07-14T04:00:00Z','test','made','p:m/a/2017-06','','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','','910a92cb5c9b5a60dd61389a34b985afae79e2bd3236a2540b3352860f5bd495','');
INSERT INTO journal VALUES(2,'2017-07-14T04:00:00Z','test','made','p:m/a/2017-07','','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','910a92cb5c9b5a60dd61389a34b985afae79e2bd3236a2540b3352860f5bd495','9bf26d0a7cc78c34bd8b8b751c2416ddc3d6d3898c408ed4e73f64c0b38e1b89','');
INSERT INTO journal VALUES(3,'2017-07-14T04:00:00Z','test','made','p:m/a/2017-08','','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','9bf26d0a7cc78c34bd8b8b751c2416ddc3d6d3898c408ed4e73f64c0b38e1b89','5e6817c4b7d81881bacc46e769113bcf5b59a76572e19742c977fdee13c91f93','');
INSERT INTO journal VALUES(4,'2017-07-14T04:00:00Z','test','closed','p:m/a/2017-06','','{"state":"open","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","rule":1}','{"state":"closed","anchor":"2017-06-21","first_due":"2017-07-21","due":"2017-07-21","closed_at":"2017-07-14T04:00:00Z","rule":1}','5e6817c4b7d81881bacc46e769113bcf5b59a76572e19742c977fdee13c91f93','d537efcfb910ff0ade571f05aa99b52b9bd00ca9d4c8eea1f60d4aa6d081414f',replace('occurrence 1 px9gYAi81VFUzcc2,ppiTqNNDk_FGVk52,f4-IWzmRAlCKQtBe\nrule 1 JsD7e0WQxI1E0ybl','\n',char(10)));
INSERT INTO journal VALUES(5,'2017-07-14T04:00:00Z','test','','account admin','','','{"role":"admin"}','d537efcfb910ff0ade571f05aa99b52b9bd00ca9d4c8eea1f60d4aa6d081414f','e9a1c217b2380e8a0dcb346535956b9621addcf054f10fba702440293d6ccc65','');
INSERT INTO journal VALUES(6,'2017-07-14T04:00:00Z','test','','account viewer','','','{"role":"admin"}','e9a1c217b2380e8a0dcb346535956b9621addcf054f10fba702440293d6ccc65','b79545676c1893d6e10c83412ca0f4a42d58291eb9b02181d53f473bf9d3dd85','');
INSERT INTO journal VALUES(7,'2017-07-14T04:00:00Z','test','event recorded','event received/a/k','','','{"date":"2017-07-09","title":"T"}','b79545676c1893d6e10c83412ca0f4a42d58291eb9b02181d53f473bf9d3dd85','e434c596b41a8c1641f31b588011b2a852ae534206e3d56d1d251369406c7f97',replace('account 1 Gaz-2v3D1Bblwnwm,24lnP8UCYAoC0G_Q\nevent 1 VwB2QgyAaMErr-NF\npause 1 6drtjJuFEQ0O-OxM','\n',char(10)));
INSERT INTO journal VALUES(8,'2017-07-14T04:00:00Z','test','notice made','notice 1','','','{"items":1,"kind":"reminder","state":"pending","unit":"a"}','e434c596b41a8c1641f31b588011b2a852ae534206e3d56d1d251369406c7f97','4f7090d59359b28d80861f7e9dc0acdd2a60caea3d21d4f6f1d4271100eecbe5',replace('notice 1 Mzh1-MpSsvFr-MU4\nnotice_item 1 UQ3lCudJ3g3MS8N2\nrecipient 1 2uRtUQkEcT6avU9v','\n',char(10)));
INSERT INTO journal VALUES(9,'2017-07-14T04:00:00Z','duban','rows','ledger','','','','4f7090d59359b28d80861f7e9dc0acdd2a60caea3d21d4f6f1d4271100eecbe5','68e1fd2b5c25f90dad8f575f9e0803eb819dcc15cbc9a2e45bd1a571acfaed76','notice 1 WeIY8SvTmk3jLFIW');
INSERT INTO journal VALUES(10,'2017-07-14T04:00:00Z','duban','rows','ledger','','','','68e1fd2b5c25f90dad8f575f9e0803eb819dcc15cbc9a2e45bd1a571acfaed76','3a50e153eee8d1b7623db52c1735c31c401a06e812e4297ee51ac38b34d7f1e3',replace('attempt 1 sByjLGLzZhrT8iYN\nnotice 1 bIjTYY_UuZFlwK8G\nrecipient 1 R4iKarsGY6BW_EqE','\n',char(10)));
INSERT INTO journal VALUES(11,'2017-07-14T04:00:00Z','duban','schema moved','ledger','the schema became 10; what schema 0 kept no hashes of is taken as it was found','','{"account":{"rows":2,"digest":"911110efa059ff5e829a233ee8657ec9225cbac0eb68a2ba3206c459d72960fc"},"attempt":{"rows":1,"digest":"f279f3fae46478b1229acdab411d769feb1be43fc33b7ebda1ee1468b782391c"},"duty":{"rows":1,"digest":"7d833922c1c4ed04d2d8970d11b21728970df6b0273de84307a9e21f43b9d086"},"event":{"rows":1,"digest":"d6a308c3a2cbbfea9e962e1bcb08c51ac728f10cd76ddb240468f38987ac7e46"},"failing_address":{"rows":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"failure":{"rows":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"followed":{"rows":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"notice":{"rows":1,"digest":"d21ed88ac21b46b13ab8f6bcebec0915ebcd88c99ee91eaefbf595ad2df5df58"},"notice_item":{"rows":1,"digest":"c7788c04135235dd5cab86ee31c0406c1c6444f82e857ed3eaff44f5c45501f1"},"occurrence":{"rows":3,"digest":"cb9822e58a8ba141c87e8cd1d130b4ca97c789847cc0808164d45a77d69a934c"},"pause":{"rows":1,"digest":"0a62aa80b774d7a294388130eba5381f6c5aaaaa515b1c22f4feb8051e1b89cd"},"plan":{"rows":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"recipient":{"rows":1,"digest":"16292c8590c08a23d91994cb1403f8961a53cd4ae39d014f4782ce1c200af996"},"request":{"rows":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},"rule":{"rows":1,"digest":"3662482420b9981b5c65c2806db5f72e0fcc47ee1afae5afb1570ed54aa4597c"},"withheld":{"rows":0,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}','3a50e153eee8d1b7623db52c1735c31c401a06e812e4297ee51ac38b34d7f1e3','fde0c4b44292961bc97004c6f30d80f7a8ec7c47c8b4a4dc1882e4b10efec3b4','duty 1 8XxttPKwDSTsI007');
INSERT INTO journal VALUES(12,'2017-07-14T04:00:00Z','test','rule edited','rule p/m','','','','fde0c4b44292961bc97004c6f30d80f7a8ec7c47c8b4a4dc1882e4b10efec3b4','ca5cdbd8f6d42acf25ed2c5294ccc5db85c15cf739916ba5e46591fae153917d','');
INSERT INTO journal VALUES(13,'2017-07-14T04:00:00Z','甲局','asked: extension','request p:m/a/2017-07','数据未齐','','{"request":"1","to":"2017-08-21"}','ca5cdbd8f6d42acf25ed2c5294ccc5db85c15cf739916ba5e46591fae153917d','b72a65b60253a186b3c1532b30bccc6c38d89129a3265f3877fc940604d21835','request 1 EXYlpO9_7cUPXyOb');
CREATE TABLE failing_address (
    address  TEXT PRIMARY KEY,
    unit     TEXT NOT NULL,
    bounces  INTEGER NOT NULL,
    last_at  TEXT NOT NULL,
    error    TEXT NOT NULL,
    told     INTEGER NOT NULL DEFAULT 0        -- the administrators know
);
CREATE TABLE account (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    password   TEXT NOT NULL,                  -- Argon2id, PHC string
    created_at TEXT NOT NULL,
    removed_at TEXT
);
INSERT INTO account VALUES('admin','admin','x','2017-07-14T04:00:00Z',NULL);
INSERT INTO account VALUES('viewer','admin','x','2017-07-14T04:00:00Z',NULL);
CREATE TABLE session (
    token      TEXT PRIMARY KEY,               -- a hash of what the browser holds
    data       BLOB NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE TABLE request (
    id         INTEGER PRIMARY KEY,
    occurrence INTEGER NOT NULL REFERENCES occurrence (id),
    kind       TEXT NOT NULL CHECK (kind IN ('extension', 'not-ours')),
    to_day     TEXT,                           -- of an extension: the due date asked for
    reason     TEXT NOT NULL,
    asked_by   TEXT NOT NULL,
    asked_at   TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
    answer     TEXT NOT NULL DEFAULT '',
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at TEXT
);
INSERT INTO request VALUES(1,2,'extension','2017-08-21','数据未齐','甲局','2017-07-14T04:00:00Z','open','','',NULL);
CREATE TABLE notice (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL CHECK (kind IN ('assignment', 'reminder', 'escalation', 'letter', 'bulletin', 'admin')),
    unit         TEXT NOT NULL,                -- empty: the administrators
    day          TEXT NOT NULL,                -- on which it leaves, or may leave first
    message_id   TEXT NOT NULL UNIQUE,
    subject      TEXT NOT NULL,
    text         TEXT NOT NULL DEFAULT '',     -- of notices to the administrators, and of letters of older versions
    letter       TEXT NOT NULL DEFAULT '',     -- what a letter is about, JSON: it is put into words when it leaves
    language     TEXT NOT NULL DEFAULT '',     -- of the first attempt; empty: none yet, and its addresses are those of now
    state        TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'held', 'dropped')),
    may_have_arrived INTEGER NOT NULL DEFAULT 0,
    attempts     INTEGER NOT NULL DEFAULT 0,
    created_at   TEXT NOT NULL,
    next_attempt TEXT,
    give_up_at   TEXT,
    sent_at      TEXT,
    error        TEXT NOT NULL DEFAULT ''
);
INSERT INTO notice VALUES(1,'reminder','a','2017-07-09','m','s','','','','pending',0,1,'2017-07-14T04:00:00Z','2017-07-14T04:00:00Z','2017-07-14T04:00:00Z',NULL,'');
CREATE TABLE failure (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    notice  INTEGER NOT NULL REFERENCES notice (id),
    address TEXT NOT NULL,                     -- empty: it had none, or could not be made into a mail
    at      TEXT NOT NULL,
    error   TEXT NOT NULL,
    told_at TEXT,                              -- NULL: nobody has been told
    told_by INTEGER REFERENCES notice (id)     -- the notice that tells the administrators
);
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
CREATE TABLE withheld (occurrence INTEGER PRIMARY KEY REFERENCES occurrence (id));
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',8);
INSERT INTO sqlite_sequence VALUES('notice',1);
INSERT INTO sqlite_sequence VALUES('failure',0);
CREATE INDEX duty_untold ON duty (unit) WHERE told = 0;
CREATE INDEX duty_wake ON duty (wake) WHERE wake IS NOT NULL;
CREATE INDEX occurrence_next ON occurrence (next_reminder) WHERE next_reminder IS NOT NULL;
CREATE INDEX occurrence_unit ON occurrence (unit, state, next_reminder);
CREATE INDEX occurrence_event ON occurrence (event) WHERE event IS NOT NULL;
CREATE INDEX occurrence_cause ON occurrence (cause) WHERE cause IS NOT NULL;
CREATE INDEX notice_item_occurrence ON notice_item (occurrence) WHERE occurrence IS NOT NULL;
CREATE INDEX attempt_outcome ON attempt (outcome, at);
CREATE INDEX journal_subject ON journal (subject);
CREATE TRIGGER journal_keeps BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX session_expiry ON session (expires_at);
CREATE UNIQUE INDEX request_open ON request (occurrence, kind) WHERE state = 'open';
CREATE INDEX request_occurrence ON request (occurrence);
CREATE INDEX notice_due ON notice (state, next_attempt);
CREATE INDEX notice_unit ON notice (unit, day);
CREATE INDEX notice_pending ON notice (unit) WHERE state = 'pending';
CREATE INDEX failure_untold ON failure (id) WHERE told_at IS NULL;
CREATE INDEX failure_notice ON failure (notice);
CREATE INDEX failure_told_by ON failure (told_by) WHERE told_by IS NOT NULL;
COMMIT;
