"""A proxy in this process whose tools look at CloudWatch, over an account of its own, and the history it writes."""

import os
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from mcp import Client
from opentelemetry.sdk.trace import TracerProvider
from stage.proxies import CLIENT, Stage
from stage.waiting import eventually

from lambdascope_analytics.asking.questions import Questions
from lambdascope_analytics.privacy.scrubber import Scrubber
from lambdascope_proxy.cloudwatch.asked import Asked
from lambdascope_proxy.cloudwatch.insights import Insights
from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.log_groups import LogGroups
from lambdascope_proxy.local import LocalAws, LocalFunction
from lambdascope_proxy.server import McpFront
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.threads import Threads
from lambdascope_proxy.toolbox import Toolbox
from lambdascope_proxy.tools.inspect_execution import InspectExecution
from lambdascope_proxy.tools.query_logs import QueryLogs
from lambdascope_proxy.wiring import Proxy, build_proxy

TRACE_URL = "https://traces.example/{trace_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Where to call and to look: the account, the proxy, and what it recorded."""

    aws: LocalAws
    proxy: Proxy
    history: Stage

    @asynccontextmanager
    async def client(self, **changed: Any) -> AsyncGenerator[Client]:
        """A client of a server with both tools, invoke_function and query_history; `changed` goes to query_logs."""
        questions = Questions(self.proxy.history_directory)
        toolbox = Toolbox(
            [self.proxy.invoke_tool, *_tools(self.proxy, questions, changed)],
            exposes_functions=False,
            catalog=self.proxy.catalog,
            schemas=self.proxy.schemas,
            invoke=self.proxy.pipeline,
        )
        front = McpFront(toolbox, self.proxy.pipeline, TracerProvider().get_tracer("tests"), "stdio", scrub=str)
        try:
            async with Client(front.server, cache=None, client_info=CLIENT) as client:
                yield client
        finally:
            await questions.aclose()

    @asynccontextmanager
    async def first_client(self) -> AsyncGenerator[Client]:
        """A client after which nobody calls functions any more."""
        async with self.client() as client:
            yield client
        await self.proxy.http.aclose()

    async def rows(self, count: int, where: str = "target = 'lambda'") -> list[dict[str, Any]]:
        """The recorded calls, once there are so many."""
        return await eventually(lambda: (rows := self.history.rows(where))[count - 1 :] and rows)


def _tools(proxy: Proxy, questions: Questions, changed: Mapping[str, Any]) -> Sequence[Any]:
    places, threads, scrub = proxy.places, Threads(8), Scrubber().text
    known: dict[str, Any] = {"max_scan_gb": 1.0, "max_result_bytes": 65_536, **changed}
    groups, insights = LogGroups(places, threads, ttl_s=60), Insights(places, threads, sleep=_hurried)
    return [
        QueryLogs(proxy.catalogs, groups, insights, Asked(), scrub, events=LogEvents(places, threads), **known),
        InspectExecution(
            questions, proxy.catalogs, LogEvents(places, threads), scrub, trace_url=TRACE_URL, max_result_bytes=65_536
        ),
    ]


async def _hurried(seconds: float) -> None:
    """The local AWS has its answer long before one would ask AWS again."""
    await anyio.sleep(seconds / 20)


@contextmanager
def lookout(functions: Sequence[LocalFunction], directory: Path, **settings: str) -> Generator[Lookout]:
    """Starts it; every AWS client made meanwhile in this process leads to its account."""
    with LocalAws(functions, event_retry_delays_s=(0.1, 0.1)) as aws:
        variables = {
            **aws.environment(),
            "LAMBDASCOPE_ALLOW_ALL_FUNCTIONS": "true",
            "LAMBDASCOPE_HISTORY_DIR": str(directory),
            **settings,
        }
        before = dict(os.environ)
        os.environ.update(variables)
        try:
            proxy = build_proxy(load_settings(variables), variables)
            yield Lookout(aws=aws, proxy=proxy, history=Stage(environment=variables, history_directory=directory))
            proxy.close()
        finally:
            os.environ.clear()
            os.environ.update(before)
