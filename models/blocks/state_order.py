"""Groups of documents by state stand in the order in which a document runs through them."""


def in_order(records, states, _domain):
    """Return ``states``, of those that occur, in the order of the field (for ``group_expand``).

    :param records: recordset of a model with a selection field ``state``
    :param states: list of values of ``state``
    """
    return [state for state in records._fields["state"].get_values(records.env) if state in states]
