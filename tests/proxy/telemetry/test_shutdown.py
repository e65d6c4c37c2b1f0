"""The end of telemetry: one budget for all, whatever the exporters do."""

import threading
from functools import partial

import pytest

from lambdascope_proxy.telemetry import shutdown


def test_exporters_that_end_are_awaited(caplog: pytest.LogCaptureFixture) -> None:
    ended: list[str] = []
    assert shutdown.shut_down([partial(ended.append, "traces"), partial(ended.append, "metrics")])
    assert sorted(ended) == ["metrics", "traces"]
    assert not caplog.records


def test_one_that_does_not_end_is_left_behind_and_cannot_keep_the_process(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # The SDK's own shutdown goes on for half a minute; a stdio server would outlive its client.
    monkeypatch.setattr(shutdown, "SHUTDOWN_BUDGET_S", 0.05)
    release, before = threading.Event(), set(threading.enumerate())

    def stay() -> None:
        release.wait(20)

    assert not shutdown.shut_down([stay, lambda: None])
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert left
    assert all(thread.daemon for thread in left)
    assert "could not be exported within" in caplog.text
    release.set()
