"""Meters how long a client stayed connected over stdio, and by what its session ended if that was an error."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from lambdascope_proxy import names
from lambdascope_proxy.guard import guarded
from lambdascope_proxy.telemetry.metric_table import SESSION_DURATION

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters


@contextmanager
def metering_session(meters: "Meters | None", protocol_version: Callable[[], str | None]) -> Generator[None]:
    """Around a session: a client of stdio has the process to itself. `protocol_version` is asked at its end."""
    began = time.perf_counter()
    error_type: str | None = None
    try:
        yield
    except BaseException as error:
        error_type = _type_of(error)
        raise
    finally:
        if meters:
            labels = {
                names.MCP_PROTOCOL_VERSION: protocol_version(),
                names.NETWORK_TRANSPORT: "pipe",
                names.ERROR_TYPE: error_type,
            }
            elapsed_s = time.perf_counter() - began
            guarded("metering a session", meters.record, SESSION_DURATION, elapsed_s, labels)


def _type_of(error: BaseException) -> str:
    """The type of an error; of a group of tasks, which says nothing, that of the first error in it."""
    if isinstance(error, BaseExceptionGroup):
        return _type_of(cast("BaseExceptionGroup[BaseException]", error).exceptions[0])
    return type(error).__name__
