"""What `lambdascope monitor --fleet` shows."""

from typing import Any

from lambdascope_proxy.views.fleet import show_fleet
from lambdascope_proxy.views.page import Page, Surface


def function(name: str, invocations: int | None, errors: int | None, **known: Any) -> dict[str, Any]:
    rate = errors / invocations if errors is not None and invocations else None
    figures: dict[str, Any] = {"throttles": 0, "duration_p95_ms": 27.57, "cost_usd": "0.00000073"}
    return {"name": name, "invocations": invocations, "errors": errors, "error_rate": rate, **figures, **known}


DATA: dict[str, Any] = {
    "window": {"start": "2026-11-22T14:30:00Z", "end": "2026-11-22T17:30:00Z"},
    "sort_by": "errors",
    "totals": {
        "functions": 1203,
        "active": 4,
        "idle": 1199,
        "invocations": 12440,
        "errors": 18,
        "throttles": 3,
        "cost_usd": "0.00000923",
        "cost_source": "estimated",
    },
    "functions": [
        function("charge-card", 12345, 12),
        function("export-catalog", 12, 6, throttles=3, cost_usd="0.00000777", duration_p95_ms=2000),
        function("order-status", 83, 0),
        function("unread", None, None, throttles=None, duration_p95_ms=None, cost_usd=None),
    ],
    "not_listed": 0,
    "partial": [],
    "next_step": "monitor_executions(function_name='charge-card') tells what is behind the first of them.",
    "bill": {"cost_usd": "0.000400000000"},
    "cached": False,
}
SHOWN = """\
1,203 functions, 4 with traffic, 2026-11-22 14:30 to 17:30 UTC
invocations 12,440, errors 18, throttles 3, cost $0.00000923 (estimated from run time, without init)

Worst first, by errors
function        invocations   errors   rate  throttles  p95 ms         cost
─────────────────────────────────────────────────────────────────────────────────────────
charge-card          12,345       12  <0.1%          0   27.57  $0.00000073  ████████████
export-catalog           12        6    50%          3   2,000  $0.00000777  ██████
order-status             83        0     0%          0   27.57  $0.00000073
unread              unknown  unknown           unknown
asking cost $0.0004

Next: `lambdascope monitor charge-card` tells what is behind the first of them.
"""


def shown(width: int = 100, **changed: Any) -> str:
    page = Page(Surface(width=width))
    show_fleet(DATA | changed, page)
    return page.text()


def test_the_worst_come_first_with_bars_and_what_is_unknown_is_no_zero() -> None:
    assert shown() == SHOWN


def test_one_function_is_no_plural() -> None:
    assert shown(totals=DATA["totals"] | {"functions": 1, "active": 1}).startswith("1 function, 1 with traffic, ")


def test_bars_are_of_what_it_is_sorted_by() -> None:
    lines = [line for line in shown(sort_by="cost").splitlines() if "█" in line]
    assert [line.split()[0] for line in lines] == ["charge-card", "export-catalog", "order-status"]
    assert lines[1].count("█") == 12
    assert lines[0].count("█") == lines[2].count("█") == 1


def test_functions_that_are_not_listed_are_counted() -> None:
    assert "\n1,234 more with traffic are not listed: --limit shows more\n" in shown(not_listed=1234)


def test_a_fleet_without_traffic_has_no_table() -> None:
    drawn = shown(functions=[], bill=None)
    assert "Worst first" not in drawn
    assert "nothing was asked of AWS" in drawn
    assert "kept from a moment ago" in shown(cached=True)


LONG: dict[str, Any] = {
    "functions": [
        function("checkout-service-charge-card-1", 12345, 12),
        function("checkout-service-order-status2", 83, 6, cost_usd="0.000000777001"),
    ]
}


def heads(width: int, **changed: Any) -> list[str]:
    """The columns of the table, after a look at whether each function has one line that fits."""
    lines = shown(width, **(LONG | changed)).splitlines()
    assert [line.split()[0] for line in lines if "-service-" in line and "lambdascope" not in line] == [
        each["name"] for each in LONG["functions"]
    ]
    (head,) = [line for line in lines if line.startswith("function ")]
    table = lines[lines.index(head) : lines.index(head) + 4]
    assert max(map(len, table)) <= width
    return head.replace("p95 ms", "p95").split()


def test_where_it_is_narrow_bars_go_first_and_names_stay_whole() -> None:
    """A name that is broken over three lines can be neither read nor copied."""
    every = ["function", "invocations", "errors", "rate", "throttles", "p95", "cost"]
    assert heads(100) == every
    assert "█" not in shown(100, **LONG)
    assert "█" in shown(120, **LONG)
    assert heads(80) == ["function", "invocations", "errors", "p95", "cost"]
    assert "\ntoo narrow for rate, throttles\n" in shown(80, **LONG)
    assert "too narrow" not in shown(100, **LONG)


def test_what_it_is_sorted_by_stays() -> None:
    assert heads(60, sort_by="throttles") == ["function", "invocations", "throttles"]
    assert heads(40, sort_by="error_rate") == ["function", "rate"]
    assert heads(40, sort_by="duration_p95") == ["function", "p95"]


def test_a_name_is_broken_only_where_nothing_else_is_left_to_go() -> None:
    (head,) = [line for line in shown(30, **LONG).splitlines() if line.startswith("function ")]
    assert head.split() == ["function", "errors"]
