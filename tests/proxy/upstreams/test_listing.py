"""Which tools are offered and how they are named."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.listing import NAME_CHARS, keyed, offered_names, prefix_of, sort_tools
from lambdascope_proxy.upstreams.spec import Upstream

ANY = Upstream(name="up", command=("x",))
OBJECT: dict[str, Any] = {"type": "object"}


def reasons(*tools: Any) -> list[str]:
    return [aside.reason for aside in sort_tools(tools, ANY).set_aside]


@pytest.mark.parametrize(
    ("tool", "reason"),
    [
        (7, "it has no name"),
        ({"name": "", "inputSchema": OBJECT}, "it has no name"),
        ({"name": "x" * 300, "inputSchema": OBJECT}, "its name has 300 characters; 256 are taken"),
        ({"name": "a\nb", "inputSchema": OBJECT}, "its name has characters that cannot be printed"),
        ({"name": "a"}, "its inputSchema is not a schema"),
        ({"name": "a", "inputSchema": {}}, "its inputSchema is not of type object"),
        ({"name": "a", "inputSchema": {"type": "object", "required": 7}}, "its inputSchema is not valid at $.required"),
        ({"name": "a", "inputSchema": OBJECT, "outputSchema": 1}, "its outputSchema is not a schema"),
        ({"name": "a", "inputSchema": OBJECT, "description": 1}, "its description is not what the protocol says"),
        ({"name": "a", "inputSchema": OBJECT, "description": "x" * 300_000}, "262144 are taken"),
    ],
)
def test_a_tool_that_cannot_be_used_is_set_aside_and_the_next_is_not(tool: Any, reason: str) -> None:
    listed = sort_tools([tool, {"name": "good", "inputSchema": OBJECT}], ANY)
    assert [each["name"] for each in listed.tools] == ["good"]
    assert reason in listed.set_aside[0].reason


def test_schemas_are_checked_by_the_draft_they_name() -> None:
    # A list of items is valid in draft 7 and not in 2020-12.
    items = {"type": "object", "properties": {"a": {"items": [OBJECT]}}}
    old = {"$schema": "http://json-schema.org/draft-07/schema#", **items}
    assert reasons({"name": "a", "inputSchema": old}) == []
    assert len(reasons({"name": "a", "inputSchema": items})) == 1


def test_the_second_of_one_name_and_more_than_are_taken_are_set_aside() -> None:
    tools = [{"name": f"t{number}", "inputSchema": OBJECT} for number in range(2_001)]
    assert reasons(tools[0], tools[0]) == ["another tool of the upstream has the same name"]
    assert reasons(*tools) == ["1 more than the 2000 that are taken"]


def test_resources_without_a_uri_or_a_name_are_left_out_and_the_first_of_two_stays() -> None:
    raw: list[Any] = [7, {"name": "a"}, {"uri": "x"}, {"uri": "x", "name": "1"}, {"uri": "x", "name": "2"}]
    assert keyed(raw, "uri") == {"x": {"uri": "x", "name": "1"}}


def test_a_prefix_is_the_name_only_where_there_are_several() -> None:
    assert [prefix_of(ANY, is_only=only) for only in (True, False)] == ["", "up__"]
    assert prefix_of(Upstream(name="up", command=("x",), prefix="p."), is_only=False) == "p."


NAMES = st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=6)


@given(NAMES, NAMES, st.sets(st.sampled_from(["a__x", "invoke_function", "B"])))
def test_every_name_is_one_that_clients_take_and_nobody_elses(
    left: list[str], right: list[str], taken: set[str]
) -> None:
    offered = offered_names({"a": left, "b": right}, {"a": "a__", "b": ""}, taken)
    names = [each.name for each in offered]
    assert len({name.lower() for name in [*names, *taken]}) == len(names) + len(taken)
    assert all(len(name) <= NAME_CHARS and re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)
    assert [(each.upstream, each.own_name) for each in offered] == [("a", n) for n in left] + [("b", n) for n in right]


def test_a_name_depends_on_no_order_and_a_collision_moves_both() -> None:
    def names(*upstreams: str) -> dict[str, str]:
        found = offered_names({upstream: ["echo"] for upstream in upstreams}, dict.fromkeys(upstreams, ""), ["other"])
        return {each.upstream: each.name for each in found}

    assert names("a") == {"a": "echo"}
    assert names("a", "b") == names("b", "a")
    assert all(name.startswith("echo_") for name in names("a", "b").values())
    assert [each.name for each in offered_names({"a": ["Other"]}, {"a": ""}, ["other"])] != ["Other"]
