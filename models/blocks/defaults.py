"""What a caller's context may not do to what the procedures create."""


def without_defaults(records):
    """Return ``records`` in a context without ``default_…`` keys.

    A procedure creates as superuser what its user may not; the user's context would otherwise
    give the new rows a state or an answer that nobody signed.
    """
    context = records.env.context
    if not any(key.startswith("default_") for key in context):
        return records
    return records.with_context(
        {key: value for key, value in context.items() if not key.startswith("default_")}
    )
