"""What an access file grants, and what it must not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.access.rules import Grant, Rules, read_rules
from lambdascope_proxy.call import Aim

FILE = """
[principals.ada]
tools = ["invoke_function", "list_*"]
functions = ["orders-*", "bill"]

[principals."key:ci"]
tools = ["*"]
upstreams = ["github"]

[scopes.read]
tools = ["list_functions", "monitor_*"]
"""


def invoke(function: str | None) -> Aim:
    return Aim(target="lambda", function_name=function)


def test_the_file_is_read_as_it_says() -> None:
    assert read_rules(FILE) == Rules(
        principals={
            "ada": Grant(tools=("invoke_function", "list_*"), functions=("orders-*", "bill")),
            "key:ci": Grant(tools=("*",), upstreams=("github",)),
        },
        scopes={"read": Grant(tools=("list_functions", "monitor_*"))},
        allows_others=False,
    )
    assert read_rules('default = "allow"').allows_others


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("default = true", "default = True"),
        ("defualt = 'deny'", "unknown key 'defualt'"),
        ("principals = 3", "takes tables"),
        ("[principals]\nada = 3", r"\[principals.ada\] must be a table"),
        ("[principals.ada]\ntool = ['*']", "unknown key 'tool'"),
        ("[principals.ada]\nfunctions = ['*']", "tools is missing"),
        ("[scopes.a]\ntools = '*'", r"\[scopes.a\] tools takes a list"),
        ("[scopes.a]\ntools = [3]", r"\[scopes.a\] tools takes a list"),
        ("[scopes", "line 1|declaration"),
        # A token without the scope would be held to nothing.
        ("default = 'allow'\n[scopes.read]\ntools = ['*']", "does not go with"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(text: str, reason: str) -> None:
    # A misspelled key that was passed over would grant more than was meant.
    with pytest.raises(ValueError, match=reason):
        read_rules(text)


@pytest.mark.parametrize(
    ("tool", "aim", "is_admitted"),
    [
        ("invoke_function", invoke("orders-eu"), True),
        ("invoke_function", invoke("bill"), True),
        ("invoke_function", invoke("billing"), False),
        ("invoke_function", invoke("ORDERS-eu"), False),
        ("list_functions", Aim(), True),
        ("query_history", Aim(), False),
    ],
)
def test_a_principal_may_what_its_table_covers(tool: str, aim: Aim, is_admitted: bool) -> None:
    assert Grant(tools=("invoke_function", "list_*"), functions=("orders-*", "bill")).admits(tool, aim) is is_admitted


def test_a_list_that_is_missing_does_not_narrow_and_an_empty_one_allows_nothing() -> None:
    assert Grant(tools=("*",)).admits("invoke_function", invoke("anything"))
    assert Grant(tools=("*",)).admits("x", Aim(target="upstream:github"))
    assert not Grant(tools=("*",), functions=()).admits("invoke_function", invoke("anything"))
    assert not Grant(tools=("*",), upstreams=()).admits("x", Aim(target="upstream:github"))
    assert not Grant(tools=()).admits("x", Aim())


def test_upstreams_are_held_to_by_name() -> None:
    grant = Grant(tools=("*",), upstreams=("git*",))
    assert grant.admits("github__search", Aim(target="upstream:github"))
    assert not grant.admits("jira__search", Aim(target="upstream:jira"))
    assert grant.reaches("github")
    assert not grant.reaches("jira")


@pytest.mark.parametrize(
    ("table", "is_reached"),
    [
        ('tools = ["*"]', True),
        ('tools = ["list_functions"]\nfunctions = ["orders-*"]', False),
        ('tools = ["github__search"]', False),
        ("tools = []", False),
        ('tools = ["github__search"]\nupstreams = ["github"]', True),
        ('tools = ["*"]\nupstreams = []', False),
    ],
)
def test_resources_and_prompts_are_open_to_whom_all_tools_or_that_upstream_were_granted(
    table: str, is_reached: bool
) -> None:
    """No pattern of tools names a resource: whoever was given one tool must not read all of every server."""
    assert read_rules(f"[principals.ada]\n{table}").principals["ada"].reaches("github") is is_reached


@pytest.mark.parametrize(
    ("pattern", "is_admitted"),
    [
        ("orders", True),
        ("111111111111:eu-west-1:orders", True),
        ("111111111111:*:ord*", True),
        ("*:eu-west-1:*", True),
        ("222222222222:eu-west-1:orders", False),
        ("111111111111:us-east-1:orders", False),
    ],
)
def test_a_function_can_be_held_to_its_account_and_region(pattern: str, is_admitted: bool) -> None:
    """Staging and production of one name are two functions."""
    aim = Aim(target="lambda", function_name="orders", region="eu-west-1", account_id="111111111111")
    assert Grant(tools=("*",), functions=(pattern,)).admits("invoke_function", aim) is is_admitted


def test_a_call_that_leaves_the_account_open_is_not_covered_by_a_pattern_that_names_one() -> None:
    grant = Grant(tools=("*",), functions=("111111111111:*:orders",))
    assert not grant.admits("invoke_function", invoke("orders"))
    assert Grant(tools=("*",), functions=("*:*:orders",)).admits("invoke_function", invoke("orders"))


def test_what_asks_about_one_function_is_held_to_it_too_and_what_names_none_is_refused() -> None:
    # Logs of all functions would tell what those of one may not.
    grant = Grant(tools=("*",), functions=("orders",))
    assert grant.admits("monitor_executions", Aim(target="cloudwatch", function_name="orders"))
    assert not grant.admits("monitor_executions", Aim(target="cloudwatch", function_name="payroll"))
    assert not grant.admits("query_logs", Aim(target="cloudwatch"))
    assert not grant.admits("get_function_schema", Aim(function_name="payroll"))


def test_a_list_shows_what_some_call_could_do() -> None:
    grant = Grant(tools=("invoke_function", "monitor_*", "fn_*"), functions=("orders",))
    assert grant.shows("invoke_function", invoke(None))
    assert grant.shows("monitor_executions", Aim(target="cloudwatch"))
    assert grant.shows("fn_orders", invoke("orders"))
    assert not grant.shows("fn_payroll", invoke("payroll"))
    assert not Grant(tools=("*",), functions=()).shows("invoke_function", invoke(None))


def test_grants_are_those_of_the_principal_and_of_each_scope_and_others_have_none() -> None:
    rules = read_rules(FILE)
    assert rules.grants_of("ada", {"read", "unknown"}) == [rules.principals["ada"], rules.scopes["read"]]
    assert rules.grants_of("eve", ()) == []
    assert rules.grants_of(None, ()) == []


def test_default_allow_is_for_those_without_a_grant_only() -> None:
    rules = read_rules('default = "allow"\n' + FILE.partition("[scopes")[0])
    assert rules.grants_of("eve", ()) is None
    assert rules.grants_of("ada", ()) == [rules.principals["ada"]]


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_shown_not_at_all_is_never_admitted(tool: str, function: str) -> None:
    grant = Grant(tools=("in*",), functions=("o*",))
    aim = invoke(function)
    assert not grant.admits(tool, aim) or grant.shows(tool, aim)
    assert not grant.admits(tool, aim) or (tool.startswith("in") and function.startswith("o"))
