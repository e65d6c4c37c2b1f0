"""The tool that reads on in a long result."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import Aim, Call, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.results import Results
from lambdascope_proxy.tools.read_result import ReadResult

TEXT = "0123456789€"


@pytest.fixture
def read(call_of: Callable[..., Call]) -> Callable[..., Any]:
    results = Results(1000)
    results.keep("a", TEXT, "ada")
    results.keep("of another", TEXT, "eve")
    results.keep("of nobody", TEXT)
    tool = ReadResult(results, 4)

    async def run(**arguments: Any) -> Any:
        return (await tool.run(call_of({"call_id": "a", **arguments}, tool=tool))).data

    return run


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("arguments", "text", "next_offset"),
    [
        ({}, "0123", 4),
        ({"offset": 4}, "4567", 8),
        ({"offset": 8}, "89", 10),  # the euro sign takes three bytes of the four
        ({"offset": 2, "length": 1}, "2", 3),
        ({"offset": 10, "length": 1}, "€", None),
        ({"length": 1000}, "0123", 4),  # never more than a model can read
        ({"offset": 500}, "", None),
        ({"offset": 2.0, "length": 3.0}, "234", 5),  # JSON Schema takes 2.0 for an integer
    ],
)
async def test_a_part_is_read_with_where_to_go_on(
    read: Callable[..., Any], arguments: dict[str, Any], text: str, next_offset: int | None
) -> None:
    data = await read(**arguments)
    assert data == {"text": text, "offset": arguments.get("offset", 0), "next_offset": next_offset, "total": len(TEXT)}


@pytest.mark.anyio
@pytest.mark.parametrize("call_id", ["b", "of another", "of nobody"])
async def test_a_result_that_is_not_kept_for_the_caller_says_what_to_do(read: Callable[..., Any], call_id: str) -> None:
    # Call ids stand in the history, which others may query: an id alone must not open a result.
    with pytest.raises(CallFailed) as failed:
        await read(call_id=call_id)
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.NOT_FOUND, "ResultNotKept")
    assert "Call the function again" in failed.value.failure.hint


@given(st.dictionaries(st.sampled_from(["call_id", "offset"]), st.none() | st.integers() | st.text()))
def test_it_is_aimed_at_ourselves_whatever_is_asked(arguments: dict[str, Any]) -> None:
    assert ReadResult(Results(0), 1).aim(arguments) == Aim()
