-- +goose NO TRANSACTION
-- +goose Up
-- What goes on of a unit has an index of its own, small enough that what is written by the
-- thousand stands close together: in one of ten million rows each was on a page of its own.
CREATE INDEX IF NOT EXISTS occurrence_unit_ongoing ON occurrence (unit, due) WHERE state IN ('open', 'reported');
CREATE INDEX IF NOT EXISTS occurrence_unit_ended ON occurrence (unit, due) WHERE state IN ('closed', 'waived', 'cancelled');
SET lock_timeout = '10s';
DROP INDEX IF EXISTS occurrence_of_unit;
RESET lock_timeout;

-- What is made by the thousand refers to a rule or a notice, and PostgreSQL looked for that
-- once a row, by a query of its own that also locked what is referred to: a sixth of what
-- the first tick of a province took. Here it is looked for once a statement, in its index.
-- What is referred to stays, as before.
--
-- Each statement stands alone, and may be done once more (as in 00046).
-- A constraint goes when both its tables are free: whoever has one of them and comes for the
-- other would wait for us as we for him. So we step back before a second is over, after which
-- the server would end one of the two.
-- +goose StatementBegin
DO $$
DECLARE had text[];
BEGIN
    FOREACH had SLICE 1 IN ARRAY ARRAY[['duty', 'duty_rule_fkey'], ['occurrence', 'occurrence_rule_fkey'], ['notice_item', 'notice_item_notice_fkey']] LOOP
        FOR tried IN 1..100 LOOP
            BEGIN
                SET LOCAL lock_timeout = '300ms';
                EXECUTE format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS %I', had[1], had[2]);
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                IF tried = 100 THEN
                    RAISE;
                END IF;
                PERFORM pg_sleep(0.1);
            END;
        END LOOP;
        COMMIT; -- one by one
    END LOOP;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION rule_is_there() RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE missing bigint;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        SELECT NEW.rule INTO missing WHERE NOT EXISTS (SELECT FROM rule r WHERE r.id = NEW.rule);
    ELSE
        SELECT m.rule INTO missing FROM made m WHERE NOT EXISTS (SELECT FROM rule r WHERE r.id = m.rule) LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('a row of %s refers to the rule %s, which is not there', TG_TABLE_NAME, missing);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION notice_is_there() RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE missing bigint;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        SELECT NEW.notice INTO missing WHERE NOT EXISTS (SELECT FROM notice n WHERE n.id = NEW.notice);
    ELSE
        SELECT m.notice INTO missing FROM made m WHERE NOT EXISTS (SELECT FROM notice n WHERE n.id = m.notice) LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('a row of %s refers to the notice %s, which is not there', TG_TABLE_NAME, missing);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION rule_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE referred bigint;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        SELECT OLD.id INTO referred WHERE EXISTS (SELECT FROM duty d WHERE d.rule = OLD.id) OR EXISTS (SELECT FROM occurrence o WHERE o.rule = OLD.id);
    ELSE
        SELECT g.id INTO referred FROM gone g WHERE EXISTS (SELECT FROM duty d WHERE d.rule = g.id) OR EXISTS (SELECT FROM occurrence o WHERE o.rule = g.id) LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('others refer to the rule %s', referred);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION notice_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE referred bigint;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        SELECT OLD.id INTO referred WHERE EXISTS (SELECT FROM notice_item i WHERE i.notice = OLD.id);
    ELSE
        SELECT g.id INTO referred FROM gone g WHERE EXISTS (SELECT FROM notice_item i WHERE i.notice = g.id) LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('others refer to the notice %s', referred);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
SET lock_timeout = '10s';
DROP TRIGGER IF EXISTS duty_refers ON duty;
CREATE TRIGGER duty_refers AFTER INSERT ON duty REFERENCING NEW TABLE AS made EXECUTE FUNCTION rule_is_there();
DROP TRIGGER IF EXISTS duty_refers_anew ON duty;
CREATE TRIGGER duty_refers_anew AFTER UPDATE OF rule ON duty FOR EACH ROW WHEN (OLD.rule <> NEW.rule) EXECUTE FUNCTION rule_is_there();
DROP TRIGGER IF EXISTS occurrence_refers ON occurrence;
CREATE TRIGGER occurrence_refers AFTER INSERT ON occurrence REFERENCING NEW TABLE AS made EXECUTE FUNCTION rule_is_there();
DROP TRIGGER IF EXISTS occurrence_refers_anew ON occurrence;
CREATE TRIGGER occurrence_refers_anew AFTER UPDATE OF rule ON occurrence FOR EACH ROW WHEN (OLD.rule <> NEW.rule) EXECUTE FUNCTION rule_is_there();
DROP TRIGGER IF EXISTS notice_item_refers ON notice_item;
CREATE TRIGGER notice_item_refers AFTER INSERT ON notice_item REFERENCING NEW TABLE AS made EXECUTE FUNCTION notice_is_there();
DROP TRIGGER IF EXISTS notice_item_refers_anew ON notice_item;
CREATE TRIGGER notice_item_refers_anew AFTER UPDATE OF notice ON notice_item FOR EACH ROW WHEN (OLD.notice <> NEW.notice) EXECUTE FUNCTION notice_is_there();
DROP TRIGGER IF EXISTS rule_stays ON rule;
CREATE TRIGGER rule_stays AFTER DELETE ON rule REFERENCING OLD TABLE AS gone EXECUTE FUNCTION rule_is_free();
DROP TRIGGER IF EXISTS rule_keeps_number ON rule;
CREATE TRIGGER rule_keeps_number AFTER UPDATE OF id ON rule FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION rule_is_free();
DROP TRIGGER IF EXISTS notice_stays ON notice;
CREATE TRIGGER notice_stays AFTER DELETE ON notice REFERENCING OLD TABLE AS gone EXECUTE FUNCTION notice_is_free();
DROP TRIGGER IF EXISTS notice_keeps_number ON notice;
CREATE TRIGGER notice_keeps_number AFTER UPDATE OF id ON notice FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION notice_is_free();
RESET lock_timeout;
