"""The client as what follows an approval sees it: without our part of the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.call import Client


@dataclass(frozen=True, slots=True)
class AnsweredClient:
    """`client`, with answers and a state that are for another server."""

    client: Client
    input_responses: Mapping[str, Any] | None
    request_state: str | None

    @property
    def meta(self) -> Mapping[str, Any]:
        """As it came."""
        return self.client.meta

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """As they are."""
        return self.client.capabilities

    async def report_progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Tells the client."""
        await self.client.report_progress(progress, total, message)

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Asks the client."""
        return await self.client.ask(method, params)
