-- +goose Up
-- Whether a closed occurrence was closed late, by the rules of then. Of those that
-- were closed before, the first evaluation tells.
ALTER TABLE occurrence ADD COLUMN late INTEGER NOT NULL DEFAULT 0;

-- How many occurrences have ended, so that nobody has to count them one by one:
-- by the day they were due, plan, unit, state and lateness, not by obligation, of
-- which a unit mostly has one occurrence a period. The triggers keep it.
CREATE TABLE ended (
    due   TEXT NOT NULL,
    plan  TEXT NOT NULL,
    unit  TEXT NOT NULL,
    state TEXT NOT NULL,
    late  INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (due, plan, unit, state, late)
) WITHOUT ROWID;
INSERT INTO ended SELECT due, plan, unit, state, late, COUNT(*) FROM occurrence
WHERE state IN ('closed', 'waived', 'cancelled') GROUP BY due, plan, unit, state, late;

-- +goose StatementBegin
CREATE TRIGGER ended_made AFTER INSERT ON occurrence WHEN NEW.state IN ('closed', 'waived', 'cancelled')
BEGIN
    INSERT INTO ended VALUES (NEW.due, NEW.plan, NEW.unit, NEW.state, NEW.late, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ended_moved AFTER UPDATE OF due, plan, unit, state, late ON occurrence
WHEN OLD.state IN ('closed', 'waived', 'cancelled') OR NEW.state IN ('closed', 'waived', 'cancelled')
BEGIN
    UPDATE ended SET n = n - 1 WHERE OLD.state = ended.state AND due = OLD.due AND plan = OLD.plan AND unit = OLD.unit AND late = OLD.late;
    DELETE FROM ended WHERE n = 0 AND due = OLD.due AND plan = OLD.plan AND unit = OLD.unit AND state = OLD.state AND late = OLD.late;
    INSERT INTO ended SELECT NEW.due, NEW.plan, NEW.unit, NEW.state, NEW.late, 1 WHERE NEW.state IN ('closed', 'waived', 'cancelled')
        ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- The lists of what goes on, and of what has ended.
CREATE INDEX occurrence_ongoing ON occurrence (state) WHERE state IN ('open', 'reported');
CREATE INDEX occurrence_ended ON occurrence (due, plan, obligation, unit, period) WHERE state IN ('closed', 'waived', 'cancelled');
