"""Which calls need a person's approval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from lambdascope_proxy.approvals.rule import Rule
from lambdascope_proxy.call import Aim, Call, Outcome
from lambdascope_proxy.tool import ToolSpec

CallOf = Callable[..., Call]


@dataclass(frozen=True)
class Elsewhere:
    """A tool of another server; what its hints say is read where tools are listed."""

    spec: ToolSpec

    def aim(self, arguments: Mapping[str, Any]) -> Aim:
        return Aim(target="upstream:files")

    async def run(self, call: Call) -> Outcome:
        raise AssertionError("nothing is called here")


@pytest.mark.parametrize("is_destructive", [True, False])
def test_of_another_servers_tools_those_that_may_destroy_something_need_approval(
    call_of: CallOf, is_destructive: bool
) -> None:
    call = call_of({}, tool=Elsewhere(replace(call_of().tool.spec, name="files__drop", destructive=is_destructive)))
    assert Rule(mode="destructive").needs_approval(call) is is_destructive
    assert Rule(mode="always").needs_approval(call)
    assert not Rule(mode="never").needs_approval(call)
    assert Rule(mode="never", patterns=("files__*",)).needs_approval(call)


def test_a_function_needs_approval_unless_the_settings_say_that_it_only_reads(call_of: CallOf) -> None:
    assert Rule(mode="destructive").needs_approval(call_of())
    assert not Rule(mode="destructive", harmless=("ord*",)).needs_approval(call_of())
    assert Rule(mode="always", harmless=("ord*",)).needs_approval(call_of())


@pytest.mark.parametrize("pattern", ["orders", "ord*", "invoke_*"])
def test_patterns_of_tools_and_functions_need_approval_in_any_mode(call_of: CallOf, pattern: str) -> None:
    rule = Rule(mode="never", patterns=("other", pattern), harmless=("orders",))
    assert rule.needs_approval(call_of())
    assert not Rule(mode="never", patterns=("other",)).needs_approval(call_of())


@pytest.mark.parametrize(
    "aim", [Aim(target="self"), Aim(target="cloudwatch"), Aim(target="lambda", invocation_type="DryRun")]
)
def test_what_only_looks_needs_none(call_of: CallOf, aim: Aim) -> None:
    assert not Rule(mode="always", patterns=("*",)).needs_approval(replace(call_of(), aim=aim))
