"""What is checked of the files that are shipped before the demo runs: each says what is wrong, if anything."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from stack.binaries import BIN
from stack.carrying import check_carrying
from stack.collectors import validate
from stack.keeping import check_keeping
from stack.places import COLLECTOR_OPTIONS, RULE_TESTS, RULES
from stack.report import say

PROMTOOL_S: Final = 900
# The component of this file cannot be had in the version of the others: see otelcol-builder.yaml.
NOT_VALIDATED: Final = frozenset({"emf.yaml"})


def check_files(folder: Path) -> Iterator[str]:
    """The shipped Collector file alone and with its options, and the shipped rules."""
    options = [path for path in sorted(COLLECTOR_OPTIONS.glob("*.yaml")) if path.name not in NOT_VALIDATED]
    for chosen in ([], *([path] for path in options)):
        named = " with ".join(["otel-collector.yaml", *(path.name for path in chosen)])
        yield from _told(f"`otelcol validate` {named}", validate(chosen))
    for name in sorted(NOT_VALIDATED):
        say(f"NOT RUN  `otelcol validate` with {name}: its exporter cannot be built here")
    yield from _told("keeping what is worth it, letting the rest go, masking secrets", "; ".join(check_keeping(folder)))
    yield from _told("carrying through all options at once", "; ".join(check_carrying(folder, options)))
    for path in sorted(RULES.glob("*.yaml")):
        yield from _told(f"`promtool check rules` {path.name}", _promtool("check", path))
    for path in sorted(RULE_TESTS.glob("*.test.yaml")):
        yield from _told(f"`promtool test rules` {path.name}", _promtool("test", path))


def _promtool(verb: str, path: Path) -> str:
    """What promtool has against a file of rules or their tests."""
    command = [str(BIN / "promtool"), verb, "rules", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROMTOOL_S, check=False)
    return (done.stderr or done.stdout).strip() if done.returncode else ""


def _told(what: str, wrong: str) -> Iterator[str]:
    say(f"{'FAILED ' if wrong else 'ok     '}  {what}")
    if wrong:
        yield f"{what}: {wrong}"
