"""The CloudWatch Logs service: groups, streams, events, and queries of Logs Insights over them.

Differs from AWS where a stage may: events are there as soon as they are written, sizes are those of the messages, and
of operations and parameters only those named here are known; others are refused.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lambdascope_proxy.local.account import Account
from lambdascope_proxy.local.errors import AwsError, not_implemented
from lambdascope_proxy.local.insights.queries import Queries
from lambdascope_proxy.local.insights.service import QueryService
from lambdascope_proxy.local.log_events import filter_log_events, get_log_events
from lambdascope_proxy.local.log_groups import LogGroup, LogGroups
from lambdascope_proxy.local.logs import Journal
from lambdascope_proxy.local.paging import Item, page, page_size
from lambdascope_proxy.local.wire import Answer, Request, json_answer

_TARGET = "Logs_20140328"
_MAX_PAGE = 50
_PAGE = frozenset({"nextToken", "limit"})
_GROUP = frozenset({"logGroupName", "logGroupIdentifier"})
_GROUPS_ASKED = _PAGE | {"logGroupNamePrefix", "logGroupNamePattern", "logGroupClass"}
_STREAMS_ASKED = _PAGE | _GROUP | {"logStreamNamePrefix", "orderBy", "descending"}
_FILTER_ASKED = (
    _PAGE | _GROUP | {"logStreamNames", "logStreamNamePrefix", "startTime", "endTime", "filterPattern", "interleaved"}
)
_EVENTS_ASKED = _PAGE | _GROUP | {"logStreamName", "startTime", "endTime", "startFromHead"}

Asked = Mapping[str, Any]


class LogsApi:
    """Answers logs requests; `log_group_classes` names the groups that are not of the Standard class."""

    def __init__(
        self,
        account: Account,
        journal: Journal,
        *,
        log_group_classes: Mapping[str, str] | None = None,
        queries: Queries | None = None,
    ) -> None:
        self._groups = LogGroups(account, journal, log_group_classes)
        service = QueryService(self._groups, queries or Queries())
        self._operations: Mapping[str, tuple[Callable[[Asked], Mapping[str, Any]], frozenset[str]]] = {
            "DescribeLogGroups": (self._describe_log_groups, _GROUPS_ASKED),
            "DescribeLogStreams": (self._describe_log_streams, _STREAMS_ASKED),
            "FilterLogEvents": (self._filter_log_events, _FILTER_ASKED),
            "GetLogEvents": (self._get_log_events, _EVENTS_ASKED),
            "StartQuery": (service.start, service.START_PARAMETERS),
            "GetQueryResults": (service.results, frozenset({"queryId", "nextToken", "maxItems"})),
            "StopQuery": (service.stop, frozenset({"queryId"})),
        }

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        target, _, name = request.headers.get("x-amz-target", "").partition(".")
        if target != _TARGET or name not in self._operations:
            raise not_implemented(f"the logs operation {name!r}")
        operation, known = self._operations[name]
        return json_answer(operation(_parameters(request, known)), "application/x-amz-json-1.1")

    def _describe_log_groups(self, asked: Asked) -> Mapping[str, Any]:
        prefix, pattern = asked.get("logGroupNamePrefix", ""), asked.get("logGroupNamePattern", "")
        if prefix and pattern:
            raise _invalid("logGroupNamePrefix and logGroupNamePattern exclude each other")
        log_class = asked.get("logGroupClass")
        wanted = [
            group
            for group in self._groups.all()
            if group.name.startswith(prefix) and pattern in group.name and log_class in {None, group.log_class}
        ]
        shown, token = _page(asked, wanted, lambda group: (group.name, 0))
        sizes = self._groups.sizes()
        return _list("logGroups", [self._group(group, sizes[group.name]) for group in shown], token)

    def _group(self, group: LogGroup, size_bytes: int) -> dict[str, Any]:
        arn = self._groups.arn(group)
        return {
            "logGroupName": group.name,
            "creationTime": group.created_ms,
            "metricFilterCount": 0,
            "arn": f"{arn}:*",
            "logGroupArn": arn,
            "storedBytes": size_bytes,
            "logGroupClass": group.log_class,
        }

    def _describe_log_streams(self, asked: Asked) -> Mapping[str, Any]:
        group = self._find(asked)
        by_time = asked.get("orderBy", "LogStreamName") == "LastEventTime"
        prefix = asked.get("logStreamNamePrefix", "")
        if by_time and prefix:
            raise _invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        streams = [stream for stream in self._streams(group) if stream["logStreamName"].startswith(prefix)]
        order = "lastEventTimestamp" if by_time else "logStreamName"
        streams.sort(
            key=lambda stream: (stream[order], stream["logStreamName"]), reverse=asked.get("descending", False)
        )
        places = {stream["logStreamName"]: place for place, stream in enumerate(streams)}
        shown, token = _page(asked, streams, lambda stream: ("", places[stream["logStreamName"]]))
        return _list("logStreams", shown, token)

    def _streams(self, group: LogGroup) -> list[dict[str, Any]]:
        streams: dict[str, dict[str, Any]] = {}
        for kept in self._groups.events(group):
            name, moment = kept.event.stream, kept.event.timestamp_ms
            first = {"logStreamName": name, "creationTime": moment, "firstEventTimestamp": moment, "storedBytes": 0}
            stream = streams.setdefault(name, first | {"arn": f"{self._groups.arn(group)}:log-stream:{name}"})
            stream |= {"lastEventTimestamp": moment, "lastIngestionTime": moment}
        return list(streams.values())

    def _filter_log_events(self, asked: Asked) -> Mapping[str, Any]:
        return filter_log_events(self._groups, self._find(asked), asked)

    def _get_log_events(self, asked: Asked) -> Mapping[str, Any]:
        return get_log_events(self._groups, self._find(asked), asked)

    def _find(self, asked: Asked) -> LogGroup:
        given = [asked[name] for name in sorted(_GROUP) if name in asked]
        if len(given) != 1:
            raise _invalid("Exactly one of logGroupName and logGroupIdentifier is needed")
        return self._groups.find(given[0])


def _parameters(request: Request, known: frozenset[str]) -> dict[str, Any]:
    try:
        asked: dict[str, Any] = dict(json.loads(request.body or b"{}"))
    except (ValueError, TypeError) as error:
        raise AwsError("SerializationException", f"not a JSON object: {error}") from None
    if unknown := sorted(asked.keys() - known):
        raise _invalid(f"{', '.join(unknown)}: not implemented by the local AWS")
    return asked


def _page(asked: Asked, rows: Sequence[Item], key: Callable[[Item], tuple[str, int]]) -> tuple[list[Item], str | None]:
    if asked.get("limit", 1) > _MAX_PAGE:
        raise _invalid(f"limit must be at most {_MAX_PAGE}")
    try:
        return page(rows, key, asked.get("nextToken"), page_size(asked.get("limit"), _MAX_PAGE))
    except ValueError:
        raise _invalid("The specified nextToken is invalid.") from None


def _list(name: str, rows: Sequence[Mapping[str, Any]], token: str | None) -> Mapping[str, Any]:
    return {name: rows, **({"nextToken": token} if token else {})}


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
