"""Makes the store of this process turn around fast: small spools, and short waits for queries that still read files.

Only the sizes and waits are other than in a real run; nothing is skipped. A name that is no more is an error.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lambdascope_analytics.store import compactor, publish, spool_file

SPOOL_GRACE = timedelta(milliseconds=200)
SEGMENT_GRACE = timedelta(milliseconds=400)
LEAST_BIND_S = 0.02


def hasten() -> None:
    """Shorten the waits, in this process only."""
    _set_default(publish.sweep, "segment_grace", SEGMENT_GRACE)
    _set(publish, "SPOOL_GRACE", SPOOL_GRACE)


def rotate_at(size: int) -> None:
    """End a spool at so many bytes."""
    _set_default(spool_file.SpoolFile.__init__, "rotate_bytes", size)


def disregard_readers() -> None:
    """Also publish without waiting for queries that look for their files: nobody reads meanwhile."""
    _set(compactor, "_LEAST_BIND_S", LEAST_BIND_S)
    _set(compactor, "_BIND_FACTOR", 0)


def _set(module: Any, name: str, value: object) -> None:
    getattr(module, name)
    setattr(module, name, value)


def _set_default(function: Callable[..., object], name: str, value: object) -> None:
    defaults = function.__kwdefaults__ or {}
    if name not in defaults:
        raise AttributeError(name)
    defaults[name] = value
