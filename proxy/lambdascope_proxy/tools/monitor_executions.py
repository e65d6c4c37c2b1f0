"""The tool that tells how one function has been doing: CloudWatch, its logs and the history in one answer."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lambdascope_analytics.pricing import RateTable
from lambdascope_proxy.aws.versions import Versions
from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.cloudwatch.window import TIME_RANGE_SCHEMA, read_window
from lambdascope_proxy.function_name import REGION_ARGUMENT, guessed_name
from lambdascope_proxy.monitoring.aliases import Aliases
from lambdascope_proxy.monitoring.execution_cost import cost_of
from lambdascope_proxy.monitoring.execution_data import data_of, signs_of
from lambdascope_proxy.monitoring.execution_notes import notes_of
from lambdascope_proxy.monitoring.execution_question import Question, question_of
from lambdascope_proxy.monitoring.execution_text import text_of
from lambdascope_proxy.monitoring.executions import Executions
from lambdascope_proxy.monitoring.measures import METRIC_TYPES
from lambdascope_proxy.monitoring.next_step import next_step
from lambdascope_proxy.selection import Function
from lambdascope_proxy.tool import ToolSpec

# As long as CloudWatch keeps anything.
RETENTION_S: Final = 455 * 86_400

SPEC: Final = ToolSpec(
    name="monitor_executions",
    title="Monitor a function's executions",
    description=(
        "How one Lambda function has been doing, whoever called it, from CloudWatch: traffic, errors, duration, cold "
        "starts, memory, cost, top errors."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "function_name": {"type": "string", "minLength": 1},
            "time_range": TIME_RANGE_SCHEMA,
            "include_errors": {"type": "boolean", "default": True},
            "metric_types": {
                "type": "array",
                "items": {"type": "string", "enum": list(METRIC_TYPES)},
                "minItems": 1,
                "description": "Default all",
            },
            "qualifier": {"type": "string", "minLength": 1, "maxLength": 128, "description": "Alias or version"},
            "region": REGION_ARGUMENT,
        },
        "required": ["function_name"],
        "additionalProperties": False,
    },
    output_schema={
        "type": "object",
        "properties": {
            "invocations": {"type": "object"},
            "cost": {"type": "object"},
            "top_errors": {"type": ["array", "null"]},
            "partial": {"type": "array"},
            "next_step": {"type": "string"},
        },
    },
    read_only=True,
    idempotent=True,
)


class MonitorExecutions:
    """Answers about one function; `scrub` masks what its logs say of errors."""

    spec = SPEC

    def __init__(
        self,
        *,
        catalogs: Catalogs,
        versions: Versions,
        aliases: Aliases,
        executions: Executions,
        rates: Callable[[], RateTable],
        scrub: Callable[[str], str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._catalogs = catalogs
        self._versions = versions
        self._aliases = aliases
        self._executions = executions
        self._rates = rates
        self._scrub = scrub
        self._now = now

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        """At CloudWatch, about one function."""
        named, qualifier = guessed_name(arguments), arguments.get("qualifier")
        return Aim(
            target="cloudwatch",
            function_name=named.name or None,
            region=named.region,
            account_id=named.account_id,
            qualifier=qualifier[:128] if isinstance(qualifier, str) else None,
        )

    async def run(self, call: Call) -> Outcome:
        """The report. Raises CallFailed for what cannot be asked, and when nothing could be read."""
        question, notes = await self._question(call.arguments, self._now())
        found = await self._executions.look(question, call.progress)
        cost = cost_of(self._rates(), question.function, found) if "cost" in question.wanted else None
        data = data_of(question, found, cost, self._scrub)
        data["next_step"] = next_step(signs_of(question, data, found))
        return Outcome(
            kind=OutcomeKind.OK,
            text=text_of(data),
            data=data,
            notes=(*notes, *notes_of(question, found)),
            bill=found.bill,
        )

    async def _question(self, arguments: Mapping[str, Any], now: datetime) -> tuple[Question, tuple[str, ...]]:
        window = read_window(arguments.get("time_range"), now, retention_s=RETENTION_S)
        function = await self._catalogs.find(arguments["function_name"], arguments.get("region"))
        qualifier = arguments.get("qualifier")
        function, versions, note = await self._qualified(function, qualifier)
        question = question_of(
            function,
            window,
            now,
            qualifier=qualifier,
            versions=versions,
            metric_types=arguments.get("metric_types"),
            include_errors=arguments.get("include_errors", True),
        )
        return question, (note,) if note else ()

    async def _qualified(self, function: Function, qualifier: str | None) -> tuple[Function, tuple[str, ...], str]:
        """The function as a qualifier means it: its own memory and timeout, and the versions that run."""
        if qualifier is None:
            return function, (), ""
        versions = await self._aliases.versions(function, qualifier)
        of_version, note = await self._versions.of(function, versions[0])
        return (function if note else of_version), versions, note
