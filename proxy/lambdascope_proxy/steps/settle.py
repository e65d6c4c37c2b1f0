"""Turns what the inside raises into an outcome, so that everything outside sees one kind of end."""

import logging

from lambdascope_proxy.call import Call, Failure, Next, Outcome, OutcomeKind
from lambdascope_proxy.errors import CallFailed

log = logging.getLogger(__name__)


async def settle(call: Call, call_next: Next) -> Outcome:
    """CallFailed becomes its outcome; a defect of ours becomes a tool error without its details."""
    try:
        return await call_next(call)
    except CallFailed as failed:
        bill = failed.take_bill() or call.progress.bill
        return Outcome(
            kind=failed.kind, failure=failed.failure, invocation=failed.invocation, bill=bill, meta=failed.meta
        )
    except Exception as error:
        log.exception("call %s failed inside lambdascope", call.call_id)
        failure = Failure(
            error_type=type(error).__name__,
            message="lambdascope failed while handling this call.",
            hint=f"This is a defect of lambdascope: its log has the details under call {call.call_id}.",
        )
        return Outcome(kind=OutcomeKind.TOOL_ERROR, failure=failure, bill=call.progress.bill)
