def migrate(cr, version):
    """Note on each line of a review whose it was, so that it can be repeated (B8)."""
    cr.execute(
        """
        UPDATE quality_contract_review_line line
           SET customer_id = partner.commercial_partner_id
          FROM quality_contract_review review
          JOIN res_partner partner ON partner.id = review.partner_id
         WHERE review.id = line.review_id AND line.customer_id IS NULL
        """
    )
