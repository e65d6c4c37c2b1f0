"""Refuses what the caller may not use, before anything is looked at that the arguments say."""

from dataclasses import dataclass
from typing import Final

from lambdascope_proxy.access.access import Access
from lambdascope_proxy.access.rules import UPSTREAM
from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed

# A token may have thousands, which an answer would carry to the model.
MOST_SCOPES: Final = 5


@dataclass(frozen=True, slots=True)
class AccessStep:
    """Per-principal and per-scope allow-lists."""

    access: Access

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(access_denied) that says what would have to be granted, and to whom."""
        if not self.access.admits(call.caller, call.tool.spec.name, call.aim):
            raise _refusal(call)
        return await call_next(call)


def _refusal(call: Call) -> CallFailed:
    who = call.caller.principal or "A caller without a name"
    wanted = f"tool {call.tool.spec.name}{_about(call)}"
    tables = [f'[principals."{call.caller.principal}"]'] if call.caller.principal else []
    scopes = sorted(call.caller.scopes)
    tables += [f'[scopes."{scope}"]' for scope in scopes[:MOST_SCOPES]]
    if len(scopes) > MOST_SCOPES:
        tables.append(f"one of {len(scopes) - MOST_SCOPES} further scopes")
    hint = (
        f"No grant covers this as a whole. Whoever runs the proxy can allow it in LAMBDASCOPE_ACCESS_FILE under "
        f"{' or '.join(tables) or 'default'}; tools/list shows what may be called."
    )
    return CallFailed(OutcomeKind.ACCESS_DENIED, "NotAllowed", f"{who} may not use {wanted}.", hint)


def _about(call: Call) -> str:
    if call.aim.target.startswith(UPSTREAM):
        return f" of upstream {call.aim.target.removeprefix(UPSTREAM)}"
    if call.aim.function_name:
        return f" for function {call.aim.function_name}"
    return " for all functions at once" if call.aim.target == "cloudwatch" else ""
