"""Lists and reads the resources of our own."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import mcp.types as t
from mcp.shared.exceptions import MCPError

from lambdascope_proxy.resource import TextResource

LIST_TTL_MS: Final = 60_000
NAME_CHARS: Final = 200


class OwnResources:
    """Handlers for the SDK's server."""

    def __init__(self, resources: Sequence[TextResource]) -> None:
        self._resources = {resource.uri: resource for resource in resources}

    def __contains__(self, uri: str) -> bool:
        return uri in self._resources

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """As `resources/list` has them on the wire."""
        wired = map(_wire_resource, self._resources.values())
        return [resource.model_dump(by_alias=True, mode="json", exclude_none=True) for resource in wired]

    @property
    def handlers(self) -> dict[str, Any]:
        """None without resources: the SDK tells clients of a capability by its handlers."""
        if not self._resources:
            return {}
        return {
            "on_list_resources": self._list,
            "on_list_resource_templates": self._list_templates,
            "on_read_resource": self.read,
        }

    async def _list(self, ctx: Any, params: t.PaginatedRequestParams | None) -> t.ListResourcesResult:
        resources = [_wire_resource(resource) for resource in self._resources.values()]
        return t.ListResourcesResult(resources=resources, ttl_ms=LIST_TTL_MS, cache_scope="private")

    async def _list_templates(self, ctx: Any, params: t.PaginatedRequestParams | None) -> t.ListResourceTemplatesResult:
        # There are none; clients ask all the same when they see that there are resources.
        return t.ListResourceTemplatesResult(resource_templates=[], ttl_ms=LIST_TTL_MS, cache_scope="private")

    async def read(self, ctx: Any, params: t.ReadResourceRequestParams) -> t.ReadResourceResult:
        """One of them. Raises MCPError that names those there are."""
        resource = self._resources.get(str(params.uri))
        if resource is None:
            asked = str(params.uri)[:NAME_CHARS].encode(errors="replace").decode()
            message = f"There is no resource {asked}; there is {', '.join(self._resources)}."
            raise MCPError(code=t.INVALID_PARAMS, message=message)
        text = t.TextResourceContents(uri=resource.uri, mime_type=resource.mime_type, text=resource.read())
        return t.ReadResourceResult(contents=[text], ttl_ms=LIST_TTL_MS, cache_scope="private")


def _wire_resource(resource: TextResource) -> t.Resource:
    return t.Resource(
        uri=resource.uri,
        name=resource.name,
        title=resource.title,
        description=resource.description,
        mime_type=resource.mime_type,
    )
