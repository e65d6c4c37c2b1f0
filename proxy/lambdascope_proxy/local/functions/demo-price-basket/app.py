"""The best price of a basket: tries every set of coupons, so its time grows with two to the power of their number."""

from itertools import combinations
from typing import Any

COUPONS = [(f"SAVE{percent}", percent) for percent in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19)]
MAX_DISCOUNT_PERCENT = 40


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    total_eur = float(event.get("total_eur", 100.0))
    coupons = COUPONS[: max(1, min(int(event.get("coupons", 15)), len(COUPONS)))]
    best, tried = 0, 0
    for size in range(1, len(coupons) + 1):
        for chosen in combinations(coupons, size):
            tried += 1
            percent = sum(percent for _, percent in chosen)
            if best < percent <= MAX_DISCOUNT_PERCENT:
                best = percent
    print(f"tried {tried} sets of coupons")
    return {"total_eur": total_eur, "discount_percent": best, "price_eur": round(total_eur * (100 - best) / 100, 2)}
