"""By what calls are counted together: who makes them, and what they are aimed at. Pure."""

from typing import Final

from lambdascope_proxy.call import Call

# Callers word these; no session id or function name of ours is longer.
KEY_CHARS: Final = 256


def principal_of(call: Call) -> str:
    """Who calls. Callers without a name (over stdio, and over HTTP without access control) are one."""
    return (call.caller.principal or "")[:KEY_CHARS]


def session_of(call: Call) -> str:
    """The principal's session. Where there are none, as in the newest protocol revision, all its calls are one."""
    return f"{principal_of(call)}\n{(call.caller.session_id or '')[:KEY_CHARS]}"


def tool_of(call: Call) -> str:
    """The tool in words; of a Lambda call the function, whichever tool it is called through."""
    if call.aim.target == "lambda" and call.aim.function_name:
        return f"function {call.aim.function_name[:KEY_CHARS]}"
    return f"tool {call.tool.spec.name}"
