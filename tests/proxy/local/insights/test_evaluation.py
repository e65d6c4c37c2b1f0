"""Golden answers: what each command, operator and function yields over one fixed set of events."""

from typing import Any

import pytest

from lambdascope_proxy.local.insights.evaluation import DEFAULT_LIMIT, Event, evaluate


def event(message: str, timestamp_ms: int = 0, **more: Any) -> Event:
    place = {"log": "l", "stream": "s", "pointer": f"p{timestamp_ms}", "ingested_ms": timestamp_ms} | more
    return Event(timestamp_ms=timestamp_ms, message=message, **place)


def column(name: str, *values: str) -> list[dict[str, str]]:
    return [{name: value} for value in values]


COMMANDS: list[tuple[str, list[dict[str, str]]]] = [
    # fields
    ("fields @requestId | limit 3", [{}, {}, {}]),
    ('fields @type, @requestId | filter @type = "END"', [{"@type": "END", "@requestId": "r1"}]),
    ('fields @type | fields @requestId | filter @type = "END"', [{"@type": "END", "@requestId": "r1"}]),
    ('fields level as l, l as m | filter m = "WARN"', [{"l": "WARN", "m": "WARN"}]),
    ('fields user.age * 2 as double, double + 1 | filter level = "WARN"', [{"double": "14", "double + 1": "15"}]),
    ('fields `odd-key` as k, level | filter level = "WARN"', [{"k": "v", "level": "WARN"}]),
    ('fields `user`.name as k | filter level = "WARN"', column("k", "Ann")),
    ('fields user.tags.1 as t, @@id as i | filter level = "ERROR"', [{"t": "y", "i": "z"}]),
    ('fields 1 as @type | filter @type = 1 and @requestId = "r2"', column("@type", "1")),
    (
        'filter @requestId = "r2" and @type = "REPORT" | fields @xrayTraceId, @xraySegmentId, @initDuration',
        [{"@xrayTraceId": "1-6921a7c4-0f3b9d5e7a1c2b4d6e8f0a12", "@xraySegmentId": "3c9e1f7a5b2d4860"}],
    ),
    (
        "filter @initDuration > 0 | fields @duration, @billedDuration, @initDuration, @memorySize, @maxMemoryUsed",
        [
            {
                "@duration": "212.40",
                "@billedDuration": "601",
                "@initDuration": "388.15",
                "@memorySize": "2.56E8",
                "@maxMemoryUsed": "9.4E7",
            }
        ],
    ),
    (
        'filter level = "WARN" | fields @timestamp, @ingestionTime, @log, @logStream',
        [
            {
                "@timestamp": "2026-11-22 09:24:00.000",
                "@ingestionTime": "2026-11-22 09:24:00.005",
                "@log": "123456789012:/aws/lambda/j",
                "@logStream": "s3",
            }
        ],
    ),
    ("limit 1", [{"@timestamp": "2026-11-22 09:25:00.000", "@message": "  file10.txt\n"}]),
    ("fields level # the level\n| filter ispresent(level) # and nothing else", column("level", "WARN", "ERROR")),
    ("FIELDS level | Filter isPresent(level)", column("level", "WARN", "ERROR")),
    # display
    ('fields level, ok | filter level = "WARN" | display ok', column("ok", "0")),
    ('display level | display ok | filter level = "WARN"', column("ok", "0")),
    ('display level | filter level = "WARN" | fields ok', column("level", "WARN")),
    ('stats count(*) as n, max(user.age) as a by level | filter level = "WARN" | display a', column("a", "7")),
    # filter
    ('fields level | filter level = "ERROR" or level = "WARN" and ok = 1', column("level", "ERROR")),
    ('fields level | filter (level = "ERROR" or level = "WARN") and ok = 0', column("level", "WARN")),
    ('fields level | filter not level = "ERROR" and ispresent(level)', column("level", "WARN")),
    ('fields level | filter not (level = "ERROR" or not ispresent(level))', column("level", "WARN")),
    ('fields level | filter level in ["ERROR", "x"]', column("level", "ERROR")),
    ('fields level | filter level not in ["ERROR", "x"] and ispresent(level)', column("level", "WARN")),
    ("fields level | filter user.age in [41, 42]", column("level", "ERROR")),
    ('fields level | filter user.name like "o"', column("level", "ERROR")),
    ('fields level | filter user.name like "O"', []),
    ("fields level | filter user.name like /(?i)BOB/", column("level", "ERROR")),
    ("fields level | filter user.name =~ /^A/", column("level", "WARN")),
    ('fields level | filter user.name =~ "n"', column("level", "WARN")),
    ("fields level | filter user.name not like /^A/ and ispresent(level)", column("level", "ERROR")),
    ("fields @type | filter @message like /^(START|END) /", column("@type", "END", "START")),
    ("fields @type | filter @message like /r1$/", column("@type", "END")),
    ("fields @type | filter @message like /r1\\n$/", column("@type", "END")),
    ("fields @type | filter @message like /r1.$/", []),
    ("fields @type | filter @message like /(?m)LATEST$/", column("@type", "START")),
    ("fields @type | filter @message like /\\$LATEST[$\\n]/", column("@type", "START")),
    ("fields @requestId | filter @message like /\\tStatus: (timeout|error)/", column("@requestId", "r3")),
    ("fields @logStream | filter @message like /ms\\/x|10\\.txt/", column("@logStream", "s2")),
    ("fields @requestId | filter @duration > 200", column("@requestId", "r3", "r1")),
    ("fields @requestId | filter @duration >= 212.4 and @duration < 3000", column("@requestId", "r1")),
    ("fields @requestId | filter @memorySize = 256000000", column("@requestId", "r2", "r1")),
    ("fields @requestId | filter @memorySize / 1000000 = 128", column("@requestId", "r3")),
    ('fields @requestId | filter @duration <= "41.37"', column("@requestId", "r2")),
    ('fields level | filter level > "F"', column("level", "WARN")),
    ('fields level | filter user.name < level and level < "F"', column("level", "ERROR")),
    ("fields level | filter user.age != 41 and ispresent(level)", column("level", "WARN")),
    ("fields n | filter n < 10", column("n", "9")),
    ("fields n | filter n >= 9.5", column("n", "10")),
    ('fields n | filter n = "10.0"', []),
    ("fields n | filter n = 10.0", column("n", "10")),
    ("fields n | filter nosuch = nosuch", []),
    ('stats count(*) as c | filter c != "x"', column("c", "10")),
    ('filter nosuch != "x" | stats count(*) as c', column("c", "10")),
    ('filter level != "WARN" | stats count(*) as c', column("c", "9")),
    ('filter not nosuch like "x" | stats count(*) as c', column("c", "10")),
    ("fields @logStream | filter @timestamp >= 1795339500000", column("@logStream", "s2")),
    ("fields @type | filter @ingestionTime - @timestamp = 5 | limit 1", [{}]),
    # parse
    (
        'parse @message "user=*, method:*, latency := *" as u, m, l | filter ispresent(u)| display u, m, l',
        [{"u": "ann", "m": "GET", "l": "12"}],
    ),
    (
        'parse @message "[*]" as kind | filter ispresent(kind) and kind != "\\"x\\", \\"y\\"" | display kind',
        column("kind", "INFO"),
    ),
    ('fields level | parse user.name "*n" as start | filter level = "WARN"', [{"level": "WARN", "start": "A"}]),
    ('parse "REPORT RequestId: *\tDuration: * ms" as id, d | filter id = "r2" | display d', column("d", "41.37")),
    (
        "parse @message /user=(?<u>[a-z]+), method:(?<m>\\w+)/ | filter ispresent(u) | display u, m",
        [{"u": "ann", "m": "GET"}],
    ),
    ("parse @message /Memory Size: (?<size>\\d+) MB/ | stats max(size) as size", column("size", "256")),
    (
        "parse /Used: (?<used>\\d+) MB\\t(?:Status: (?<s>\\w+))?/ | filter used > 0 | sort used | display used, s",
        [{"used": "64", "s": "timeout"}, {"used": "91"}, {"used": "94"}],
    ),
    ("parse /Version: (?<v>.*)$/ | filter ispresent(v) | display v", column("v", "$LATEST")),
    # stats
    ("stats count(*)", column("count(*)", "10")),
    ("stats count() as n", column("n", "10")),
    ("stats count(@duration) as n", column("n", "3")),
    ("stats count_distinct(@requestId) as n", column("n", "3")),
    ("stats sum(@billedDuration) as s, avg(@billedDuration) as a", [{"s": "3643", "a": "1214.3333333333333"}]),
    ("stats min(@duration) as a, max(@duration) as b", [{"a": "41.37", "b": "3000.00"}]),
    ("stats min(@duration * 1) as a, max(@duration * 1) as b", [{"a": "41.37", "b": "3000"}]),
    ("stats min(level) as a, max(level) as b", [{"a": "ERROR", "b": "WARN"}]),
    ("stats min(n) as a, max(n) as b", [{"a": "9", "b": "10"}]),
    ("stats pct(@billedDuration, 50) as a, pct(@billedDuration, 100) as b", [{"a": "601", "b": "3000"}]),
    ("stats pct(@billedDuration, 75) as a, median(@billedDuration) as b", [{"a": "1800.5", "b": "601"}]),
    ("stats pct(@billedDuration, 99.9) as a", column("a", "2995.202")),
    ("stats stddev(user.age) as a", column("a", "24.041630560342615")),
    ("stats earliest(@requestId) as a, latest(@requestId) as b", [{"a": "r1", "b": "r3"}]),
    ("stats earliest(level) as a, latest(level) as b", [{"a": "ERROR", "b": "WARN"}]),
    ("stats sortsFirst(n) as a, sortsLast(n) as b", [{"a": "9", "b": "10"}]),
    ("stats sortsFirst(user.name) as a, sortsLast(user.name) as b", [{"a": "Ann", "b": "Bob"}]),
    ("stats count(*) as n by level", [{"level": "ERROR", "n": "1"}, {"level": "WARN", "n": "1"}, {"n": "8"}]),
    (
        "stats count(*) as n by bin(1m)",
        [
            {"bin(1m)": "2026-11-22 09:25:00.000", "n": "1"},
            {"bin(1m)": "2026-11-22 09:24:00.000", "n": "1"},
            {"bin(1m)": "2026-11-22 09:23:00.000", "n": "1"},
            {"bin(1m)": "2026-11-22 09:22:00.000", "n": "1"},
            {"bin(1m)": "2026-11-22 09:21:00.000", "n": "2"},
            {"bin(1m)": "2026-11-22 09:20:00.000", "n": "4"},
        ],
    ),
    (
        "stats count(*) as n by bin(1h) as hour, @logStream as s | sort n desc",
        [
            {"hour": "2026-11-22 09:00:00.000", "s": "s1", "n": "5"},
            {"hour": "2026-11-22 09:00:00.000", "s": "s3", "n": "3"},
            {"hour": "2026-11-22 09:00:00.000", "s": "s2", "n": "2"},
        ],
    ),
    ("stats count(*) as n by bin(5m) | sort bin(5m) asc | display n", column("n", "9", "1")),
    ("stats count(*) by bin(5m) | sort count(*) desc | limit 1 | display `count(*)`", column("count(*)", "9")),
    ("stats count(*) by bin(300s) | stats count(*) as bins", column("bins", "6")),
    ("stats sum(@type = 'REPORT') / count(*) * 100 as share", column("share", "30")),
    (
        "stats sum(strcontains(@message, 'Init Duration')) / count(@duration) as cold",
        column("cold", "0.3333333333333333"),
    ),
    ("stats count(*) as n, n * 2 as m, m + n as k", [{"n": "10", "m": "20", "k": "30"}]),
    ("stats ceil(avg(@duration)) as a, greatest(min(user.age), 9) as b", [{"a": "1085", "b": "9"}]),
    ("stats count(*) as n by @logStream | stats max(n) as most, sum(n) as all", [{"most": "5", "all": "10"}]),
    (
        "stats count(*) as n by @logStream | filter n > 2 | fields n * 10 as m | sort m desc | display m",
        column("m", "50", "30"),
    ),
    ('filter level = "none" | stats count(*) as n', []),
    ('filter level = "none" | stats count(*) as n by level', []),
    ("stats sum(level) as a, pct(nosuch, 50) as b", [{}]),
    (
        "stats count_distinct(coalesce(@requestId, record.requestId)) as n by bin(1h)",
        [{"bin(1h)": "2026-11-22 09:00:00.000", "n": "4"}],
    ),
    # sort
    ("filter ispresent(@duration) | sort @duration asc | display @requestId", column("@requestId", "r2", "r1", "r3")),
    ("filter ispresent(@duration) | sort @duration desc | display @requestId", column("@requestId", "r3", "r1", "r2")),
    ("filter ispresent(@duration) | sort @duration | display @requestId", column("@requestId", "r2", "r1", "r3")),
    ("filter ispresent(n) | sort n asc | display n", column("n", "9", "10")),
    (
        "sort level asc, @timestamp asc | limit 3 | display level, @logStream",
        [{"level": "ERROR", "@logStream": "s3"}, {"level": "WARN", "@logStream": "s3"}, {"@logStream": "s1"}],
    ),
    (
        "sort level desc, @timestamp asc | limit 3 | display level, @logStream",
        [{"level": "WARN", "@logStream": "s3"}, {"level": "ERROR", "@logStream": "s3"}, {"@logStream": "s1"}],
    ),
    (
        "filter ispresent(@duration) | sort @memorySize asc, @duration asc | display @requestId",
        column("@requestId", "r3", "r2", "r1"),
    ),
    (
        "filter ispresent(@type) | sort strlen(@type) asc, @timestamp asc | display @type | limit 2",
        column("@type", "END", "START"),
    ),
    (
        "filter ispresent(@duration) | sort @duration asc | sort @memorySize desc | display @requestId",
        column("@requestId", "r2", "r1", "r3"),
    ),
    ("sort @timestamp asc | limit 2 | display @type", [{"@type": "START"}, {}]),
    # limit
    ("limit 2 | display @logStream", column("@logStream", "s2", "s3")),
    ("limit 3 | sort @timestamp asc | limit 1 | display level", column("level", "ERROR")),
    ("limit 3 | stats count(*) as n", column("n", "3")),
    # dedup
    ("dedup @logStream | limit 1", [{"@timestamp": "2026-11-22 09:25:00.000", "@message": "  file10.txt\n"}]),
    (
        "fields @logStream, @requestId | sort @timestamp asc | dedup @logStream",
        [{"@logStream": "s1", "@requestId": "r1"}, {"@logStream": "s2", "@requestId": "r3"}, {"@logStream": "s3"}],
    ),
    ("fields level | filter @logStream = 's3' | dedup level", [{"level": "WARN"}, {"level": "ERROR"}, {}]),
    (
        "fields @log, @logStream | dedup @log, @logStream | limit 2",
        [
            {"@log": "123456789012:/aws/lambda/f", "@logStream": "s2"},
            {"@log": "123456789012:/aws/lambda/j", "@logStream": "s3"},
        ],
    ),
]


@pytest.mark.parametrize(("query", "expected"), COMMANDS, ids=[query for query, _ in COMMANDS])
def test_a_query_yields_exactly_these_rows(ask: Any, query: str, expected: list[dict[str, str]]) -> None:
    assert ask(query) == expected


def test_rows_of_events_carry_their_pointer_and_aggregated_ones_do_not() -> None:
    assert evaluate("fields @message", [event("a")]).rows == [[("@message", "a"), ("@ptr", "p0")]]
    assert evaluate("fields @ptr", [event("a")]).rows == [[("@ptr", "p0")]]
    assert evaluate("stats count(*) as n", [event("a")]).rows == [[("n", "1")]]


def test_ten_thousand_rows_come_unless_another_limit_is_given() -> None:
    many = [event("a", number) for number in range(DEFAULT_LIMIT + 5)]
    assert len(evaluate("fields @message", many).rows) == DEFAULT_LIMIT
    assert len(evaluate("fields @message | limit 10003", many).rows) == 10_003
    assert len(evaluate("fields @message", many, limit=10_004).rows) == 10_004
    assert len(evaluate("fields @message | limit 10003", many, limit=7).rows) == 7


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("fields @message", 10),
        ("filter ispresent(level)", 2),
        ('filter ispresent(level) | filter level = "WARN" | fields level', 1),
        ("filter ispresent(level) | limit 1", 2),
        ("filter @type = 'REPORT' | stats count(*) as n | filter n > 9", 3),
        ("limit 1 | filter ispresent(level)", 10),
        ("fields level | dedup @log", 10),
    ],
)
def test_matched_are_the_events_that_pass_the_filters_of_events(events: Any, query: str, matched: int) -> None:
    assert evaluate(query, events).matched == matched


def test_events_of_one_millisecond_come_last_written_first() -> None:
    rows = evaluate("fields @message", [event("a"), event("b", pointer="p1"), event("c", 1)]).rows
    assert [dict(row)["@message"] for row in rows] == ["c", "b", "a"]


def test_no_fields_are_discovered_in_a_class_without_discovery() -> None:
    plain = event('{"level": "WARN"}', has_discovery=False)
    assert evaluate("fields level, @message | filter not ispresent(level)", [plain]).matched == 1


def test_a_query_over_no_events_has_no_rows() -> None:
    assert evaluate("fields @message | sort level asc | dedup level | limit 3", []).rows == []


def test_text_that_only_looks_like_sql_or_a_parameter_is_data() -> None:
    """Catches literals that reach the statement as text."""
    odd = "it's $p0 ; DROP TABLE events --"
    assert evaluate(f'filter @message = "{odd}" | fields `a"; --` as `c1"`, "$p0" as y', [event(odd)]).rows == [
        [("y", "$p0"), ("@ptr", "p0")]
    ]


@pytest.mark.parametrize("odd", ["a\0b", "\ufffd", "\u2028x", "😀" * 100, "{" * 500, '{"a": ' * 3000])
def test_any_message_can_be_queried(odd: str) -> None:
    assert evaluate("fields @message as m, a.b as c | sort m asc", [event(odd)]).rows[0][0] == ("m", odd)
