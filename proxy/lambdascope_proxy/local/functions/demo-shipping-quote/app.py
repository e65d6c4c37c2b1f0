"""What shipping costs: asks a carrier, whose answer takes its time."""

import time
from typing import Any

CARRIER_LATENCY_S = 0.4
BASE_EUR = {"DE": 4.5, "FR": 6.9, "US": 14.9}


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    country = str(event.get("country", "DE"))
    weight_kg = float(event.get("weight_kg", 1.0))
    if country not in BASE_EUR:
        raise ValueError(f"the carrier does not deliver to {country}")
    time.sleep(CARRIER_LATENCY_S)
    print(f"quote for {weight_kg} kg to {country}")
    return {"country": country, "weight_kg": weight_kg, "price_eur": round(BASE_EUR[country] + 1.2 * weight_kg, 2)}
