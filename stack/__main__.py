"""`python -m stack`: build the real parts, run the demo through them, and ask all that is shipped what it shows.

Exit code 1 when something that is shipped does not work or shows nothing, 2 when the stack could not be built or run.
"""

import argparse
import math
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lambdascope_proxy.telemetry.metric_table import METRICS
from stack.allowances import read_allowances, stale
from stack.asking import Answer, ask_all
from stack.binaries import binaries, build
from stack.checks import check_files
from stack.collectors import collecting, refusing_spans, standing_for_tempo
from stack.errors import StackError
from stack.exemplars import Followed, follow
from stack.losses import check_losses
from stack.naming import misnamed
from stack.placeholders import built_in
from stack.places import CACHE, RULES
from stack.prometheus import scraping
from stack.prometheus_api import PrometheusApi
from stack.report import say
from stack.table import failures, remarks, table
from stack.traffic import drive

SPANS: Final = "spans.jsonl"
PATIENCE_S: Final = 20.0


def main() -> int:
    """Runs it all; what the processes said is kept when it fails."""
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    parser.add_argument("--build", action="store_true", help="only build the binaries into .stack/bin")
    options = parser.parse_args()
    folder = None
    try:
        _build()
        if options.build:
            return 0
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=CACHE))
        wrong = [*check_files(folder), *_carried(folder)]
    except StackError as error:
        say(f"STOPPED: {error}" + (f"\nlogs: {folder}" if folder else ""))
        return 2
    for line in wrong:
        say(f"WRONG: {line}")
    if wrong:
        say(f"logs: {folder}")
        return 1
    shutil.rmtree(folder)
    say("everything that is shipped works and has data")
    return 0


def _build() -> None:
    for binary in binaries():
        began = time.monotonic()
        if build(binary):
            say(f"built {binary.name} in {time.monotonic() - began:.0f} s")


def _carried(folder: Path) -> Iterator[str]:
    """The demo through the Collector into Prometheus, and all that is then asked."""
    spans, rules = folder / SPANS, sorted(RULES.glob("*.yaml"))
    with (
        standing_for_tempo(folder, spans) as tempo,
        collecting(folder, "collector", tempo, {}) as collector,
        refusing_spans(folder) as refusing,
        collecting(folder, "refused", refusing, {}) as refused,
        scraping(folder, (collector, refused), rules) as port,
    ):
        prometheus = PrometheusApi(port)
        began = time.monotonic()
        drive(folder, collector, refused)
        ran_s = math.ceil(time.monotonic() - began)
        say(f"the demo ran for {ran_s} s\n")
        allowances = read_allowances()
        # However long it took here, all of it is within the rates.
        answers = ask_all(prometheus, allowances, built_in(rate_s=ran_s + 30, range_s=10 * ran_s))
        yield from _told(answers)
        for place in stale(allowances, (answer.expression.place for answer in answers)):
            yield f"without_data.toml names {place}, which does not exist"
        yield from (f"rule {line}" for line in prometheus.failing_rules())
        yield from check_losses(prometheus, collector)
        yield from misnamed(METRICS, prometheus.label_values("__name__", None))
        yield from _followed(prometheus, spans)


def _told(answers: list[Answer]) -> Iterator[str]:
    for line in (*table(answers), "", *remarks(answers)):
        say(line)
    if not answers:
        yield "there is no expression to ask"
    yield from failures(answers)


def _followed(prometheus: PrometheusApi, spans: Path) -> Iterator[str]:
    """Waits for the last spans, which the Collector holds for a moment to decide on."""
    deadline = time.monotonic() + PATIENCE_S
    found = follow(prometheus, spans)
    while not all(each.is_as_it_should for each in found) and time.monotonic() < deadline:
        time.sleep(0.5)
        found = follow(prometheus, spans)
    for each in found:
        say(_exemplar_line(each))
        if not each.is_as_it_should:
            yield _exemplar_line(each)


def _exemplar_line(followed: Followed) -> str:
    shown = followed.arrived[0] if followed.arrived else None
    leads = f"; one leads to span {shown.span_id} {shown.name!r} of trace {shown.trace_id}" if shown else ""
    return f"{followed.series}: {followed.exemplars} exemplars, {len(followed.arrived)} of their spans found{leads}"


if __name__ == "__main__":
    sys.exit(main())
