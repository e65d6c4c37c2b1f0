"""What else to buy, second try: by what is in the basket, with a model that takes a while to load."""

import time
from typing import Any

time.sleep(0.15)  # the model is read when the environment starts
GOES_WITH = {"mug": ["tea", "coffee"], "shirt": ["socks", "cap"], "poster": ["frame", "tape"]}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    basket: list[str] = event.get("basket", ["mug"])
    products = [product for bought in basket for product in GOES_WITH.get(bought, [])]
    time.sleep(0.02 * len(basket))
    return {"model": "goes-with", "products": products[: int(event.get("count", 3))]}
