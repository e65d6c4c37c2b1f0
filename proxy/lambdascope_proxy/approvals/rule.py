"""Which calls a person has to approve. Pure."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from lambdascope_proxy.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`mode` is never, destructive or always; `patterns` are globs of tools and functions that need approval in any
    mode, `harmless` of functions that only read."""

    mode: str
    patterns: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()

    def needs_approval(self, call: Call) -> bool:
        """Whether a person is asked before this call. A dry run does nothing, and tools of our own only look."""
        target, function = call.aim.target, call.aim.function_name
        is_sent = target == "lambda" or target.startswith("upstream:")
        if not is_sent or call.aim.invocation_type == "DryRun":
            return False
        spec = call.tool.spec
        if _matches(spec.name, self.patterns) or _matches(function, self.patterns):
            return True
        return self.mode == "always" or (
            self.mode == "destructive" and spec.destructive and not _matches(function, self.harmless)
        )


def _matches(name: str | None, patterns: tuple[str, ...]) -> bool:
    return name is not None and any(fnmatchcase(name, pattern) for pattern in patterns)
