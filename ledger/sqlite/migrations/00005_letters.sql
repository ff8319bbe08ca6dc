-- +goose Up
-- Letters are a kind of their own, and a bulletin will be; SQLite changes no
-- CHECK, so the table is made anew. Deferred, the references hold at the end.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE notice_kept AS SELECT * FROM notice;
DROP TABLE notice;
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
INSERT INTO notice (id, kind, unit, day, message_id, subject, text, state, may_have_arrived, attempts, created_at, next_attempt, give_up_at, sent_at, error)
SELECT id, CASE WHEN kind = 'admin' AND unit <> '' THEN 'letter' ELSE kind END, unit, day, message_id, subject, text, state, may_have_arrived, attempts, created_at, next_attempt, give_up_at, sent_at, error
FROM notice_kept ORDER BY id;
DROP TABLE notice_kept;
CREATE INDEX notice_due ON notice (state, next_attempt);
CREATE INDEX notice_unit ON notice (unit, day);
CREATE INDEX notice_pending ON notice (unit) WHERE state = 'pending';

-- What did not reach an address, for good; the administrators are told of each.
CREATE TABLE failure (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    notice  INTEGER NOT NULL REFERENCES notice (id),
    address TEXT NOT NULL,                     -- empty: it had none, or could not be made into a mail
    at      TEXT NOT NULL,
    error   TEXT NOT NULL,
    told_at TEXT,                              -- NULL: nobody has been told
    told_by INTEGER REFERENCES notice (id)     -- the notice that tells the administrators
);
CREATE INDEX failure_untold ON failure (id) WHERE told_at IS NULL;
CREATE INDEX failure_notice ON failure (notice);
CREATE INDEX failure_told_by ON failure (told_by) WHERE told_by IS NOT NULL;

-- Failures of older versions were found by a stamp that sorts as text: those of
-- the stamp's own second and later may never have been told, those of mail to
-- administrators, and of letters, never were.
INSERT INTO failure (notice, address, at, error, told_at)
SELECT r.notice, r.address, COALESCE(a.at, n.created_at), r.error,
    CASE WHEN n.kind NOT IN ('admin', 'letter') AND COALESCE(a.at, n.created_at) < (SELECT substr(value, 1, 20) FROM fact WHERE name = 'failures told')
    THEN COALESCE(a.at, n.created_at) END
FROM recipient r JOIN notice n ON n.id = r.notice
LEFT JOIN attempt a ON a.notice = n.id AND a.number = (SELECT MAX(number) FROM attempt WHERE notice = n.id)
WHERE r.state = 'failed' AND n.state IN ('sent', 'failed')
ORDER BY 3, n.id, r.address;
DELETE FROM fact WHERE name = 'failures told';
