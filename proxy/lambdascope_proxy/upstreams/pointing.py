"""What a client's configuration is to say so that the client starts lambdascope in place of its servers."""

import json
from typing import Any

from lambdascope_proxy.upstreams.importing import Imported

# Every program has it without being told.
_EVERYWHERE = frozenset({"HOME"})


def client_snippet(found: Imported, config: str) -> str:
    """The JSON to put in place of the servers; secrets stand in it as a word that says what belongs there."""
    entry: dict[str, Any] = {"type": "stdio"} if found.member != "mcpServers" else {}
    entry |= {"command": "lambdascope", "args": ["serve", "--config", config]}
    if env := needed_variables(found):
        entry["env"] = env
    inner: Any = {"lambdascope": entry}
    for member in reversed(found.member.split(".")):
        inner = {member: inner}
    return json.dumps(inner, ensure_ascii=False, indent=2)


def needed_variables(found: Imported) -> dict[str, str]:
    """The variables lambdascope needs, each with what the client's file is to say: never a secret."""
    secrets = dict.fromkeys(found.secrets, "<the value it has now>")
    return {**secrets, **{name: told for name, told in found.references.items() if name not in _EVERYWHERE}}
