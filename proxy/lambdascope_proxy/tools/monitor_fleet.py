"""The tool that compares all functions by their metrics, worst first."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lambdascope_analytics.pricing import RateTable
from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Snapshot
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, read_window
from lambdascope_proxy.function_name import REGION_ARGUMENT
from lambdascope_proxy.monitoring.fleet import Fleets, fleet_question
from lambdascope_proxy.monitoring.fleet_data import SORTS, fleet_data, fleet_text
from lambdascope_proxy.tool import ToolSpec

# As long as CloudWatch keeps anything.
RETENTION_S: Final = 455 * 86_400
DEFAULT_ROWS: Final = 20
MOST_ROWS: Final = 200

SPEC: Final = ToolSpec(
    name="monitor_fleet",
    title="Monitor all functions",
    description=(
        "Compares all Lambda functions in CloudWatch, whoever called them, worst first: invocations, errors, "
        "throttles, p95 duration, estimated cost."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "time_range": TIME_RANGE_SCHEMA,
            "sort_by": {"type": "string", "enum": list(SORTS), "default": "errors"},
            "limit": {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": DEFAULT_ROWS},
            "region": REGION_ARGUMENT,
        },
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "totals": {"type": "object"},
            "functions": {"type": "array"},
            "not_listed": {"type": "integer"},
            "partial": {"type": "array"},
            "next_step": {"type": "string"},
        },
    },
    read_only=True,
    idempotent=True,
)


class MonitorFleet:
    """Answers about every function of the catalogue."""

    spec = SPEC

    def __init__(
        self,
        *,
        catalogs: Catalogs,
        fleets: Fleets,
        rates: Callable[[], RateTable],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._catalogs = catalogs
        self._fleets = fleets
        self._rates = rates
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At CloudWatch, about no function in particular."""
        return Aim(target="cloudwatch")

    async def run(self, call: Call) -> Outcome:
        """The comparison. Raises CallFailed when the functions or all of their metrics cannot be read."""
        arguments, now = call.arguments, self._now()
        window = read_window(arguments.get("time_range"), now, retention_s=RETENTION_S)
        snapshot = await self._catalogs.snapshot(arguments.get("region"))
        call.progress.message = f"reading metrics of {len(snapshot.functions)} functions"
        question = fleet_question(snapshot.by_name, window, now)
        fleet = await self._fleets.look(question)
        # JSON Schema counts 2.0 among the integers.
        limit = int(arguments.get("limit", DEFAULT_ROWS))
        data = fleet_data(question, fleet, self._rates(), sort_by=arguments.get("sort_by", "errors"), limit=limit)
        return Outcome(kind=OutcomeKind.OK, text=fleet_text(data), data=data, notes=_notes(snapshot), bill=fleet.bill)


def _notes(snapshot: Snapshot) -> tuple[str, ...]:
    stale = f"The list of functions may be old: {snapshot.stale_reason}"
    return (*((stale,) if snapshot.stale_reason else ()), *snapshot.unread)
