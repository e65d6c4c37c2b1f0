"""Which streams of a log group are whose: in a function's own group, in a shared one, and in both at once."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.cloudwatch.log_scope import default_group, group_of, is_shareable, owns, scope_of
from lambdascope_proxy.local.insights.evaluation import Event, evaluate
from lambdascope_proxy.selection import Function

HEX = "0123456789abcdef0123456789abcdef"
GUID = "[5b1f0c52-7f0e-4c6a-9a3e-2d1f4e6a7b80]"
FunctionOf = Callable[..., Function]


def function_named(name: str, log_group: str | None = None) -> Function:
    """A function where no fixture reaches."""
    return Function(name=name, arn=f"arn:{name}", region="us-east-1", account_id="123456789012", log_group=log_group)


def found(condition: str, streams: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those (group, stream) that a query with this condition reads."""
    events = [
        Event(
            timestamp_ms=number, ingested_ms=number, message="m", log=f"1:{group}", stream=stream, pointer=str(number)
        )
        for number, (group, stream) in enumerate(streams)
    ]
    rows = evaluate(f"filter {condition}\n| fields @log, @logStream\n| sort @timestamp asc", events).rows
    return [(row["@log"].partition(":")[2], row["@logStream"]) for row in map(dict, rows)]


def test_a_group_is_the_one_that_is_configured_else_the_one_lambda_makes() -> None:
    orders, shop = function_named("orders"), function_named("orders", "/shop")
    assert (group_of(orders), group_of(shop)) == ("/aws/lambda/orders", "/shop")
    assert default_group(shop) == "/aws/lambda/orders"
    assert [is_shareable(each) for each in (orders, shop, function_named("orders", "/aws/lambda/orders"))] == [
        False,
        True,
        False,
    ]


OWN = ["/aws/lambda/orders", None]
SHARED = ["/shop"]


@pytest.mark.parametrize(
    ("groups", "stream", "is_ours"),
    [
        (OWN, f"2026/11/22/[$LATEST]{HEX}", True),
        (OWN, f"2026/11/22/[17]{HEX}", True),
        (OWN, f"2026/11/22/orders[17]{HEX}", True),
        (OWN, f"2026/11/22/other[$LATEST]{HEX}", False),
        (OWN, "ecs/payroll/123", False),
        (SHARED, f"2026/11/22/orders[$LATEST]{HEX}", True),
        (SHARED, f"2026/11/22/orders[3]{GUID}", True),
        (SHARED, f"orders[$LATEST]{HEX}", True),
        (SHARED, f"2026/11/22/[$LATEST]{HEX}", False),
        (SHARED, f"2026/11/22/my-orders[$LATEST]{HEX}", False),
        (SHARED, f"2026/11/22/orders-2[$LATEST]{HEX}", False),
        (SHARED, f"prod/orders[$LATEST]{HEX}", False),
        (SHARED, "ecs/payroll/123", False),
        (SHARED, "orders", False),
        (SHARED, "orders[latest]", False),
        (SHARED, "", False),
    ],
)
def test_a_foreign_stream_is_left_out_of_every_group(groups: list[str | None], stream: str, is_ours: bool) -> None:
    for group in groups:
        function = function_named("orders", group)
        place = (group_of(function), stream)
        assert owns(function, stream) is is_ours
        assert found(scope_of([function]), [place]) == ([place] if is_ours else [])


@pytest.mark.parametrize("group", [None, "/shop"])
def test_versions_narrow_the_streams(group: str | None) -> None:
    function, name = function_named("orders", group), "orders" if group else ""
    streams = {version: f"2026/11/22/{name}[{version}]{HEX}" for version in ("$LATEST", "1", "2", "12")}
    condition = scope_of([function], ["2", "$LATEST"])
    read = found(condition, [(group_of(function), stream) for stream in streams.values()])
    assert [stream for _, stream in read] == [streams["$LATEST"], streams["2"]]
    assert [owns(function, stream, ["2", "$LATEST"]) for stream in streams.values()] == [True, False, True, False]


def test_of_own_and_shared_groups_at_once_a_nameless_stream_is_read_only_where_it_is_a_functions_own() -> None:
    """A stream without a name in a shared group could be anybody's."""
    functions = [function_named("orders"), function_named("billing"), function_named("tax", "/shop.all/#1")]
    ours = [
        ("/aws/lambda/orders", f"2026/11/22/[$LATEST]{HEX}"),
        ("/aws/lambda/billing", f"2026/11/22/[4]{HEX}"),
        ("/shop.all/#1", f"2026/11/22/tax[$LATEST]{HEX}"),
    ]
    foreign = [
        ("/shop.all/#1", f"2026/11/22/[$LATEST]{HEX}"),
        ("/shop.all/#1", f"2026/11/22/payroll[$LATEST]{HEX}"),
        ("/aws/lambda/orders", f"2026/11/22/payroll[$LATEST]{HEX}"),
    ]
    assert found(scope_of(functions), [*foreign, *ours]) == ours


def test_a_condition_stands_after_and_too() -> None:
    """Without its brackets the second half of a mixed scope would escape the first condition."""
    functions = [function_named("orders"), function_named("tax", "/shop")]
    places = [("/aws/lambda/orders", f"2026/11/22/[1]{HEX}"), ("/shop", f"2026/11/22/tax[1]{HEX}")]
    assert found(f"@message = 'other' and {scope_of(functions)}", places) == []


NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)


# Each is a query that the local Logs Insights parses and runs; names differ in their characters only.
@settings(max_examples=25)
@given(NAMES, NAMES, st.sampled_from(["$LATEST", "1", "99"]), st.sampled_from(["", "2026/11/22/"]))
def test_every_name_finds_its_own_streams_and_those_of_no_other(name: str, other: str, version: str, day: str) -> None:
    place = ("/shop", f"{day}{name}[{version}]{HEX}")
    assert found(scope_of([function_named(name, "/shop")]), [place]) == [place]
    assert owns(function_named(other, "/shop"), place[1]) is (other == name)
