"""What observes never breaks what is observed."""

import logging

import pytest

from lambdascope_proxy.guard import guarded


def test_an_observation_runs_with_its_arguments() -> None:
    seen: list[tuple[int, int]] = []

    def note(one: int, other: int) -> None:
        seen.append((one, other))

    guarded("noting", note, 1, other=2)
    assert seen == [(1, 2)]


def fail() -> None:
    raise ValueError("disk")


def test_its_defect_is_logged_and_stays_inside_in_production(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    guarded("noting", fail)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage() == "noting failed; the call itself is not affected"
    assert record.exc_info is not None
    assert record.exc_info[0] is ValueError


def test_its_defect_is_raised_in_tests() -> None:
    with pytest.raises(ValueError, match="disk"):
        guarded("noting", fail)


def test_it_does_not_hold_back_the_end_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        guarded("noting", stop)
