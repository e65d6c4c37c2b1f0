"""The statements that settings need: the functions that are allowed and no other."""

from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdascope_proxy.iam.policy import Asked, account_statements, home_statements
from lambdascope_proxy.iam.scope import Scope
from lambdascope_proxy.selection import Selection
from lambdascope_proxy.settings import load_settings

HOME = Scope(regions=("eu-west-1",), account_id="123456789012")
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:"
ANY_FUNCTION = [f"{FUNCTION}*"]
NAMES = st.from_regex(r"[a-c-]{1,4}", fullmatch=True)


def documents(selection: Selection, **changes: Any) -> dict[str, Any]:
    """The documents of the statements for an account, by Sid."""
    asked: dict[str, Any] = {"scope": HOME, "has_schemas": False, "monitors": True, **changes}
    return {each.sid: each.document() for each in account_statements(Asked(selection=selection, **asked))}


def patterns(document: dict[str, Any]) -> list[str]:
    """Its resources, whether one or many."""
    found: str | list[str] = document["Resource"]
    return [found] if isinstance(found, str) else found


def test_a_prefix_is_every_function_that_begins_so_with_its_versions_and_aliases() -> None:
    found = documents(Selection(prefix="agent-"))
    assert patterns(found["CallTheFunctions"]) == [f"{FUNCTION}agent-*", f"{FUNCTION}agent-*:*"]
    assert patterns(found["ReadLogs"]) == ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/agent-*"]


def test_a_list_is_exactly_its_functions_and_nobody_may_list_the_account() -> None:
    found = documents(Selection(names=frozenset({"pay", "ship"})))
    expected = [f"{FUNCTION}pay", f"{FUNCTION}pay:*", f"{FUNCTION}ship", f"{FUNCTION}ship:*"]
    assert patterns(found["CallTheFunctions"]) == patterns(found["ReadVersions"]) == expected
    assert patterns(found["ReadLogs"]) == [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/pay:*",
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/ship:*",
    ]
    assert "FindThem" not in found


def test_a_name_that_the_prefix_covers_is_not_named_again() -> None:
    found = documents(Selection(prefix="agent-", names=frozenset({"agent-pay", "ship"})))
    assert patterns(found["ReadLimitsAndAliases"]) == [f"{FUNCTION}agent-*", f"{FUNCTION}ship"]


def test_a_tag_alone_is_a_condition_on_any_function() -> None:
    found = documents(Selection(tag_key="team", tag_value="agents"))
    condition = {"StringEquals": {"aws:ResourceTag/team": "agents"}}
    for sid in ("CallTheFunctions", "ReadVersions", "ReadLimitsAndAliases"):
        assert patterns(found[sid]) == ANY_FUNCTION, sid
        assert found[sid]["Condition"] == condition, sid


def test_a_tag_narrows_a_list_but_its_functions_are_read_before_their_tags_are_known() -> None:
    # With the condition there too, one function without the tag would fail the reading of all.
    found = documents(Selection(names=frozenset({"pay"}), tag_key="team", tag_value="agents"))
    assert found["CallTheFunctions"]["Condition"] == {"StringEquals": {"aws:ResourceTag/team": "agents"}}
    assert "Condition" not in found["ReadVersions"]


def test_a_tags_value_is_no_variable_of_iam() -> None:
    found = documents(Selection(tag_key="team", tag_value="${aws:PrincipalTag/x}"))
    condition = {"StringEquals": {"aws:ResourceTag/team": "${$}{aws:PrincipalTag/x}"}}
    assert found["CallTheFunctions"]["Condition"] == condition


def test_all_functions_are_all_functions() -> None:
    assert patterns(documents(Selection(allow_all=True))["CallTheFunctions"]) == ANY_FUNCTION


def test_nothing_chosen_is_nothing_allowed() -> None:
    assert documents(Selection()) == {}


@settings(max_examples=50)
@given(prefix=st.one_of(st.just(""), NAMES), names=st.frozensets(NAMES, max_size=3), name=NAMES)
def test_whatever_is_chosen_the_policy_and_the_allow_list_say_the_same(
    prefix: str, names: frozenset[str], name: str
) -> None:
    selection = Selection(prefix=prefix, names=names)
    allowed = documents(selection).get("CallTheFunctions", {"Resource": []})
    for qualifier in ("", ":live", ":7"):
        arn = f"{FUNCTION}{name}{qualifier}"
        assert any(fnmatchcase(arn, each) for each in patterns(allowed)) == selection.admits_name(name)


def test_schemas_and_monitoring_are_there_only_if_asked_for() -> None:
    least = documents(Selection(prefix="a"), monitors=False)
    assert set(least) == {"CallTheFunctions", "ReadVersions", "FindThem", "ReadTags"}
    assert "ReadSchemas" in documents(Selection(prefix="a"), has_schemas=True)


def test_log_groups_of_ones_own_are_read_as_well() -> None:
    found = documents(Selection(names=frozenset({"pay"})), log_groups=("/shop/agents",))
    assert patterns(found["ReadLogs"])[1] == "arn:aws:logs:eu-west-1:123456789012:log-group:/shop/agents:*"


@pytest.mark.parametrize("chosen", [{"FUNCTION_PREFIX": "a"}, {}])
def test_roles_are_assumed_only_where_functions_are_looked_for(chosen: dict[str, str]) -> None:
    role = "arn:aws:iam::222222222222:role/reader"
    loaded = load_settings({**chosen, "LAMBDASCOPE_ROLE_ARNS": f"{role}?external_id=secret"})
    selection = Selection(prefix=loaded.function_prefix)
    asked = Asked(selection=selection, scope=HOME, has_schemas=False, monitors=True)
    found = {each.sid: each.document() for each in home_statements(asked, loaded)}
    assert ("OpenOtherAccounts" in found) == bool(chosen)
    # The external id is for the role's trust policy; here it would only be one more place that tells it.
    assert "secret" not in str(found)
    if chosen:
        assert found["OpenOtherAccounts"]["Resource"] == role


def test_every_statement_says_what_it_is_for_and_what_is_missed_without_it() -> None:
    asked = Asked(selection=Selection(prefix="a"), scope=HOME, has_schemas=True, monitors=True)
    statements = home_statements(asked, load_settings({"LAMBDASCOPE_HISTORY_S3": "s3://my-lake"}))
    assert [each.sid for each in statements if not (each.purpose and each.without)] == []
    assert len({each.sid for each in statements}) == len(statements)
