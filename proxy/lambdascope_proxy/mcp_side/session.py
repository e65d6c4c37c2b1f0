"""Which session a request belongs to, where the revision it is in has sessions."""

from typing import Any

from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS


def session_id_of(ctx: Any) -> str | None:
    """The id that the SDK gave out and has checked.

    In newer revisions nobody checks that header: whoever sent somebody else's id would be counted as that session.
    """
    if ctx.request is None or ctx.protocol_version not in HANDSHAKE_PROTOCOL_VERSIONS:
        return None
    return ctx.request.headers.get("mcp-session-id")
