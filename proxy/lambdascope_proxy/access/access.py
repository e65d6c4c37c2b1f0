"""Decides what a caller may use, by the rules in force."""

from collections.abc import Callable
from dataclasses import dataclass

from lambdascope_proxy.access.rules import Rules
from lambdascope_proxy.call import Aim, Caller


@dataclass(frozen=True, slots=True)
class Access:
    """Holds callers over HTTP to the rules in force; who started the process, over stdio or as a command, to none.

    `rules` gives them as they are now.
    """

    rules: Callable[[], Rules]

    def admits(self, caller: Caller, tool: str, aim: Aim) -> bool:
        """Whether this call may be made."""
        if caller.transport != "http":
            return True
        grants = self.rules().grants_of(caller.principal, caller.scopes)
        return grants is None or any(grant.admits(tool, aim) for grant in grants)

    def shows(self, caller: Caller, tool: str, aim: Aim) -> bool:
        """Whether the caller sees the tool in a list; `aim` is that of no arguments."""
        if caller.transport != "http":
            return True
        grants = self.rules().grants_of(caller.principal, caller.scopes)
        return grants is None or any(grant.shows(tool, aim) for grant in grants)

    def reaches(self, caller: Caller, upstream: str) -> bool:
        """Whether the caller may use resources, prompts and completions of that upstream."""
        if caller.transport != "http":
            return True
        grants = self.rules().grants_of(caller.principal, caller.scopes)
        return grants is None or any(grant.reaches(upstream) for grant in grants)
