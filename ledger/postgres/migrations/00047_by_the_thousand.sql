-- +goose NO TRANSACTION
-- +goose Up
-- Each statement stands alone, and may be done once more (as in 00046).
--
-- What goes on of a unit has an index of its own, small enough that what is written by the
-- thousand stands close together: in one of ten million rows each was on a page of its own.
CREATE INDEX IF NOT EXISTS occurrence_unit_ongoing ON occurrence (unit, due) WHERE state IN ('open', 'reported');
CREATE INDEX IF NOT EXISTS occurrence_unit_ended ON occurrence (unit, due) WHERE state IN ('closed', 'waived', 'cancelled');
SET lock_timeout = '10s';
DROP INDEX IF EXISTS occurrence_of_unit;

-- What is made by the thousand refers to a rule or a notice, and PostgreSQL looked for that
-- once a row, by a query of its own that also locked what is referred to: a sixth of what
-- the first tick of a province took. Here it is looked for once a statement, in the index of
-- what is referred to; what is changed, once a row that then refers to another. What is
-- referred to stays, as before.
--
-- refers(TABLE, OTHER) has rows of TABLE refer to rows of OTHER by the column of that name,
-- and stays(OTHER, TABLE) keeps those there.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refers(name text, other text) RETURNS void LANGUAGE plpgsql AS $refers$
BEGIN
    EXECUTE replace(replace($made$
        CREATE OR REPLACE FUNCTION {table}_refers() RETURNS trigger LANGUAGE plpgsql SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
        DECLARE missing bigint;
        BEGIN
            IF TG_LEVEL = 'ROW' THEN
                SELECT NEW.{other} INTO missing WHERE NOT EXISTS (SELECT FROM {other} x WHERE x.id = NEW.{other});
            ELSE
                SELECT m.{other} INTO missing FROM made m WHERE NOT EXISTS (SELECT FROM {other} x WHERE x.id = m.{other}) LIMIT 1;
            END IF;
            IF FOUND THEN
                RAISE foreign_key_violation USING MESSAGE = format('a row of {table} refers to the {other} %s, which is not there', missing);
            END IF;
            RETURN NULL;
        END $$;
        DROP TRIGGER IF EXISTS {table}_refers ON {table};
        CREATE TRIGGER {table}_refers AFTER INSERT ON {table} REFERENCING NEW TABLE AS made EXECUTE FUNCTION {table}_refers();
        DROP TRIGGER IF EXISTS {table}_refers_anew ON {table};
        CREATE TRIGGER {table}_refers_anew AFTER UPDATE OF {other} ON {table} FOR EACH ROW WHEN (OLD.{other} <> NEW.{other}) EXECUTE FUNCTION {table}_refers();
    $made$, '{table}', name), '{other}', other);
END $refers$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION stays(other text, name text) RETURNS void LANGUAGE plpgsql AS $stays$
BEGIN
    EXECUTE replace(replace($made$
        CREATE OR REPLACE FUNCTION {other}_of_{table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE referred bigint;
        BEGIN
            IF TG_LEVEL = 'ROW' THEN
                SELECT OLD.id INTO referred WHERE EXISTS (SELECT FROM {table} x WHERE x.{other} = OLD.id);
            ELSE
                SELECT g.id INTO referred FROM gone g WHERE EXISTS (SELECT FROM {table} x WHERE x.{other} = g.id) LIMIT 1;
            END IF;
            IF FOUND THEN
                RAISE foreign_key_violation USING MESSAGE = format('rows of {table} refer to the {other} %s', referred);
            END IF;
            RETURN NULL;
        END $$;
        DROP TRIGGER IF EXISTS {other}_of_{table}_stays ON {other};
        CREATE TRIGGER {other}_of_{table}_stays AFTER DELETE ON {other} REFERENCING OLD TABLE AS gone EXECUTE FUNCTION {other}_of_{table}_stays();
        DROP TRIGGER IF EXISTS {other}_of_{table}_keeps_number ON {other};
        CREATE TRIGGER {other}_of_{table}_keeps_number AFTER UPDATE OF id ON {other} FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION {other}_of_{table}_stays();
    $made$, '{table}', name), '{other}', other);
END $stays$;
-- +goose StatementEnd
SELECT refers('duty', 'rule');
SELECT refers('occurrence', 'rule');
SELECT refers('notice_item', 'notice');
SELECT stays('rule', 'duty');
SELECT stays('rule', 'occurrence');
SELECT stays('notice', 'notice_item');
RESET lock_timeout;

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
