"""What else to buy, first try: what sells best, for everyone the same."""

from typing import Any

BEST_SELLERS = ["mug", "shirt", "poster"]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"model": "best-sellers", "products": BEST_SELLERS[: int(event.get("count", 3))]}
