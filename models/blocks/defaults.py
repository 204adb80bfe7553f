"""What callers may not do to what the procedures create: by their context, by nested values."""

from odoo.exceptions import AccessError
from odoo.fields import Command

#: Commands that do no more than link what is there already.
LINKS = frozenset({Command.UNLINK, Command.LINK, Command.CLEAR, Command.SET})


def without_defaults(records):
    """Return ``records`` in a context without ``default_…`` keys.

    A procedure creates as superuser what its user may not; the user's context would otherwise
    give the new rows a state or an answer that nobody signed.
    """
    context = records.env.context
    if not any(key.startswith("default_") for key in context):
        return records
    kept = {key: value for key, value in context.items() if not key.startswith("default_")}
    return records.with_env(records.env(context=kept))


def check_nested(records, vals):
    """Refuse values by which a caller would reach other records, once they are created in sudo.

    New rows of the document itself are its content. Everything else, such as changing another
    document or taking over its rows, would be done by a right that the caller has not.

    :param records: recordset of the model that is created
    :param vals: dict of values as the caller gave them
    :raise AccessError: where a nested value does more than it may
    """
    for name, value in vals.items():
        field = records._fields.get(name)
        if value and field and field.type in ("one2many", "many2many"):
            related = records.env[field.comodel_name]
            _check_commands(related, field, value)


def _check_commands(related, field, commands):
    linked = []
    for command in commands:
        code, *rest = command if isinstance(command, (list, tuple)) else (Command.LINK, command)
        if field.type == "one2many" and code == Command.CREATE:
            check_nested(related, rest[1])
        elif field.type == "many2many" and code in LINKS:
            linked += rest[1] if code == Command.SET else rest[:1]
        elif code != Command.CLEAR and not (code == Command.SET and not rest[1]):
            raise AccessError(
                related.env._(
                    "%(field)s can't be given like that: what exists already is changed where "
                    "it belongs.",
                    field=field._description_string(related.env),
                )
            )
    related.browse(filter(None, linked)).exists().check_access("read")
