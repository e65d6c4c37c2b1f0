"""Which commands a query may use: no word, quote, comment or bracket lets one through that reads other log groups."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.cloudwatch.presets import PRESETS
from lambdascope_proxy.cloudwatch.query_commands import COMMANDS, check_commands, commands_of
from lambdascope_proxy.errors import CallFailed

OTHER = "'/aws/lambda/payroll'"


@pytest.mark.parametrize(
    "query",
    [
        f"SOURCE {OTHER} | fields @message",
        f"source{OTHER}",
        'SOURCE logGroups(namePrefix: ["/aws"], class: "STANDARD") | fields @message',
        "fields @message | SOURCE logGroups()",
        "# mine\nSOURCE logGroups()",
        "fields a |# x\n  # y\n SOURCE # z\n logGroups ()",
        "fields a\n|\tsOuRcE\n\t`/aws/lambda/payroll`",
        "SOURCE dataSource(['x'])",
        f"fields a | join type=inner left=l right=r where l.id=r.id (SOURCE {OTHER})",
        f"filter id in (SOURCE {OTHER} | fields id)",
        f"filter id in (#\nSOURCE {OTHER})",
        "filter id in (fields id | limit 5)",
        "filter id in (fields id)",
        "filter id in (filter (a = 1))",
        "lookup prices id as orderId OUTPUT price",
        "fields a | lookup prices id",
        "fields unmask(@message)",
        "fields 1 + UNMASK #\n (@message)",
        "anomaly",
        "fields a | diff previousDay",
        "filterIndex a = 1",
        "SELECT * FROM logs",
        "fields a | | limit 5",
        "| fields a",
        "fields a |",
        "",
        "filter a = 'open",
        'filter a = "open\\',
        # A quote, a comment or an expression here may be none at AWS.
        f'filter a = "\\" | SOURCE {OTHER} | filter b = "',
        f'filter a = "x\\" | SOURCE {OTHER} # "',
        f"fields like / b | SOURCE {OTHER} | fields c / d",
        f"fields parse / b | SOURCE {OTHER} | fields c / d",
        f"fields a / b | SOURCE {OTHER} | fields c / d",
        f"fields `a | SOURCE {OTHER} | fields b`",
        f"fields a # it's\n| SOURCE {OTHER} # it's",
        f"fields a #\r| SOURCE {OTHER}",
        f"fields a #\u2028| SOURCE {OTHER}",
        f"fields a | \ufeffSOURCE {OTHER}",
        f"fields a |\u200bSOURCE {OTHER}",
        f"fields a |\u00a0SOURCE {OTHER}",
        "fields a | \u017fource 'x'",
    ],
)
def test_what_reaches_beyond_its_log_groups_is_refused(query: str) -> None:
    with pytest.raises(CallFailed) as failed:
        check_commands(query)
    assert (failed.value.kind, failed.value.failure.error_type) == (OutcomeKind.REFUSED, "CommandRefused")
    assert ", ".join(COMMANDS) in failed.value.failure.message


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("fields a | filtr b = 1", "with those commands alone"),
        ("fields a | | limit 5", "with those commands alone"),
        ("fields unmask(@message)", "with those commands alone"),
        ("SOURCE logGroups()", "name more functions there instead"),
        ("fields a | Join", "name more functions there instead"),
        ("fields a | lookup prices id", "name more functions there instead"),
    ],
)
def test_more_functions_are_advised_only_to_who_wants_other_logs(query: str, hint: str) -> None:
    with pytest.raises(CallFailed) as failed:
        check_commands(query)
    assert hint in failed.value.failure.hint


@pytest.mark.parametrize(
    "query",
    [
        "fields @timestamp, @message | sort @timestamp desc | limit 20",
        "FIELDS a\n| Filter a like /x|y/ # a | comment\n| stats count(*) as n by bin(5m), a",
        'filter source = "web" | fields source, join, lookup, b / c | display source',
        'filter (source = "web" or source like /x/) and (lookup in ["a"]) and (limit > 5)',
        "filter (source in ['a', 'b'])",
        "filter @message like /left|join/ or @message like 'a | b' or `pipe | field` = 1",
        'filter @message = "say \\"no\\"" | limit 5',
        "filter @message like /a\\/b|c/ | limit 5",
        "parse @message /(?<a>x|y)/ | parse @message '* | *' as c, d | dedup a",
        "parse coalesce(@message, b) /(?<a>x|y)/",
        "filter @message like /it's/ or @message like /it's/ | limit 5",
        "pattern @message",
        "unnest items into item",
        "fields (limit - 5) as room, (sort) as b, strcontains(@message, 'SOURCE')",
        "filter @message like 'SOURCE of all'",
    ],
)
def test_what_reads_its_own_log_groups_may_be_asked(query: str) -> None:
    check_commands(query)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_may_be_asked(name: str) -> None:
    check_commands(PRESETS[name].text.replace("$function", "@log").replace("$bin", "5m"))


def test_commands_are_told_without_what_they_quote() -> None:
    assert commands_of("fields a # | b\n| filter c like /|/ | limit 5") == (
        "fields a  \n",
        ' filter c like "" ',
        " limit 5",
    )


SMUGGLED = [f"SOURCE {OTHER}", "source logGroups()", f"join type=inner where a.b=c.d (SOURCE {OTHER})", "lookup t a"]
PIECES = st.sampled_from(
    ["fields a", "filter b like ", "parse c ", "|", "/", '"', "'", "`", "\\", "#", "\n", "(", ")", " ", ",", "1", "=~"]
)


@given(
    st.lists(PIECES, max_size=12).map("".join),
    st.sampled_from(["|", "| ", "|\n", "|#x\n", "|# '\n#\n\t"]),
    st.sampled_from(SMUGGLED),
    st.lists(PIECES, max_size=12).map("".join),
)
def test_no_quoting_lets_a_command_pass_that_reads_other_groups(before: str, pipe: str, word: str, after: str) -> None:
    """Whatever stands around it, and whoever is right about where the quotes end."""
    with pytest.raises(CallFailed):
        check_commands(f"fields a {before}{pipe}{word} {after}")


@given(st.text())
def test_any_text_is_refused_or_begins_each_command_with_one_that_is_known(query: str) -> None:
    try:
        check_commands(query)
    except CallFailed:
        return
    assert all(command.split()[0].lower().startswith(COMMANDS) for command in commands_of(query))
