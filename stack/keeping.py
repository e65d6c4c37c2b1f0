"""Does the shipped Collector file keep and mask what it must? Asked with traces made for it, with the rest let go."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from stack.collectors import Collector, collecting, standing_for_tempo
from stack.http_json import post_json
from stack.otlp import span, traces
from stack.spans import read_spans

NOTHING_ELSE: Final = {"TRACES_KEPT_PERCENT": "0", "TRACES_SLOW_MS": "1000"}
PATIENCE_S: Final = 20.0
ERROR: Final = {"code": 2}
SECRET_KEY_ID: Final = "AKIAIOSFODNN7EXAMPLE"  # noqa: S105 -- the example of AWS's own documentation
MASK: Final = "****"
# Name of the span -> what makes it worth keeping.
KEPT: Final[Mapping[str, Mapping[str, Any]]] = {
    "an error": {"status": ERROR},
    "slow": {"lasts_s": 2},
    "a cold start": {"attributes": {"lambdascope.lambda.cold_start": True}},
    "refused": {"attributes": {"lambdascope.outcome": "refused"}},
    "with secrets": {
        "status": ERROR,
        "attributes": {"http.request.header.authorization": "anything", "note": f"key {SECRET_KEY_ID} leaked"},
    },
}
DROPPED: Final[Mapping[str, Mapping[str, Any]]] = {
    "ordinary": {"attributes": {"lambdascope.outcome": "ok", "lambdascope.lambda.cold_start": False}}
}
MASKED: Final = {"http.request.header.authorization": MASK, "note": f"key {MASK} leaked"}


def check_keeping(folder: Path) -> list[str]:
    """A line for everything that the shipped file does not keep, drop or mask as it should."""
    spans = folder / "kept-spans.jsonl"
    with standing_for_tempo(folder, spans) as tempo, collecting(folder, "keeping", tempo, NOTHING_ELSE) as collector:
        _send(collector)
        deadline = time.monotonic() + PATIENCE_S
        while {each.name for each in read_spans(spans)} < set(KEPT) and time.monotonic() < deadline:
            time.sleep(0.2)
    # Both have ended, so all that was to come has come.
    found = {each.name: each.attributes for each in read_spans(spans)}
    missing = [f"a trace that is {name!r} was not kept" for name in KEPT if name not in found]
    needless = [f"a trace that is {name!r} was kept" for name in found if name not in KEPT]
    masked = {key: found.get("with secrets", {}).get(key) for key in MASKED}
    unmasked = [f"{key} reads {masked[key]!r}, not {MASKED[key]!r}" for key in MASKED if masked[key] != MASKED[key]]
    return [*missing, *needless, *unmasked]


def _send(collector: Collector) -> None:
    """Each span as a trace of its own."""
    planned = {**DROPPED, **KEPT}
    spans = [span(number, name, **about) for number, (name, about) in enumerate(planned.items(), start=1)]
    post_json(collector.otlp_http, "/v1/traces", traces(spans))
