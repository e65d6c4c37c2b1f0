"""Checks a payload against its function's own schema, where one is registered, before the paid call."""

import logging
from dataclasses import dataclass, replace

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.schema_store import InputSchema, SchemaStore
from lambdascope_proxy.steps.arguments import places_of
from lambdascope_proxy.threads import Threads

log = logging.getLogger(__name__)
# Checking takes some 2 s a megabyte: small payloads at once, larger ones in a thread, the largest not at all.
AT_ONCE_BYTES = 32_768
LONGEST_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class PayloadStep:
    """A schema that cannot be read does not stop the call: the answer says that the payload was not checked."""

    schemas: SchemaStore
    threads: Threads

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(invalid_arguments) naming the paths that are wrong."""
        if call.function is None:
            return await call_next(call)
        try:
            schema = await self.schemas.of(call.function)
        except CallFailed as failed:
            log.warning("payload of %s not checked: %s", call.function.name, failed)
            return await _unchecked(call, call_next, str(failed))
        if schema is None:
            return await call_next(call)
        if len(call.payload) > LONGEST_BYTES:
            return await _unchecked(call, call_next, f"it has over {LONGEST_BYTES} bytes.")
        if problems := await self._problems(schema, call):
            hint = (
                f"get_function_schema(function_name={call.function.name!r}, include_examples=true) shows what it takes."
            )
            kind, message = OutcomeKind.INVALID_ARGUMENTS, "; ".join(problems)
            raise CallFailed(kind, "PayloadInvalid", message, hint, recorded=places_of(problems))
        return await call_next(call)

    async def _problems(self, schema: InputSchema, call: Call) -> list[str]:
        if len(call.payload) <= AT_ONCE_BYTES:
            return schema.problems(call.aim.payload)
        return await self.threads.run(lambda: schema.problems(call.aim.payload))


async def _unchecked(call: Call, call_next: Next, reason: str) -> Outcome:
    outcome = await call_next(call)
    return replace(outcome, notes=(*outcome.notes, f"The payload was not checked: {reason}"))
