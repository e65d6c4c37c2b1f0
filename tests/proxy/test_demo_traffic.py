"""The demo's script: it asks for every kind of end once, of functions the demo really has."""

from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.demo_traffic import SCRIPT
from lambdascope_proxy.local.demo import demo_functions


def test_every_function_of_the_demo_is_called_and_one_that_is_not_allowed() -> None:
    called = {planned.function for planned in SCRIPT}
    assert called - {"payroll-run"} == {function.name for function in demo_functions()}


def test_every_planned_end_is_one_of_the_taxonomy_and_the_telling_ones_are_there() -> None:
    ends = {planned.outcome for planned in SCRIPT}
    assert ends <= {kind.value for kind in OutcomeKind}
    telling = {"ok", "accepted", "dry_run", "function_error", "function_timeout", "out_of_memory"}
    assert ends >= telling | {"invalid_arguments", "refused", "not_found"}


def test_qualifiers_of_the_script_exist_unless_not_found_is_planned() -> None:
    known = {f.name: {*f.aliases, *f.versions} for f in demo_functions()}
    for planned in SCRIPT:
        if qualifier := planned.extra.get("qualifier"):
            assert (qualifier in known[planned.function]) is (planned.outcome != "not_found")
