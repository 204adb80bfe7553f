"""Let rows of the authority table have one amount, where their reasons differ (B1)."""


def migrate(cr, version):
    # what is unique now is an index of the same name, which the ORM takes for the constraint's own
    cr.execute(
        "ALTER TABLE quality_authority DROP CONSTRAINT IF EXISTS quality_authority_amount_uniq"
    )
