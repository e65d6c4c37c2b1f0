"""An upstream's own rules: which of its tools are offered, what a call costs, what may be called twice."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.spec import Upstream

SECRET = "hunter2-not-in-any-text"


def upstream(**given: object) -> Upstream:
    return Upstream(name="orders", command=("orders-server",), **given)  # type: ignore[arg-type] -- fields by name


@pytest.mark.parametrize(
    ("allow", "deny", "admitted"),
    [
        (("*",), (), {"get_order", "delete_order", "Get_Order"}),
        (("get_*",), (), {"get_order"}),
        (("*",), ("delete_*",), {"get_order", "Get_Order"}),
        (("get_order", "delete_order"), ("*_order",), set[str]()),
        ((), (), set[str]()),
    ],
)
def test_a_tool_is_offered_when_allowed_and_not_denied(
    allow: tuple[str, ...], deny: tuple[str, ...], admitted: set[str]
) -> None:
    names = ("get_order", "delete_order", "Get_Order")
    assert {name for name in names if upstream(allow=allow, deny=deny).admits(name)} == admitted


@given(name=st.text(), allow=st.lists(st.text(), max_size=3), deny=st.lists(st.text(), max_size=3))
def test_nothing_allowed_brings_a_denied_tool_back(name: str, allow: list[str], deny: list[str]) -> None:
    denies = [*deny, "*"]
    assert not upstream(allow=(*allow, name, "*"), deny=tuple(denies)).admits(name)


def test_the_price_of_a_tool_goes_before_the_price_of_its_upstream() -> None:
    priced = upstream(cost_usd=Decimal("0.01"), tool_costs={"search": Decimal("0.25"), "ping": Decimal(0)})
    assert priced.cost_of("search") == Decimal("0.25")
    # A price of nothing is a price: falling through to the upstream's would bill what is free.
    assert priced.cost_of("ping") == Decimal(0)
    assert priced.cost_of("other") == Decimal("0.01")
    assert upstream().cost_of("search") is None


@pytest.mark.parametrize(
    ("annotations", "claims"),
    [
        (None, False),
        ({}, False),
        ({"idempotentHint": True}, True),
        ({"readOnlyHint": True}, True),
        ({"readOnlyHint": False, "idempotentHint": False}, False),
        ({"idempotentHint": "true"}, False),
        ({"destructiveHint": False}, False),
    ],
)
def test_a_tool_may_be_called_twice_when_its_hints_say_so(annotations: dict[str, object] | None, claims: bool) -> None:
    assert upstream().is_idempotent("send", annotations) is claims


def test_a_setting_may_say_so_in_place_of_the_hints() -> None:
    told = upstream(idempotent=("put_*",))
    assert told.is_idempotent("put_order", {"idempotentHint": False})
    assert not told.is_idempotent("post_order", None)


def test_what_may_hold_a_secret_is_in_no_repr() -> None:
    # Settings end up in tracebacks and debug lines.
    over_stdio = Upstream(name="a", command=("server", "--token", SECRET), env={"TOKEN": SECRET})
    over_http = Upstream(name="b", url=f"https://mcp.example.com/?key={SECRET}", headers={"Authorization": SECRET})
    assert SECRET not in repr((over_stdio, over_http))


def test_equal_upstreams_have_one_hash() -> None:
    # Settings are frozen, so someone may use them as a key; mappings have no hash of their own.
    assert hash(upstream(env={"A": "1"})) == hash(upstream(env={"A": "1"}))
