"""What is measured of signatures, inside Odoo."""

import time

BATCH = 1000
# Documents and receipts to sign, as copies of a first one: creating them is not measured.
COPY = """
    INSERT INTO {table} ({columns}) SELECT {values} FROM {table}, generate_series(2, %(count)s) n
     WHERE {table}.id = %(first)s
"""


def seal(env, count):
    """Sign `count` receipts, seal them and verify them all.

    :return: dict of what was done → seconds per signature, and what the verification said
    """
    receipts = _create_receipts(env, count)
    env.cr.commit()
    figures = {"signing, in batches": _timed(lambda: _sign(env, receipts)) / count}
    seals = env["quality.signature.seal"]
    figures["sealing"] = _timed(lambda: (seals._cron_seal(), env.cr.commit())) / count
    found = []
    verify = env["quality.signature"]._verify
    figures["verifying"] = _timed(lambda: found.append(verify(env.company))) / count
    [result] = found
    return figures, [result.sealed, result.waiting, len(result.findings)]


def _timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _create_receipts(env, count):
    role = env["quality.role"].search([], limit=1)
    record = env["quality.record"].create({"name": "B1", "res_model": "quality.record"})
    receipt = env["quality.acknowledgement"].create({"record_id": record.id, "role_id": role.id})
    env.flush_all()
    last = record.id
    _copy(env, record, count, name="'B' || n")
    # The copies of the document follow the first one, so those of the receipt find them.
    _copy(env, receipt, count, record_id=f"{last} - 1 + n")
    env.invalidate_all()
    return env["quality.acknowledgement"].search([("role_id", "=", role.id)], order="id")


def _copy(env, record, count, **values):
    columns = [
        name
        for name, field in record._fields.items()
        if field.store and field.column_type and name != "id"
    ]
    query = COPY.format(
        table=record._table,
        columns=", ".join(columns),
        values=", ".join(values.get(name, f"{record._table}.{name}") for name in columns),
    )
    env.cr.execute(query, {"count": count, "first": record.id})


def _sign(env, receipts):
    signatures = env(user=env.ref("base.user_admin"))["quality.signature"]
    signer = signatures._authenticate({}, "receipt")
    for start in range(0, len(receipts), BATCH):
        signatures._sign(
            [
                {
                    "record": receipt.record_id,
                    "subjects": receipt,
                    "meaning": "receipt",
                    "role": receipt.role_id,
                    "content": {"document": receipt.record_id.name},
                }
                for receipt in receipts[start : start + BATCH].with_prefetch()
            ],
            signer,
        )
        env.cr.commit()
