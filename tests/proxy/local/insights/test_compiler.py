"""What is refused, and that nothing else ever comes of a query than an answer or a refusal."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.local.insights.compiler import compile_query
from lambdascope_proxy.local.insights.evaluation import Event, evaluate
from lambdascope_proxy.local.insights.malformed import MalformedQuery


def event(message: str, number: int = 0) -> Event:
    return Event(timestamp_ms=number, ingested_ms=number, message=message, log="l", stream="s", pointer=f"p{number}")


# Query, and the part of it that the refusal points at.
REFUSED = [
    ("", ""),
    ("   ", ""),
    ("|fields a", "|"),
    ("fields a |", ""),
    ("fields", ""),
    ("fields a b", "b"),
    ("fields a,", ""),
    ("fields *", "*"),
    ("fields a as", ""),
    ("fields a as b.c d", "d"),
    ("fields and", "and"),
    ("fields (a", ""),
    ("fields a)", ")"),
    ("fields a ! b", "!"),
    ("fields [1]", "["),
    ("fields a.b[0]", "["),
    ("fields 5m", "5m"),
    ("fields 1.", "1"),
    ("fields 12abc3", "1"),
    ("fields a-b", "a-b"),
    ("fields true", "true"),
    ('fields "open', '"'),
    (r'fields "a\nb"', r"\n"),
    ("fields `a", "`"),
    ("fields -2 ^ 2", "-2"),
    ("fields 2 ^ 3 ^ 4", "2"),
    # commands and functions that are not played
    ("pattern @message", "pattern"),
    ("anomaly", "anomaly"),
    ("filter a = 1 | diff", "diff"),
    ("unmask @message", "unmask"),
    ("unnest a", "unnest"),
    ("SOURCE logGroups()", "SOURCE"),
    ("filterIndex a = 1", "filterIndex"),
    ("join a", "join"),
    ("head 5", "head"),
    ("fields jsonParse(@message) as j", "jsonParse(@message)"),
    ("fields upper(a)", "upper(a)"),
    ("fields round(a)", "round(a)"),
    ("fields if(a = 1, 2, 3)", "if(a = 1, 2, 3)"),
    ("fields isValidIp(a)", "isValidIp(a)"),
    ("fields now()", "now()"),
    ("fields `abs`(1)", "`abs`"),
    # arguments
    ("fields abs()", "abs()"),
    ("fields abs(1, 2)", "abs(1, 2)"),
    ("fields strlen(1)", "1"),
    ("fields toupper(@timestamp)", "@timestamp"),
    ("fields concat(a, 1)", "1"),
    ('fields replace(a, "", "b")', '""'),
    ("fields replace(a, b, c)", "b"),
    ("fields bin(5)", "5"),
    ("fields bin(0m)", "0m"),
    ("fields bin(5 m)", "m"),
    ("fields bin(1w)", "1w"),
    ("fields bin(1mo)", "1mo"),
    ("fields bin(1234567m)", "1234567m"),
    ("fields bin(1m, 2m)", "bin(1m, 2m)"),
    ("fields datefloor(@timestamp, 300s)", "300s"),
    ("fields datefloor(a, 5m)", "a"),
    ("fields toMillis(a)", "a"),
    ("fields strlen(5m)", "strlen(5m)"),
    # conditions
    ("filter", ""),
    ("filter a", "a"),
    ("filter a and b = 1", "a"),
    ("filter not 1", "1"),
    ("filter a = 1 = 2", "="),
    ("filter a in []", "]"),
    ("filter a in (1, 2)", "("),
    ("filter a like b", "b"),
    ("filter a not = 1", "="),
    ("filter a == 1", "="),
    ("filter @duration * 1 like /1/", "@duration * 1"),
    ('filter @timestamp > "2026-11-22"', '@timestamp > "2026-11-22"'),
    ("filter @timestamp = a", "@timestamp"),
    ("filter count(*) > 1", "count(*)"),
    # regular expressions
    ("filter a like //", "/"),
    ("filter a like /x", "/"),
    ("filter a like /(x/", "/(x/"),
    ("filter a like /(?=x)/", "/(?=x)/"),
    ("filter a like /(?<!x)y/", "/(?<!x)y/"),
    (r"filter a like /(x)\1/", r"/(x)\1/"),
    ("filter a like /x++/", "/x++/"),
    (r"filter a like /\h/", r"/\h/"),
    ("filter a like /[a[b]]/", "/[a[b]]/"),
    ("filter a like /[a-z&&b]/", "/[a-z&&b]/"),
    ("filter a like /(?x)a/", "/(?x)a/"),
    ("filter a like /a(?m)b$/", "/a(?m)b$/"),
    # parse
    ('parse @message "a*b"', ""),
    ('parse @message "a*b" as x, y', '"a*b"'),
    ('parse @message "ab" as x', '"ab"'),
    ("parse @message /a(b)/", "/a(b)/"),
    ("parse @message /(?<a>b)(c)/", "/(?<a>b)(c)/"),
    ("parse @message /(?<a>b)(?<a>c)/", "/(?<a>b)(?<a>c)/"),
    ("parse @message /(?<a>b)/ as x", "as"),
    ("parse @timestamp /(?<a>b)/", "@timestamp"),
    ("parse", ""),
    # stats
    ("stats", ""),
    ("stats a", "a"),
    ("stats 5 as a", "5 as a"),
    ("stats strlen(a)", "a"),
    ("stats bin(5m)", "bin(5m)"),
    ("stats count(*) by", ""),
    ("stats count(*) by count(a)", "count(a)"),
    ("stats sum(count(*))", "count(*)"),
    ("stats sum(*)", "sum(*)"),
    ("stats sum(a, b)", "sum(a, b)"),
    ("stats count(a, b)", "count(a, b)"),
    ("stats pct(a)", "pct(a)"),
    ("stats pct(a, b)", "b"),
    ("stats pct(a, 101)", "101"),
    ("stats max(@timestamp)", "@timestamp"),
    ("stats earliest(@timestamp)", "@timestamp"),
    ("stats count(*) as n, max(a) as n", "max(a) as n"),
    ("stats count(*) as n by a as n", "stats count(*) as n by a as n"),
    ("stats count(*) as n | fields level", "level"),
    ("stats count(*) as n | sort @timestamp", "@timestamp"),
    ("stats count(*) as n | stats count(*) by bin(5m)", "bin(5m)"),
    ("stats count(*) as n by a | stats latest(a)", "latest(a)"),
    ("stats variance(a)", "variance(a)"),
    # sort, limit, dedup, display
    ("sort", ""),
    ("sort a up", "up"),
    ("limit", ""),
    ("limit 0", "0"),
    ("limit 1.5", "1.5"),
    ("limit 100001", "100001"),
    ("limit -1", "-"),
    ("dedup", ""),
    ("dedup strlen(a)", "("),
    ("dedup a | fields b", "fields b"),
    ("dedup a | sort a asc", "sort a"),
    ("display a as b", "as"),
    ("display abs(a)", "("),
    ("stats count(*) as n | display m", "m"),
]


def refusal_of(query: str) -> MalformedQuery | None:
    """Why a query does not compile."""
    try:
        compile_query(query)
    except MalformedQuery as refusal:
        return refusal
    return None


@pytest.mark.parametrize(("query", "place"), REFUSED, ids=[query for query, _ in REFUSED])
def test_what_is_not_played_is_refused_at_its_place(query: str, place: str) -> None:
    with pytest.raises(MalformedQuery) as refused:
        evaluate(query, [])
    assert query[refused.value.start : refused.value.end] == place


@pytest.mark.parametrize(
    "query",
    [
        "stats count(*) as n" + " | stats sum(n) as n" * 10,
        f"fields {'(' * 60}a{')' * 60}",
        f"fields {'1+' * 200}1",
        f"filter {'not ' * 200}a = 1",
        "fields a" + " | fields a" * 200,
        f"fields {'coalesce(a < ' * 30}a{', a)' * 30}",
        "filter a = 1\0",
        "filter a = '\ud800'",
    ],
    ids=["stats", "parentheses", "sum", "not", "commands", "nested", "NUL", "half a character"],
)
def test_what_could_break_the_evaluator_is_refused_or_answered(query: str) -> None:
    """Catches recursion without end, and SQL that doubles with each level."""
    assert refusal_of(query) or len(compile_query(query).sql) < 1_000_000


def test_the_eleventh_stats_is_refused() -> None:
    ten = "stats count(*) as n" + " | stats sum(n) as n" * 9
    assert evaluate(ten, []).rows == []
    with pytest.raises(MalformedQuery, match="more than 10 stats"):
        compile_query(f"{ten} | stats sum(n) as n")


# A value of each kind of word, more often those that make sense together.
WORDS = """
fields filter parse stats sort limit dedup display | | | , ( ) [ ] = != < > + - * / % ^ and or not in like =~ as by asc
desc a @message @timestamp @duration "x" "a*" /(?<g>x)/ /x$/ 1 2.5 5m 1h count(*) count( sum( bin( strlen( abs( max(a)
coalesce( fromMillis( toMillis(@timestamp) n level `odd-key` user.age # ' \\
"""


@settings(max_examples=300)
@given(query=st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)))
def test_any_text_compiles_or_is_refused_within_itself(query: str) -> None:
    refusal = refusal_of(query)
    assert refusal is None or (refusal.message and 0 <= refusal.start <= refusal.end <= len(query))


VALUES = st.sampled_from(["user.age", "n", "level", "@timestamp", "nosuch", "2", '"x"', '"7"', "@message", "ok", "0"])
SIGNS = "+ - * / % ^ = != < >= and or"
ONE = "abs ceil floor sqrt log strlen toupper trim isempty isblank ispresent fromMillis toMillis toNumber"
TWO = "coalesce greatest least concat substr"
MANY = "count sum avg min max median stddev earliest sortsLast count_distinct"


def one_of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words.split())


EXPRESSIONS = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, one_of(SIGNS), inner),
        st.builds("{}({})".format, one_of(ONE), inner),
        st.builds("{}({}, {})".format, one_of(TWO), inner, inner),
        inner.map("not {}".format),
        inner.map("-{}".format),
    ),
    max_leaves=6,
)
COMMANDS = st.one_of(
    EXPRESSIONS.map("fields {} as n".format),
    EXPRESSIONS.map("filter {}".format),
    EXPRESSIONS.map("sort {} desc".format),
    st.builds(
        "stats {}({}) as n by {} as level".format,
        st.sampled_from(
            ["count", "sum", "avg", "min", "max", "median", "stddev", "earliest", "sortsLast", "count_distinct"]
        ),
        EXPRESSIONS,
        EXPRESSIONS,
    ),
    st.sampled_from(
        ['parse level "*R*" as n, user.age', "limit 2", "dedup level", "display n", "parse /(?<n>[0-9]+)/"]
    ),
)


@settings(max_examples=150)
@given(commands=st.lists(COMMANDS, min_size=1, max_size=4))
def test_what_compiles_also_runs(events: list[Event], commands: list[str]) -> None:
    """Catches SQL that DuckDB refuses, or fails on: wrong types, overflow, roots of negative numbers."""
    query = "limit 9"
    for command in commands:
        if refusal_of(f"{query} | {command}") is None:
            query = f"{query} | {command}"
    evaluate(query, events)


def chunks(text: str) -> list[tuple[int, str]]:
    """What natural order compares: digits by length, then value; the rest by code points."""
    return [(len(run) if run[0].isdigit() else -1, run) for run in re.findall(r"[0-9]+|[^0-9]+", text)]


@settings(max_examples=40)
@given(values=st.lists(st.from_regex(r"[a-c]{1,2}[0-9]{0,3}[a-c]{0,1}", fullmatch=True), max_size=12, unique=True))
def test_texts_sort_in_natural_order(values: list[str]) -> None:
    events = [event(json.dumps({"v": value})) for value in values]
    rows = evaluate("fields v | sort v asc", events).rows
    assert [dict(row)["v"] for row in rows] == sorted(values, key=chunks)
