"""Spans of AWS requests as the botocore instrumentation makes them, without the words of AWS, and under today's names.

An error text of AWS holds ARNs and names of people; and the instrumentation sends its own X-Ray header.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, TracerProvider

from lambdascope_proxy import names


def trace_aws_clients(provider: TracerProvider, *, sends_xray: bool) -> None:
    """Has every request of a boto3 client be a span; `sends_xray` says whether AWS is told of the trace."""
    from opentelemetry.instrumentation.botocore import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
        BotocoreInstrumentor,
    )
    from opentelemetry.propagators.aws import (  # pyright: ignore[reportMissingTypeStubs] -- neither does it
        AwsXRayPropagator,
    )

    propagator = AwsXRayPropagator() if sends_xray else CompositePropagator([])
    BotocoreInstrumentor().instrument(tracer_provider=AwsSpans(provider), propagator=propagator)


class AwsSpans:
    """Stands for a tracer provider where the instrumentation asks for one."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider

    def get_tracer(self, name: str, version: str | None = None, *_: Any, **__: Any) -> "AwsTracer":
        """A tracer; the schema that the instrumentation names is that of its own names."""
        return AwsTracer(self._provider.get_tracer(name, version))


class AwsTracer:
    """What the instrumentation uses of a tracer."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    @contextmanager
    def start_as_current_span(
        self, name: str, *, kind: SpanKind, attributes: Mapping[str, Any], end_on_exit: bool = True, **_: Any
    ) -> Generator[Span]:
        """A span that is red with a type and no text when the request fails."""
        with self._tracer.start_as_current_span(
            name,
            kind=kind,
            attributes=_renamed(attributes),
            record_exception=False,
            set_status_on_exception=False,
            end_on_exit=end_on_exit,
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute(names.ERROR_TYPE, error_type(error))
                # Takes the place of the status which the instrumentation has just set, with the whole text.
                span.set_status(StatusCode.ERROR)
                raise


def error_type(error: Exception) -> str:
    """AWS's code for an answer of AWS, else the exception's type."""
    response: Mapping[str, Any] = getattr(error, "response", None) or {}
    return response.get("Error", {}).get("Code") or type(error).__name__


def _renamed(attributes: Mapping[str, Any]) -> dict[str, Any]:
    # A later version may have other names: those are left as they are, no request fails for them.
    if not {"rpc.system", "rpc.service", names.RPC_METHOD} <= attributes.keys():
        return dict(attributes)
    given = dict(attributes)
    system, service, method = given.pop("rpc.system"), given.pop("rpc.service"), given.pop(names.RPC_METHOD)
    return {**given, names.RPC_SYSTEM: system, names.RPC_METHOD: f"{service}/{method}"}
