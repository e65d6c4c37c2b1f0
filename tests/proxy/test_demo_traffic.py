"""The demo's script: it asks for every kind of end once, of functions the demo really has."""

import signal
from typing import Self

import anyio
import anyio.lowlevel
import pytest

from lambdascope_proxy import demo_traffic
from lambdascope_proxy.call import OutcomeKind
from lambdascope_proxy.demo_traffic import SCRIPT, called_functions, play_script
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


def test_the_functions_that_are_called_are_told_each_once() -> None:
    assert sorted(called_functions()) == sorted(function.name for function in demo_functions())


class BrokenClient:
    """Fails where it should end, as the SDK does when an answer arrives while it closes."""

    is_interrupted = False

    def __init__(self, url: str) -> None:
        pass

    async def __aenter__(self) -> Self:
        try:
            if self.is_interrupted:
                signal.raise_signal(signal.SIGINT)
            await anyio.lowlevel.checkpoint()
        finally:
            raise ExceptionGroup("unhandled errors", [anyio.BrokenResourceError()])

    async def __aexit__(self, *_: object) -> None:
        pass


class InterruptedClient(BrokenClient):
    is_interrupted = True


def test_an_interruption_stays_one_whatever_the_client_makes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C would now and then end the demo with pages of tracebacks."""
    monkeypatch.setattr(demo_traffic, "Client", InterruptedClient)
    with pytest.raises(KeyboardInterrupt):
        play_script("http://nowhere")


def test_a_failure_without_an_interruption_stays_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_traffic, "Client", BrokenClient)
    with pytest.raises(ExceptionGroup):
        play_script("http://nowhere")
