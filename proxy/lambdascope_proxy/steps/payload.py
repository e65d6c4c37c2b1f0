"""Checks a payload against its function's own schema, where one is registered, before the paid call."""

import logging
from dataclasses import dataclass, replace

from lambdascope_proxy.call import Call, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.schema_store import SchemaStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PayloadStep:
    """A schema that cannot be read does not stop the call: the answer says that the payload was not checked."""

    schemas: SchemaStore

    async def __call__(self, call: Call, call_next: Next) -> Outcome:
        """Raises CallFailed(invalid_arguments) naming the paths that are wrong."""
        if call.function is None:
            return await call_next(call)
        try:
            schema = await self.schemas.of(call.function)
        except CallFailed as failed:
            log.warning("payload of %s not checked: %s", call.function.name, failed)
            outcome = await call_next(call)
            return replace(outcome, notes=(*outcome.notes, f"The payload was not checked: {failed}"))
        if schema and (problems := schema.problems(call.aim.payload)):
            hint = (
                f"get_function_schema(function_name={call.function.name!r}, include_examples=true) shows what it takes."
            )
            raise CallFailed(OutcomeKind.INVALID_ARGUMENTS, "PayloadInvalid", "; ".join(problems), hint)
        return await call_next(call)
