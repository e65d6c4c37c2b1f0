"""Where an order is: the shop's customers ask this all day."""

from datetime import date, timedelta
from typing import Any

STAGES = ("received", "packed", "shipped", "out for delivery", "delivered")
FIRST_DAY = date(2026, 1, 5)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    order_id = int(event.get("order_id", 1001))
    stage = order_id % len(STAGES)
    due = FIRST_DAY + timedelta(days=order_id % 365)
    print(f"order {order_id} is {STAGES[stage]}")
    return {
        "order_id": order_id,
        "status": STAGES[stage],
        "due": due.isoformat(),
        "steps_left": len(STAGES) - 1 - stage,
    }
