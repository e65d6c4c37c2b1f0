"""Builds what is on offer: tools of our own, functions, and tools of other MCP servers."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lambdascope_proxy.call import Next
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.results import Results
from lambdascope_proxy.schema_store import SchemaStore
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.tool import Tool
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.tools.get_function_schema import GetFunctionSchema
from lambdascope_proxy.tools.list_functions import ListFunctions
from lambdascope_proxy.tools.read_result import ReadResult

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters
    from lambdascope_proxy.upstreams.offer import Upstreams
    from lambdascope_proxy.upstreams.pin_board import PinBoard


def build_upstreams_of(
    settings: Settings, scrub: Callable[[str], str], pins: "PinBoard | None", meters: "Meters | None"
) -> "Upstreams | None":
    """The other MCP servers of these settings; without any, nothing of that side is even imported."""
    if not settings.upstreams:
        return None
    from lambdascope_proxy.upstreams.opening import build_upstreams

    keeps_payloads = settings.record_payloads != "none"
    upstreams = build_upstreams(
        settings.upstreams,
        scrub=scrub,
        most_bytes=settings.max_upstream_bytes,
        keeps_payloads=keeps_payloads,
        look=pins.look if pins else None,
        meters=meters,
    )
    if pins:
        pins.on_accepted(upstreams.refresh)
    return upstreams


def build_toolbox(
    settings: Settings,
    catalogs: Catalogs,
    schemas: SchemaStore,
    results: Results,
    invoke_tool: Tool,
    invoke: Next,
    questions: Sequence[Tool],
    more: Callable[[], Sequence[Tool]],
    upstreams: "Upstreams | None",
) -> Toolbox:
    """The tools in their order; none for functions in front of other servers where no function is allowed."""
    has_functions = not (upstreams and catalogs.home.selection.is_empty)
    generic: list[Tool] = [
        ListFunctions(catalogs, settings.schema_tag_key),
        GetFunctionSchema(catalogs, schemas, settings.schema_tag_key),
        invoke_tool,
    ]
    cuts_results = has_functions or settings.upstream_result_bytes > 0
    return Toolbox(
        [
            *(generic if has_functions and settings.expose != "functions" else []),
            *([ReadResult(results, settings.max_result_bytes)] if cuts_results else []),
            *questions,
        ],
        exposes_functions=has_functions and settings.expose != "generic",
        catalog=catalogs.home,
        schemas=schemas,
        invoke=invoke,
        more=more,
        others=upstreams,
    )
