from odoo.tools import SQL

from .models.blocks.signature import drop_signature_guards


def post_init_hook(env):
    """Prepare every company that exists already: roles to map, runs of numbers."""
    env["res.company"].search([])._set_up_quality()


def uninstall_hook(env):
    """Take away what the ORM does not know of, and what would hold its tables (K1: legal exit).

    Signatures are guarded by triggers, and the blocks hold each other by RESTRICT; both would
    stand in the way when the ORM deletes the module's data one model after the other.
    """
    drop_signature_guards(env)
    documents = env.registry.descendants(["quality.record.mixin"], "_inherit")
    env["ir.sequence"].search([("code", "in", list(documents))]).unlink()
    constraints = env.execute_query(
        SQL(
            """
            SELECT conrelid::regclass::text, conname
              FROM pg_constraint
             WHERE contype = 'f'
               AND (confrelid::regclass::text = ANY(%(own)s)
                    OR conrelid::regclass::text = ANY(%(own)s))
            """,
            own=_get_own_tables(env),
        )
    )
    for table, constraint in constraints:
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(constraint),
            )
        )


def _get_own_tables(env):
    """Return the tables of the models that this module brings."""
    return [
        model._table
        for model in env.registry.values()
        if model._auto and model._original_module == "customer_quality"
    ]
