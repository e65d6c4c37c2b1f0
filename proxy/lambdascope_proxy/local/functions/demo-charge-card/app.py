"""Charges a customer's card; the bank declines one order in five, always the same ones."""

import logging
from typing import Any

logger = logging.getLogger()
logger.setLevel(logging.INFO)


class CardDeclinedError(Exception):
    """The bank said no."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    order_id = int(event.get("order_id", 1001))
    amount_eur = float(event.get("amount_eur", 19.9))
    logger.info("charging %.2f EUR for order %s", amount_eur, order_id)
    if event.get("decline", order_id % 5 == 0):
        raise CardDeclinedError(f"order {order_id}: insufficient funds")
    return {"order_id": order_id, "charged_eur": amount_eur, "authorization": f"AUTH-{order_id * 7919 % 1_000_000:06d}"}
