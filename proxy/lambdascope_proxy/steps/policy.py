"""Lets a Lambda call through only to a function on the allow-list, and hands on what is known of it."""

from dataclasses import dataclass, replace

from lambdascope_proxy.call import Call, Next, Outcome
from lambdascope_proxy.catalog import Catalog


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Deny by default: the catalogue holds only functions that were allowed."""

    catalog: Catalog

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed: refused, not_found, or why the functions could not be read."""
        if call.aim.target != "lambda":
            return await call_next(call)
        function = await self.catalog.find(call.aim.function_name or "")
        return await call_next(replace(call, function=function))
