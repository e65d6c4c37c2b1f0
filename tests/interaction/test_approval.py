"""A person's approval through a real MCP client, in both eras: asked, told what for, called on a yes only."""

import json
import sys
from pathlib import Path
from typing import Any

import mcp.types as t
import pytest
from stage.answers import told
from stage.proxies import Stage

pytestmark = pytest.mark.anyio
UPSTREAM = Path(__file__).parent / "stage" / "upstream_server.py"
CALL = {"function_name": "demo-shipping-quote", "payload": {"country": "FR", "api_key": "AKIAIOSFODNN7EXAMPLE"}}


class Person:
    """Answers what they are asked in turn, and remembers the questions."""

    def __init__(self, *answers: t.ElicitResult) -> None:
        self._answers = list(answers)
        self.questions: list[str] = []

    async def __call__(self, context: Any, params: Any) -> t.ElicitResult:
        assert params.requested_schema["required"] == ["approve"]
        self.questions.append(params.message)
        return self._answers.pop(0)


YES = t.ElicitResult(action="accept", content={"approve": True})
UNTICKED = t.ElicitResult(action="accept", content={"approve": False})
NO = t.ElicitResult(action="decline")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_call_is_made_once_a_person_approved_it(stage: Stage, mode: str) -> None:
    asking, person = stage.having(LAMBDASCOPE_APPROVE="destructive"), Person(YES, NO, UNTICKED)
    async with asking.stdio_client(mode, elicitation_callback=person) as client:
        approved = told(await client.call_tool("invoke_function", CALL))
        declined = told(await client.call_tool("invoke_function", CALL))
        unticked = told(await client.call_tool("invoke_function", CALL))
        assert not (await client.call_tool("list_functions", {})).is_error
    assert approved["outcome"] == "ok"
    assert [(each["outcome"], each["error_type"]) for each in (declined, unticked)] == [("refused", "NotApproved")] * 2
    (question,) = {*person.questions}
    assert len(person.questions) == 3
    assert 'approve this call of "invoke_function" (lambda, function "demo-shipping-quote")' in question
    assert "AKIAIOSFODNN7EXAMPLE" not in question
    row = await stage.row(approved["call_id"])
    assert row["proxy_ms"] <= row["total_ms"]
    rows = stage.rows("tool_name = 'invoke_function'")
    asked = 3 if mode == "auto" else 0
    assert [row["error_type"] for row in rows].count("ApprovalAsked") == asked
    assert [row["outcome"] for row in rows].count("ok") == 1


async def test_a_client_without_forms_is_told_why_and_what_to_do(stage: Stage) -> None:
    async with stage.having(LAMBDASCOPE_APPROVE_TOOLS="demo-*").stdio_client() as client:
        refused = told(await client.call_tool("invoke_function", CALL))
    assert refused["error_type"] == "NotApproved"
    assert "cannot ask" in refused["error_message"]
    assert "elicitation" in refused["next_step"]


async def test_a_server_that_asks_something_itself_is_answered_after_the_approval(stage: Stage, tmp_path: Path) -> None:
    # Both questions come by results that ask; the second must not undo the first.
    config = tmp_path / "lambdascope.toml"
    command = json.dumps([sys.executable, str(UPSTREAM), "stdio", "both"])
    config.write_text(f"[upstreams.fixture]\ncommand = {command}\n", encoding="utf-8")
    asking = stage.having(LAMBDASCOPE_CONFIG=str(config), LAMBDASCOPE_APPROVE="always")
    questions: list[str] = []

    async def person(context: Any, params: Any) -> t.ElicitResult:
        questions.append(params.message)
        return YES if len(questions) == 1 else t.ElicitResult(action="accept", content={"name": "Ada"})

    async with asking.stdio_client(elicitation_callback=person) as client:
        answer = await client.call_tool("ask", {})
    assert [question.partition(" ")[0] for question in questions] == ["lambdascope:", "Your"]
    assert "Ada" in str(answer.content)
