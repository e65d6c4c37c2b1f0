"""The SDK's low-level server, which announces what is really there, to clients of both eras."""

from collections.abc import Callable
from typing import Any, Final

from mcp.server import Server
from mcp.server.lowlevel import NotificationOptions

OPTIONAL: Final = ("resources", "prompts", "completions", "logging")


class ProxyServer(Server[Any]):
    """`has` says of a capability whether somebody has it; without it every handler is one.

    The SDK's own never announces `listChanged` to older clients.
    """

    has: Callable[[str], bool] | None = None

    def create_initialization_options(
        self, notification_options: NotificationOptions | None = None, *a: Any, **k: Any
    ) -> Any:
        """As the SDK's, with changes of lists announced."""
        forwards = self.has is not None
        changes = NotificationOptions(tools_changed=True, resources_changed=forwards, prompts_changed=forwards)
        return super().create_initialization_options(notification_options or changes, *a, **k)

    def get_capabilities(self, *a: Any, **k: Any) -> Any:
        """As the SDK's, less what nobody has."""
        found = super().get_capabilities(*a, **k)
        has = self.has
        return found if has is None else found.model_copy(update={name: None for name in OPTIONAL if not has(name)})
