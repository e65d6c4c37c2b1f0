from lambdascope_proxy.access.access import Access
from lambdascope_proxy.access.rules import NOBODY, Grant, Rules
from lambdascope_proxy.call import Aim, Caller

RULES = Rules(
    principals={"ada": Grant(tools=("list_functions",), upstreams=("github",))},
    scopes={"run": Grant(tools=("invoke_function",), functions=("orders",), upstreams=())},
)
ADA = Caller(transport="http", principal="ada")
RUNNER = Caller(transport="http", principal="bob", scopes=frozenset({"run"}))
LOCAL = (Caller(transport="stdio"), Caller(transport="cli"))
INVOKE = Aim(target="lambda", function_name="orders")


def test_a_caller_may_what_its_name_and_its_scopes_grant() -> None:
    access = Access(lambda: RULES)
    assert access.admits(ADA, "list_functions", Aim())
    assert not access.admits(ADA, "invoke_function", INVOKE)
    assert access.admits(RUNNER, "invoke_function", INVOKE)
    assert not access.admits(RUNNER, "list_functions", Aim())
    assert access.shows(RUNNER, "invoke_function", Aim(target="lambda"))
    assert (access.reaches(ADA, "github"), access.reaches(RUNNER, "github")) == (True, False)


def test_rules_that_change_hold_from_the_next_call_on() -> None:
    rules = [RULES]
    access = Access(lambda: rules[-1])
    assert access.admits(ADA, "list_functions", Aim())
    rules.append(NOBODY)
    assert not access.admits(ADA, "list_functions", Aim())
    assert not access.shows(ADA, "list_functions", Aim())
    assert not access.reaches(ADA, "github")


def test_who_started_the_process_is_held_to_no_rules() -> None:
    # Over stdio and on the command line it is the operator's own credentials that call.
    access = Access(lambda: NOBODY)
    for caller in LOCAL:
        assert access.admits(caller, "invoke_function", INVOKE)
        assert access.shows(caller, "invoke_function", INVOKE)
        assert access.reaches(caller, "github")


def test_a_caller_over_http_without_a_name_has_no_grants() -> None:
    nameless = Caller(transport="http")
    assert not Access(lambda: RULES).admits(nameless, "list_functions", Aim())
    assert Access(lambda: Rules(allows_others=True)).admits(nameless, "list_functions", Aim())
