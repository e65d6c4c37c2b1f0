"""List prices of AWS Lambda: exact, in `Decimal`, from dated rate tables, and never a default price.

What pricing a call needs is offered here. A month's bill is `usage`, one REPORT line `report`, CloudWatch
`observability`, another configuration `what_if`, and `document` reads all of them as JSON.
"""

from lambdascope_analytics.pricing.bill import Price, PriceLine
from lambdascope_analytics.pricing.invocation import INIT_BILLED_FOR_ALL_SINCE, Package, billed_ms_of, price_invocation
from lambdascope_analytics.pricing.rates import Architecture, PriceItem, RateTable, RegionRates, Tier
from lambdascope_analytics.pricing.tables import load_rates, read_table

__all__ = [
    "INIT_BILLED_FOR_ALL_SINCE",
    "Architecture",
    "Package",
    "Price",
    "PriceItem",
    "PriceLine",
    "RateTable",
    "RegionRates",
    "Tier",
    "billed_ms_of",
    "load_rates",
    "price_invocation",
    "read_table",
]
