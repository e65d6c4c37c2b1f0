"""Lets a Lambda call through only to a function on the allow-list, and hands on what is known of it."""

from dataclasses import dataclass, replace

from lambdascope_proxy.aws.versions import Versions
from lambdascope_proxy.call import Call, Next, Outcome
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.measure import not_sent


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Deny by default: the catalogues hold only functions that were allowed."""

    catalogs: Catalogs
    versions: Versions

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed: refused, not_found, or why the functions could not be read."""
        if call.aim.target != "lambda":
            return await call_next(call)
        aim, note = call.aim, ""
        function = await self.catalogs.find(aim.function_name or "", aim.region, account_id=aim.account_id)
        try:
            if aim.qualifier:
                function, note = await self.versions.of(function, aim.qualifier)
            outcome = await call_next(replace(call, function=function))
            return replace(outcome, notes=(*outcome.notes, note)) if note else outcome
        except CallFailed as failed:
            failed.invocation = failed.invocation or not_sent(function, len(call.payload))
            raise
