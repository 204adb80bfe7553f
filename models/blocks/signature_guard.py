"""Triggers that keep what was signed: no deleting, no emptying, no change of what was hashed.

They stop mistakes and stray SQL. Who owns the database can switch them off; what is then done
is found by the verification of the chain.
"""

from odoo.tools import SQL, sql

FUNCTION = SQL.identifier("quality_signature_guard")
TABLES = (
    "quality_signature",
    "quality_signature_seal",
    "quality_signature_chain",
    "quality_signature_check",
)

#: Columns are looked up by name at run time, so that adding, dropping or converting a column
#: never meets a dependency of the trigger on it.
GUARD = SQL(
    """
    CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql AS $guard$
    DECLARE
        guarded text;
    BEGIN
        IF TG_OP <> 'UPDATE' THEN
            RAISE EXCEPTION 'Signatures are kept: nothing can be removed from %%.', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END IF;
        FOREACH guarded IN ARRAY TG_ARGV LOOP
            IF to_jsonb(OLD) -> guarded IS DISTINCT FROM to_jsonb(NEW) -> guarded THEN
                RAISE EXCEPTION 'Signatures are kept as they were given: %% of %% can not change.',
                    guarded, TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END IF;
        END LOOP;
        RETURN NEW;
    END
    $guard$
    """,
    FUNCTION,
)


def install_guard(cr, table, columns):
    """Guard ``table``; doing it again changes nothing.

    :param table: name of the table
    :param columns: names of the columns that never change once they are written
    """
    cr.execute(GUARD)
    drop_guard(cr, table)
    cr.execute(
        SQL(
            "CREATE TRIGGER %s BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION %s(%s)",
            SQL.identifier(f"{table}_guard_row"),
            SQL.identifier(table),
            FUNCTION,
            SQL(", ").join(SQL("%s", column) for column in columns),
        )
    )
    cr.execute(
        SQL(
            "CREATE TRIGGER %s BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION %s()",
            SQL.identifier(f"{table}_guard_table"),
            SQL.identifier(table),
            FUNCTION,
        )
    )


def drop_guard(cr, table):
    """Remove the guard of ``table``, where there is one."""
    for suffix in ("row", "table"):
        cr.execute(
            SQL(
                "DROP TRIGGER IF EXISTS %s ON %s",
                SQL.identifier(f"{table}_guard_{suffix}"),
                SQL.identifier(table),
            )
        )


def drop_signature_guards(env):
    """Remove every guard and their function, so that the module can be uninstalled."""
    for table in TABLES:
        if sql.table_exists(env.cr, table):
            drop_guard(env.cr, table)
    env.cr.execute(SQL("DROP FUNCTION IF EXISTS %s()", FUNCTION))
