from typing import NamedTuple

from odoo import models


class Difference(NamedTuple):
    """One way in which an order would differ from what was agreed (C5).

    ``kind`` is one of quantity, cancel, cancel_order, add, product, date, requirement, price and
    terms; ``before`` and ``after`` are texts without any price (M5).
    """

    order: models.BaseModel
    line: models.BaseModel
    kind: str
    before: str
    after: str
