"""What a REPORT line tells, as metrics, wherever it was read."""

from decimal import Decimal
from typing import Any

import pytest

from lambdascope_proxy import names
from lambdascope_proxy.call import Invocation
from lambdascope_proxy.telemetry.execution_meter import meter_execution, told

FUNCTION = {names.FAAS_NAME: "orders", names.FAAS_REGION: "eu-west-1"}
SERIES = tuple(FUNCTION.items())


def test_the_report_of_an_execution_nobody_waited_for_tells_nothing_of_the_platform(metered: Any) -> None:
    # Without the caller's clock there is no remainder; a zero would pull the percentiles down.
    found = Invocation(region="eu-west-1", duration_ms=41.0, billed_ms=42, cost_usd=Decimal("0.5"), cost_source="logs")
    meter_execution(metered.meters, found, FUNCTION)
    assert metered.read() == {
        "lambdascope.lambda.handler.duration": {SERIES: (1, pytest.approx(0.041))},
        "lambdascope.lambda.billed.duration": {SERIES: 0.042},
        "lambdascope.cost": {SERIES: 0.5},
    }


@pytest.mark.parametrize(("cold_start", "value"), [(True, "true"), (False, "false"), (None, "unknown")])
def test_a_cold_start_that_is_not_known_is_told_as_such(cold_start: bool | None, value: str) -> None:
    assert told(cold_start) == value
