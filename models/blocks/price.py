"""Who may see prices, cost and margin (M5): sales, finance, legal and management only."""

#: Value of the ``groups`` attribute of every field that holds or embeds an amount.
PRICE_GROUPS = (
    "customer_quality.group_price,sales_team.group_sale_salesman,account.group_account_invoice"
)
