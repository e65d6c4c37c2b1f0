"""Reads the `[upstreams.NAME]` tables of a settings file, and the same from a command line, into checked upstreams."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.upstreams.keys import KEYS
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.values import Surroundings

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_KEYS: Final = {key.field: key for key in KEYS}
_OVER_STDIO: Final = ("env", "cwd")
_OVER_HTTP: Final = ("headers",)
# What clients' own configurations have under other names.
_MEANT: Final = {
    "args": "; arguments are further words of command",
    "header": "; use headers",
    "timeout": "; use timeout_s",
    "type": "; command means stdio, url Streamable HTTP",
    "transport": "; command means stdio, url Streamable HTTP",
}


def read_upstreams(tables: object, place: str, around: Surroundings) -> tuple[Upstream, ...]:
    """The upstreams of `[upstreams.NAME]` tables, in their order; `place` is what an error names first.

    Raises: SettingsError naming the table, the key and what it takes, and no value that could be a secret.
    """
    if not isinstance(tables, dict):
        raise SettingsError(f"{place}: upstreams takes tables: [upstreams.NAME]")
    named = cast("dict[str, object]", tables)
    return tuple(_read_table(name, table, place, around) for name, table in named.items())


def read_upstream(name: str, table: Mapping[str, Any], place: str, around: Surroundings) -> Upstream:
    """One upstream. Raises: SettingsError, as above."""
    if not NAME.fullmatch(name):
        raise SettingsError(
            f"{place}: {name!r} is no name of an upstream: use 1 to 32 of a-z, 0-9, - and _, a letter or digit first"
        )
    for key in table:
        if key not in _KEYS:
            meant = _MEANT.get(key, "")
            raise SettingsError(f"{place}: unknown key {key!r}{meant}; known are {', '.join(sorted(_KEYS))}")
    _check_transport(table, place)
    return Upstream(name=name, **{key: _read_key(key, value, place, around) for key, value in table.items()})


def _read_table(name: str, table: object, place: str, around: Surroundings) -> Upstream:
    within = f"{place}: [upstreams.{name if NAME.fullmatch(name) else repr(name)}]"
    if not isinstance(table, dict):
        raise SettingsError(f"{within} is no table; write [upstreams.NAME] and its keys below")
    return read_upstream(name, cast("dict[str, Any]", table), within, around)


def _check_transport(table: Mapping[str, Any], place: str) -> None:
    given = [key for key in ("command", "url") if key in table]
    if len(given) != 1:
        found = "both are given" if given else "neither is given"
        raise SettingsError(f"{place}: takes either command (a program) or url (Streamable HTTP); {found}")
    others = _OVER_HTTP if given == ["command"] else _OVER_STDIO
    for key in others:
        if key in table:
            fitting = "url" if key in _OVER_HTTP else "command"
            raise SettingsError(f"{place}: {key} goes with {fitting}, not with {given[0]}")


def _read_key(key: str, value: Any, place: str, around: Surroundings) -> Any:
    try:
        return _KEYS[key].read(value, around)
    except ValueError as error:
        # Not as the cause: a traceback would show what the value was.
        raise SettingsError(f"{place}: {key}: {error}") from None
