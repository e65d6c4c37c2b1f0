"""Arguments that name one of a few things a tool knows: another name is bad usage, told with those there are."""

import argparse
from collections.abc import Callable, Iterable
from typing import Any


def one_of(known: Callable[[], Iterable[str]]) -> Callable[[str], str]:
    """Reads a name. `known` is asked only then: most commands need nothing of what it imports."""

    def read(text: str) -> str:
        names = list(known())
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(names)}")
        return text

    return read


def some_of(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Reads names with commas between them, each once."""
    read_one = one_of(known)
    return lambda text: list(dict.fromkeys(read_one(name.strip()) for name in text.split(",")))


def given(arguments: argparse.Namespace, *names: str) -> dict[str, Any]:
    """Those of the arguments that were given."""
    return {name: value for name in names if (value := getattr(arguments, name)) is not None}


def presets() -> Iterable[str]:
    """Names of queries."""
    from lambdascope_proxy.cloudwatch.presets import PRESETS

    return PRESETS


def metric_types() -> Iterable[str]:
    """Names of figures of a function."""
    from lambdascope_proxy.monitoring.measures import METRIC_TYPES

    return METRIC_TYPES


def sorts() -> Iterable[str]:
    """What functions can be sorted by."""
    from lambdascope_proxy.monitoring.fleet_data import SORTS

    return SORTS


def groups() -> Iterable[str]:
    """What calls can be grouped by."""
    from lambdascope_analytics.analyses.grouping import GROUPS

    return GROUPS


def compared_groups() -> Iterable[str]:
    """What two periods can be compared by."""
    from lambdascope_analytics.analyses.changes_asked import COMPARED

    return COMPARED
