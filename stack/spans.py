"""Reads the spans that the stand-in for Tempo wrote, one OTLP request as JSON on each line."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is asked of a span here."""

    name: str
    trace_id: str
    span_id: str
    attributes: Mapping[str, Any]


def read_spans(path: Path) -> list[Span]:
    """All spans of the file; a line that is still being written is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [span for line in lines for span in _spans(json.loads(line))]


def _spans(request: Mapping[str, Any]) -> Iterator[Span]:
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield Span(
                    name=span["name"],
                    trace_id=span["traceId"],
                    span_id=span["spanId"],
                    attributes={each["key"]: _plain(each["value"]) for each in span.get("attributes", ())},
                )


def _plain(value: Mapping[str, Any]) -> Any:
    """The value without the name of its type."""
    return next(iter(value.values()), None)
