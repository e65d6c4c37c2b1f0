"""Takes over the warehouse's stock; a warehouse that does not answer is waited for until Lambda ends it."""

import time
from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    warehouse = str(event.get("warehouse", "hamburg"))
    print(f"connecting to warehouse {warehouse}")
    if event.get("hang") or warehouse == "offline":
        time.sleep(context.get_remaining_time_in_millis() / 1000 + 60)
    time.sleep(0.05)
    stock = {f"sku-{number}": number * 37 % 90 for number in range(1, 6)}
    return {"warehouse": warehouse, "stock": stock}
