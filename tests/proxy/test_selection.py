"""The allow-list: what each setting lets in, alone and together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.selection import NOTHING_ALLOWED, Selection

NAMES = st.sampled_from(["orders", "orders-eu", "payroll", "", "Orders"]) | st.text(max_size=8)
TAGS = st.none() | st.dictionaries(st.sampled_from(["team", "env"]), st.sampled_from(["a", "b", ""]))
SELECTIONS = st.builds(
    Selection,
    prefix=st.sampled_from(["", "orders", "pay"]),
    names=st.frozensets(st.sampled_from(["orders", "payroll", "other"])),
    allow_all=st.booleans(),
)


@pytest.mark.parametrize(
    ("rule", "name", "tags", "is_admitted"),
    [
        ({}, "orders", None, False),
        ({}, "", {}, False),
        ({"prefix": "orders"}, "orders", None, True),
        ({"prefix": "orders"}, "orders-eu", None, True),
        ({"prefix": "orders"}, "my-orders", None, False),
        ({"prefix": "orders"}, "Orders", None, False),
        ({"names": frozenset({"orders"})}, "orders", None, True),
        ({"names": frozenset({"orders"})}, "orders-eu", None, False),
        ({"prefix": "pay", "names": frozenset({"orders"})}, "orders", None, True),
        ({"prefix": "pay", "names": frozenset({"orders"})}, "payroll", None, True),
        ({"prefix": "pay", "names": frozenset({"orders"})}, "other", None, False),
        ({"allow_all": True}, "anything", None, True),
        ({"allow_all": True, "prefix": "pay"}, "orders", None, False),
        ({"tag_key": "team", "tag_value": "a"}, "orders", {"team": "a"}, True),
        ({"tag_key": "team", "tag_value": "a"}, "orders", {"team": "A"}, False),
        ({"tag_key": "team", "tag_value": "a"}, "orders", {}, False),
        ({"tag_key": "team", "tag_value": "a"}, "orders", None, False),
        ({"prefix": "pay", "tag_key": "team", "tag_value": "a"}, "orders", {"team": "a"}, False),
        ({"prefix": "pay", "tag_key": "team", "tag_value": "a"}, "payroll", {"team": "b"}, False),
        ({"prefix": "pay", "tag_key": "team", "tag_value": "a"}, "payroll", {"team": "a"}, True),
        ({"allow_all": True, "tag_key": "team", "tag_value": "a"}, "orders", {"team": "b"}, False),
    ],
)
def test_the_rule_admits_what_the_settings_say(
    rule: dict[str, Any], name: str, tags: dict[str, str] | None, is_admitted: bool
) -> None:
    assert Selection(**rule).admits(name, tags) is is_admitted


@given(NAMES, TAGS)
def test_nothing_is_admitted_when_nothing_was_chosen(name: str, tags: dict[str, str] | None) -> None:
    assert not Selection().admits(name, tags)
    assert not Selection().admits_name(name)


@given(SELECTIONS, NAMES, TAGS, st.sampled_from(["a", "b"]))
def test_a_tag_narrows_and_never_widens(chosen: Selection, name: str, tags: dict[str, str] | None, value: str) -> None:
    tagged = Selection(
        prefix=chosen.prefix, names=chosen.names, allow_all=chosen.allow_all, tag_key="team", tag_value=value
    )
    carries_tag = (tags or {}).get("team") == value
    is_chosen = chosen.admits(name, tags) or chosen.is_empty  # alone, the tag itself chooses
    assert tagged.admits(name, tags) == (is_chosen and carries_tag)


@given(SELECTIONS, NAMES, TAGS)
def test_what_is_admitted_has_an_admitted_name(chosen: Selection, name: str, tags: dict[str, str] | None) -> None:
    # Discovery drops functions by name before it reads tags: a stricter name rule would lose functions.
    assert chosen.admits_name(name) or not chosen.admits(name, tags)


@pytest.mark.parametrize(
    ("rule", "is_names_only"),
    [
        ({"names": frozenset({"a"})}, True),
        ({"names": frozenset({"a"}), "tag_key": "team", "tag_value": "a"}, True),
        ({"names": frozenset({"a"}), "prefix": "b"}, False),
        ({"names": frozenset({"a"}), "allow_all": True}, False),
        ({"prefix": "b"}, False),
        ({}, False),
    ],
)
def test_the_account_is_listed_unless_names_alone_choose(rule: dict[str, Any], is_names_only: bool) -> None:
    assert Selection(**rule).is_names_only is is_names_only


def test_it_describes_itself_in_the_words_of_its_settings() -> None:
    everything = Selection(prefix="demo-", names=frozenset({"b", "a"}), tag_key="team", tag_value="x", allow_all=True)
    assert everything.describe() == (
        "FUNCTION_PREFIX=demo- FUNCTION_LIST=a,b FUNCTION_TAG_KEY=team FUNCTION_TAG_VALUE=x "
        "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS=true"
    )
    assert Selection().describe() == ""


def test_the_refusal_of_everything_names_every_setting_that_allows_something() -> None:
    settings = ("FUNCTION_PREFIX", "FUNCTION_LIST", "FUNCTION_TAG_KEY", "FUNCTION_TAG_VALUE")
    assert all(name in NOTHING_ALLOWED for name in (*settings, "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS"))
