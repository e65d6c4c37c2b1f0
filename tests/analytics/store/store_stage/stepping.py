"""Work that goes one step at a time, in a thread of its own, so that a test decides what happens in between."""

import pkgutil
import threading
from collections.abc import Callable
from typing import Any

import pytest

_PATIENCE_S = 20.0


class Stepped:
    """Runs `work` up to the first step, and then as many steps further as `advance` says.

    A step is a call of one of the functions wrapped by `stop_before`, and what follows up to the next.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: BaseException | None = None
        self.is_over = False

    def stop_before(self, monkeypatch: pytest.MonkeyPatch, *names: str) -> "Stepped":
        """Make each call of the functions so named a step."""
        for name in names:
            monkeypatch.setattr(name, self._wrapped(pkgutil.resolve_name(name)))
        self._thread.start()
        self._wait()
        return self

    def advance(self, steps: int) -> None:
        """Go so many steps, or to the end."""
        for _ in range(steps):
            if not self.is_over:
                self._go.release()
                self._wait()

    def finish(self) -> None:
        """Go to the end."""
        while not self.is_over:
            self.advance(1)

    def _wrapped(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def stopping(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread() is self._thread:
                self._stopped.release()
                assert self._go.acquire(timeout=_PATIENCE_S)
            return original(*args, **kwargs)

        return stopping

    def _wait(self) -> None:
        assert self._stopped.acquire(timeout=_PATIENCE_S)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # it belongs to the test, which waits
            self._error = error
        self.is_over = True
        self._stopped.release()
