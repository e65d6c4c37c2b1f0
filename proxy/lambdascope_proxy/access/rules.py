"""The access file: which tools, functions and upstreams each principal and each scope may use. Pure.

A call is admitted by one grant as a whole: grants add up, but never one's tools to another's functions.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, cast

from lambdascope_proxy.call import Aim

UPSTREAM: Final = "upstream:"
ALL: Final = "*"
_LISTS: Final = ("tools", "functions", "upstreams")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Patterns of what may be used; None of functions or upstreams does not narrow, an empty tuple allows none.

    A pattern of functions with colons is one of `account:region:name`.
    """

    tools: tuple[str, ...]
    functions: tuple[str, ...] | None = None
    upstreams: tuple[str, ...] | None = None

    def shows(self, tool: str, aim: Aim) -> bool:
        """Whether some call of the tool could be admitted; `aim` is that of no arguments."""
        if not _matches(tool, self.tools):
            return False
        if aim.target.startswith(UPSTREAM):
            return _matches(aim.target.removeprefix(UPSTREAM), self.upstreams)
        if aim.function_name is None:
            return aim.target != "lambda" or self.functions != ()
        return self.functions is None or any(_covers(pattern, aim) for pattern in self.functions)

    def admits(self, tool: str, aim: Aim) -> bool:
        """Whether this call is admitted."""
        # Whoever is held to some functions must not read the logs of all by naming none.
        is_about_all = aim.target == "cloudwatch" and aim.function_name is None and self.functions is not None
        return self.shows(tool, aim) and not is_about_all

    def reaches(self, upstream: str) -> bool:
        """Whether resources, prompts and completions of that upstream may be used.

        No pattern of tools names those, so a grant of some tools alone is not meant to open them.
        """
        return ALL in self.tools if self.upstreams is None else _matches(upstream, self.upstreams)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The whole file; `allows_others` is for whom no grant is found."""

    principals: Mapping[str, Grant] = field(default_factory=dict[str, Grant])
    scopes: Mapping[str, Grant] = field(default_factory=dict[str, Grant])
    allows_others: bool = False

    def grants_of(self, principal: str | None, scopes: Collection[str]) -> list[Grant] | None:
        """What applies to a caller: its own grant and those of its scopes. None where all is allowed."""
        own = [self.principals[principal]] if principal is not None and principal in self.principals else []
        grants = [*own, *(self.scopes[scope] for scope in scopes if scope in self.scopes)]
        return None if self.allows_others and not grants else grants


NOBODY: Final = Rules()


def read_rules(text: str) -> Rules:
    """The rules of an access file. Raises: ValueError that names the table and what is wrong with it."""
    document = tomllib.loads(text)
    if unknown := sorted(set(document) - {"default", "principals", "scopes"}):
        raise ValueError(f"unknown key {unknown[0]!r}; known are default, [principals.NAME] and [scopes.NAME]")
    default: object = document.get("default", "deny")
    if default not in {"deny", "allow"}:
        raise ValueError(f'default = {default!r}: use "deny" or "allow"')
    if default == "allow" and document.get("scopes"):
        raise ValueError(
            'default = "allow" does not go with [scopes.NAME]: a client could ask for a token without the scope, and '
            "be allowed everything"
        )
    return Rules(
        principals=_grants(document, "principals"),
        scopes=_grants(document, "scopes"),
        allows_others=default == "allow",
    )


def _grants(document: Mapping[str, Any], kind: str) -> dict[str, Grant]:
    tables = document.get(kind, {})
    if not isinstance(tables, dict):
        raise ValueError(f"{kind} takes tables: [{kind}.NAME]")
    return {name: _grant(f"[{kind}.{name}]", table) for name, table in cast("dict[str, Any]", tables).items()}


def _grant(place: str, table: Any) -> Grant:
    if not isinstance(table, dict):
        raise ValueError(f"{place} must be a table with tools, and with functions and upstreams where they narrow")
    given = cast("dict[str, Any]", table)
    if unknown := sorted(set(given) - set(_LISTS)):
        raise ValueError(f"{place}: unknown key {unknown[0]!r}; known are {', '.join(_LISTS)}")
    if "tools" not in given:
        raise ValueError(f'{place}: tools is missing; tools = ["*"] gives all')
    return Grant(**{name: _patterns(f"{place} {name}", value) for name, value in given.items()})


def _patterns(place: str, value: Any) -> tuple[str, ...]:
    listed: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [None]
    if not all(isinstance(pattern, str) for pattern in listed):
        raise ValueError(f'{place} takes a list of patterns, such as ["orders-*"]')
    return tuple(listed)


def _covers(pattern: str, aim: Aim) -> bool:
    name = aim.function_name or ""
    # What the call leaves open is empty here, so that only a pattern that leaves it open too covers it.
    return fnmatchcase(f"{aim.account_id or ''}:{aim.region or ''}:{name}" if ":" in pattern else name, pattern)


def _matches(name: str, patterns: tuple[str, ...] | None) -> bool:
    return patterns is None or any(fnmatchcase(name, pattern) for pattern in patterns)
