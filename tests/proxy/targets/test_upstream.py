"""What a call of another server's tool costs, by what came back; the rest is tested in front of real upstreams."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from lambdascope_proxy.call import Call
from lambdascope_proxy.errors import CallFailed, ResultTooLarge, UpstreamGone
from lambdascope_proxy.targets.upstream import UpstreamTarget
from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio
HALF = Decimal("0.5")


class Connection:
    """A session on which one thing comes back."""

    protocol_version, session_id = "2026-07-28", None

    def __init__(self, came: dict[str, Any] | Exception, price: Decimal | None = HALF) -> None:
        self.spec = Upstream(name="shop", command=("shop",), cost_usd=price)
        self.came = came

    async def link(self) -> "Connection":
        return self

    async def request(self, *told: Any, **more: Any) -> Any:
        if isinstance(self.came, Exception):
            raise self.came
        return SimpleNamespace(result=self.came, bytes=7)


def target_of(came: Any, price: Decimal | None = HALF) -> UpstreamTarget:
    connection: Any = Connection(came, price)
    return UpstreamTarget(connection)


@pytest.fixture
def call(call_of: Callable[..., Call]) -> Call:
    plain = call_of()
    return replace(plain, aim=replace(plain.aim, target="upstream:shop", upstream_tool="search"))


async def test_an_answer_that_is_too_large_costs_what_any_answer_costs(call: Call) -> None:
    # The tool ran: were it free, no budget would ever end its calls.
    with pytest.raises(CallFailed) as failed:
        await target_of(ResultTooLarge(9_000_000, 2_000_000)).invoke(call)
    made = failed.value.invocation
    assert made is not None
    assert (made.cost_usd, made.cost_source, made.response_bytes) == (HALF, "configured", 9_000_000)


async def test_a_call_without_an_answer_has_no_price(call: Call) -> None:
    with pytest.raises(CallFailed) as failed:
        await target_of(UpstreamGone("it ended")).invoke(call)
    made = failed.value.invocation
    assert made is not None
    assert (made.cost_usd, made.cost_source) == (None, "none")


@pytest.mark.parametrize("price", [HALF, None])
async def test_a_question_back_is_free_and_the_call_that_brings_the_answers_is_not(
    call: Call, price: Decimal | None
) -> None:
    # Older clients are asked during the one call, so the same work would cost newer ones twice.
    asks = await target_of({"resultType": "input_required", "inputRequests": {}}, price).invoke(call)
    ends = await target_of({"resultType": "complete", "content": []}, price).invoke(call)
    costs = [outcome.invocation and outcome.invocation.cost_usd for outcome in (asks, ends)]
    assert costs == ([0, HALF] if price else [None, None])
