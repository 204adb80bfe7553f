def migrate(cr, version):
    """Take the present plan of each stage as its first plan: nobody knows an earlier one (D2)."""
    cr.execute(
        "UPDATE quality_production_notice_stage SET date_planned = date_due "
        "WHERE date_planned IS NULL AND date_due IS NOT NULL"
    )
