"""Only functions of the allow-list are called."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lambdascope_proxy.aws.versions import Versions
from lambdascope_proxy.call import Call, Invocation, Outcome, OutcomeKind
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.measure import not_sent
from lambdascope_proxy.results import Results
from lambdascope_proxy.selection import Function, Selection
from lambdascope_proxy.steps.policy import PolicyStep
from lambdascope_proxy.tools.read_result import ReadResult

pytestmark = pytest.mark.anyio


class Known(Versions):
    """Knows the version called live, and one whose figures could not be read."""

    def __init__(self) -> None:
        pass

    async def of(self, function: Function, qualifier: str) -> tuple[Function, str]:
        if qualifier == "live":
            return replace(function, memory_mb=1024), ""
        if qualifier == "unread":
            return function, "It was not read."
        raise CallFailed(OutcomeKind.NOT_FOUND, "ResourceNotFoundException", "no such version")


@pytest.fixture
def step(function_of: Callable[..., Function], catalogs_of: Callable[[Catalog], Catalogs]) -> PolicyStep:
    async def discover(with_tags: bool) -> tuple[Function, ...]:
        return (function_of("orders", memory_mb=256),)

    return PolicyStep(catalogs_of(Catalog(discover, Selection(prefix="o"), ttl_s=60, with_tags=False)), Known())


async def test_an_allowed_function_is_handed_on_with_what_is_known_of_it(
    step: PolicyStep, call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> None:
    seen: list[Function | None] = []

    async def call_next(call: Call) -> Outcome:
        seen.append(call.function)
        return Outcome(kind=OutcomeKind.OK)

    assert (await step(call_of(), call_next)).kind is OutcomeKind.OK
    assert seen == [function_of("orders", memory_mb=256)]


@pytest.mark.parametrize(
    ("name", "kind"), [("payroll", OutcomeKind.REFUSED), ("other", OutcomeKind.NOT_FOUND), ("", OutcomeKind.REFUSED)]
)
async def test_any_other_function_is_never_reached(
    step: PolicyStep, call_of: Callable[..., Call], name: str, kind: OutcomeKind
) -> None:
    async def call_next(call: Call) -> Outcome:
        raise AssertionError("reached")

    with pytest.raises(CallFailed) as failed:
        await step(call_of({"function_name": name}), call_next)
    assert failed.value.kind is kind
    assert failed.value.invocation is None  # nothing is known of what was not found


async def test_a_tool_of_our_own_needs_no_function(step: PolicyStep, call_of: Callable[..., Call]) -> None:
    async def call_next(call: Call) -> Outcome:
        assert call.function is None
        return Outcome(kind=OutcomeKind.OK)

    own = call_of({"call_id": "x"}, tool=ReadResult(Results(0), 10))
    assert (await step(own, call_next)).kind is OutcomeKind.OK


async def test_a_call_that_fails_before_it_leaves_is_recorded_with_its_functions_facts(
    step: PolicyStep, call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> None:
    async def call_next(call: Call) -> Outcome:
        raise CallFailed(OutcomeKind.PAYLOAD_TOO_LARGE, "PayloadTooLarge", "too large")

    with pytest.raises(CallFailed) as failed:
        await step(call_of(payload=b"1234567"), call_next)
    assert failed.value.invocation == not_sent(function_of("orders", memory_mb=256), 7)


async def test_what_the_target_measured_is_kept(step: PolicyStep, call_of: Callable[..., Call]) -> None:
    measured = Invocation(region="us-east-1", attempts=3)

    async def call_next(call: Call) -> Outcome:
        failed = CallFailed(OutcomeKind.THROTTLED, "TooManyRequestsException", "no")
        failed.invocation = measured
        raise failed

    with pytest.raises(CallFailed) as failed:
        await step(call_of(), call_next)
    assert failed.value.invocation is measured


@pytest.mark.parametrize(
    ("qualifier", "memory_mb", "notes"), [("live", 1024, ()), ("unread", 256, ("It was not read.",))]
)
async def test_a_qualified_call_has_the_figures_of_its_version(
    step: PolicyStep, call_of: Callable[..., Call], qualifier: str, memory_mb: int, notes: tuple[str, ...]
) -> None:
    async def call_next(call: Call) -> Outcome:
        assert call.function is not None
        return Outcome(kind=OutcomeKind.OK, text=str(call.function.memory_mb))

    outcome = await step(call_of({"function_name": "orders", "qualifier": qualifier}), call_next)
    assert (outcome.text, outcome.notes) == (str(memory_mb), notes)


async def test_a_qualifier_that_does_not_exist_is_never_reached(
    step: PolicyStep, call_of: Callable[..., Call], function_of: Callable[..., Function]
) -> None:
    async def call_next(call: Call) -> Outcome:
        raise AssertionError("reached")

    with pytest.raises(CallFailed, match="no such version") as failed:
        await step(call_of({"function_name": "orders", "qualifier": "next"}), call_next)
    assert failed.value.invocation == not_sent(function_of("orders", memory_mb=256), 0)


async def test_a_function_is_looked_for_in_the_region_and_account_the_call_is_aimed_at(
    function_of: Callable[..., Function], call_of: Callable[..., Call]
) -> None:
    asked: list[object] = []

    class Everywhere(Catalogs):
        def __init__(self) -> None:
            pass

        async def find(self, name: str, region: str | None = None, *, account_id: str | None = None) -> Function:
            asked.append((name, region, account_id))
            return function_of(name)

    async def call_next(call: Call) -> Outcome:
        return Outcome(kind=OutcomeKind.OK)

    step = PolicyStep(Everywhere(), Known())
    for name, region in (("222222222222:eu-west-1:orders", None), ("orders", "eu-west-1"), ("orders", None)):
        await step(call_of({"function_name": name, **({"region": region} if region else {})}), call_next)
    assert asked == [
        ("orders", "eu-west-1", "222222222222"),
        ("orders", "eu-west-1", None),
        ("orders", None, None),
    ]
