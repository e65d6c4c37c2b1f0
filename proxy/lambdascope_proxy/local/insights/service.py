"""StartQuery, GetQueryResults and StopQuery: what is asked, over which events, and how the answer is told."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from lambdascope_proxy.local.errors import AwsError
from lambdascope_proxy.local.insights.evaluation import Event, evaluate
from lambdascope_proxy.local.insights.malformed import MalformedQuery
from lambdascope_proxy.local.insights.parser import MAX_LIMIT
from lambdascope_proxy.local.insights.queries import Queries, Query, Scan
from lambdascope_proxy.local.log_groups import LogGroup, LogGroups, size_of
from lambdascope_proxy.local.logs import KeptEvent

MAX_GROUPS = 50
MAX_QUERY_CHARS = 10_000
MAX_PAGE = 10_000
_LATEST_S = 100_000_000_000  # a later "second" is a millisecond, sent by mistake
_NO_INSIGHTS = {"DELIVERY", "ESSENTIALS"}
_GROUP_PARAMETERS = ("logGroupName", "logGroupNames", "logGroupIdentifiers")

Asked = Mapping[str, Any]


class QueryService:
    """The operations on queries."""

    START_PARAMETERS = frozenset({*_GROUP_PARAMETERS, "startTime", "endTime", "queryString", "limit", "queryLanguage"})

    def __init__(self, groups: LogGroups, queries: Queries) -> None:
        self._groups = groups
        self._queries = queries

    def start(self, asked: Asked) -> Mapping[str, Any]:
        """StartQuery: evaluates the query over the events there are now."""
        text = _query_text(asked)
        start_s, end_s = _window(asked)
        groups = self._asked_groups(asked)
        limit = asked.get("limit")
        if limit is not None and not 1 <= limit <= MAX_LIMIT:
            raise _invalid(f"limit must be between 1 and {MAX_LIMIT}")
        self._queries.admit()
        events = [
            self._event(group, kept)
            for group in groups
            for kept in self._groups.events(group)
            if start_s * 1000 <= kept.event.timestamp_ms <= end_s * 1000
        ]
        try:
            result = evaluate(text, events, limit)
        except MalformedQuery as malformed:
            raise _malformed(malformed) from None
        scan = Scan(
            records=len(events),
            size_bytes=sum(size_of(event.message) for event in events),
            groups=[group.name for group in groups],
        )
        return {"queryId": self._queries.add(text, result, scan).query_id}

    def results(self, asked: Asked) -> Mapping[str, Any]:
        """GetQueryResults."""
        query = self._queries.poll(_query_id(asked))
        size = asked.get("maxItems", MAX_PAGE) or MAX_PAGE
        if not 1 <= size <= MAX_PAGE:
            raise _invalid(f"maxItems must be between 1 and {MAX_PAGE}")
        first = _read_token(asked["nextToken"], query) if "nextToken" in asked else 0
        last = min(first + size, query.row_count)
        rows = [[{"field": name, "value": value} for name, value in row] for row in query.result.rows[first:last]]
        answer = {"queryLanguage": "CWLI", "results": rows, "statistics": _statistics(query), "status": query.status}
        return answer | ({"nextToken": _token(last, query)} if last < query.row_count else {})

    def stop(self, asked: Asked) -> Mapping[str, Any]:
        """StopQuery."""
        self._queries.stop(_query_id(asked))
        return {"success": True}

    def _asked_groups(self, asked: Asked) -> list[LogGroup]:
        given = [asked[name] for name in _GROUP_PARAMETERS if asked.get(name)]
        if len(given) != 1:
            raise _invalid(f"Exactly one of {', '.join(_GROUP_PARAMETERS)} is needed")
        names: Sequence[str] = [given[0]] if isinstance(given[0], str) else given[0]
        if len(names) > MAX_GROUPS:
            raise _invalid(f"A query reads at most {MAX_GROUPS} log groups")
        groups = {group.name: group for group in map(self._groups.find, names)}
        for group in groups.values():
            if group.log_class in _NO_INSIGHTS:
                raise _invalid(f"Log group {group.name} of class {group.log_class} cannot be queried")
        return list(groups.values())

    def _event(self, group: LogGroup, kept: KeptEvent) -> Event:
        label = self._groups.label(group)
        return Event(
            timestamp_ms=kept.event.timestamp_ms,
            ingested_ms=kept.event.timestamp_ms,
            message=kept.event.message,
            log=label,
            stream=kept.event.stream,
            pointer=base64.b64encode(f"{label}:{kept.number}".encode()).decode(),
            has_discovery=group.has_discovery,
        )


def _query_text(asked: Asked) -> str:
    text = asked.get("queryString", "")
    if len(text) > MAX_QUERY_CHARS:
        raise _invalid(f"queryString must have at most {MAX_QUERY_CHARS} characters")
    language = asked.get("queryLanguage", "CWLI")
    if language != "CWLI":
        raise _malformed(MalformedQuery(f"the local AWS does not play queries in {language}", 0, len(text)))
    return text


def _window(asked: Asked) -> tuple[int, int]:
    start_s, end_s = asked.get("startTime"), asked.get("endTime")
    if not isinstance(start_s, int) or not isinstance(end_s, int) or not 0 <= start_s <= end_s <= _LATEST_S:
        raise _invalid("startTime and endTime are seconds since 1970, the end not before the start")
    return start_s, end_s


def _query_id(asked: Asked) -> str:
    query_id = asked.get("queryId")
    if not isinstance(query_id, str) or not query_id:
        raise _invalid("queryId is needed")
    return query_id


def _statistics(query: Query) -> dict[str, float]:
    if query.status == "Scheduled":
        return dict.fromkeys(("recordsMatched", "recordsScanned", "bytesScanned"), 0.0)
    return {
        "recordsMatched": float(query.result.matched),
        "recordsScanned": float(query.scan.records),
        "bytesScanned": float(query.scan.size_bytes),
        "estimatedRecordsSkipped": 0.0,
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": float(len(query.scan.groups)),
        "resultCount": float(query.row_count),
    }


def _token(row: int, query: Query) -> str:
    return base64.urlsafe_b64encode(f"{query.query_id}:{row}".encode()).decode()


def _read_token(token: str, query: Query) -> int:
    try:
        query_id, _, row = base64.urlsafe_b64decode(token).decode().partition(":")
        if query_id == query.query_id:
            return int(row)
    except ValueError:
        pass
    raise _invalid("The specified nextToken is invalid.")


def _malformed(error: MalformedQuery) -> AwsError:
    location = {"startCharOffset": error.start, "endCharOffset": error.end}
    compile_error = {"location": location, "message": error.message}
    return AwsError("MalformedQueryException", error.message, fields={"queryCompileError": compile_error})


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)
