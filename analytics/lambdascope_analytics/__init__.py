"""History, pricing and analysis of calls; knows nothing of the proxy. `open_history` opens a history for notebooks."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lambdascope_analytics.frames import HistoryFrames, open_history

__all__ = ["HistoryFrames", "open_history"]


def __getattr__(name: str) -> Any:
    # The proxy imports this package when it starts, and must not wait for what only a notebook needs.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lambdascope_analytics import frames

    return getattr(frames, name)
