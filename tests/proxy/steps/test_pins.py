"""The step of the pins: refuses what is held, tells of what is only reported, and lets the rest pass."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.call import Aim, Call, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.steps.pins import META, PinsStep
from lambdascope_proxy.upstreams.pin_board import PinBoard
from lambdascope_proxy.upstreams.pin_store import PinStore
from lambdascope_proxy.upstreams.spec import Upstream

pytestmark = pytest.mark.anyio
CallOf = Callable[..., Call]
SPEC = Upstream(name="files", command=("files-mcp",))
READ = Aim(target="upstream:files", upstream_tool="read")


def tool(description: str) -> Mapping[str, Any]:
    return {"name": "read", "description": description, "inputSchema": {"type": "object"}}


async def step_of(directory: Path, *, holds: bool) -> PinsStep:
    """After `read` was accepted and then changed."""
    board = PinBoard(PinStore(directory=directory), holds=holds)
    await board.look(SPEC, [tool("Reads.")])
    await board.look(SPEC, [tool("Sends.")])
    return PinsStep(board)


async def ok(call: Call) -> Outcome:
    return Outcome(kind=OutcomeKind.OK, meta={"before": 1})


async def test_a_held_tool_is_refused_with_the_command_that_lets_it_go(call_of: CallOf, tmp_path: Path) -> None:
    async def never(call: Call) -> Outcome:
        raise AssertionError("it was called")

    call, step = call_of(aim=READ), await step_of(tmp_path, holds=True)
    with pytest.raises(CallFailed) as refused:
        await step(call, never)
    failure = refused.value.failure
    assert (refused.value.kind, failure.error_type) == (OutcomeKind.REFUSED, "ToolHeld")
    # By the name that we offer it under: its own is whatever the upstream likes.
    why = "it is not as it was approved: its description changed"
    assert failure.message == f"The tool {call.tool.spec.name} of files is held: {why}."
    verdict = step.board.verdict("files", "read")
    assert verdict is not None
    command = f"lambdascope upstreams approve files/read@{verdict.digest}"
    assert failure.hint == f"The operator looks at it and runs: {command}"


async def test_where_what_was_accepted_cannot_be_read_the_way_out_is_another(call_of: CallOf, tmp_path: Path) -> None:
    # Approving would fail over the same file.
    step = await step_of(tmp_path, holds=True)
    step.board.store.path.write_text("{")
    with pytest.raises(CallFailed) as refused:
        await step(call_of(aim=READ), ok)
    failure = refused.value.failure
    assert failure.message.endswith(" of files is held: what was accepted of it cannot be read.")
    assert failure.hint.startswith("The operator repairs pins.json")


async def test_a_reported_tool_is_called_and_its_answer_says_so(call_of: CallOf, tmp_path: Path) -> None:
    outcome = await (await step_of(tmp_path, holds=False))(call_of(aim=READ), ok)
    assert outcome.meta == {"before": 1, META: {"state": "changed", "changed_fields": ["description"]}}


async def test_an_accepted_tool_says_nothing_of_it(call_of: CallOf, tmp_path: Path) -> None:
    step = await step_of(tmp_path, holds=True)
    step.board.store.approve("files", "read", "now")
    assert (await step(call_of(aim=READ), ok)).meta == {"before": 1}


@pytest.mark.parametrize("aim", [Aim(target="lambda"), Aim(target="self"), Aim(target="cloudwatch")])
async def test_what_is_no_tool_of_an_upstream_passes(call_of: CallOf, tmp_path: Path, aim: Aim) -> None:
    assert (await (await step_of(tmp_path, holds=True))(call_of(aim=aim), ok)).kind is OutcomeKind.OK
