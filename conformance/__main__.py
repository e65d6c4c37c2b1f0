"""Runs the official suite for two revisions, on the fixture alone and behind lambdascope, and compares.

Fails when a scenario does not do behind lambdascope what it does without, unless `expected_failures.toml` says why, or
when the Inspector does not get along with it. With a file it puts the tables there, in place of those that it has.
"""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from conformance.inspector import inspect
from conformance.stage import FIXTURE, behind_lambdascope, fixture, lambdascope
from conformance.suite import Scenario, install, run_suite

EXPECTED: Final = Path(__file__).with_name("expected_failures.toml")
HEADING: Final = "## What passes"
Found = Mapping[str, Scenario]


def main() -> int:
    """Runs both revisions and prints a table for each. Returns 1 if something is not as expected."""
    install()
    expected = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    tables: list[str] = []
    wrong: list[str] = []
    for revision, direct, proxied in (_handshake_era(), _newest()):
        tables.append(table(revision, direct, proxied, expected.get(revision, {})))
        print(tables[-1])
        wrong += compare(revision, direct, proxied, expected.get(revision, {}))
    wrong += _inspected()
    for line in wrong:
        print(f"NOT AS EXPECTED: {line}")
    for page in sys.argv[1:]:
        put_tables(Path(page), tables)
    return 1 if wrong else 0


def _handshake_era() -> tuple[str, Found, Found]:
    revision = "2025-11-25"
    with fixture("--handshake") as url:
        direct = run_suite(url, revision)
    # Of before 2026-07-28, over stdio.
    with behind_lambdascope(["--", *FIXTURE, "--stdio", "--handshake"]) as url:
        return revision, direct, run_suite(url, revision)


def _newest() -> tuple[str, Found, Found]:
    revision = "2026-07-28"
    with fixture() as upstream:
        direct = run_suite(upstream, revision)
        with behind_lambdascope([upstream]) as url:
            return revision, direct, run_suite(url, revision)


def _inspected() -> list[str]:
    upstream = ["--", *FIXTURE, "--stdio"]
    with behind_lambdascope(upstream) as url:
        wrong = inspect({"type": "http", "url": url})
    with lambdascope(upstream) as ((command, *arguments), environment):
        wrong += inspect({"type": "stdio", "command": command, "args": arguments, "env": environment})
    print(f"\nThe Inspector lists and calls tools over HTTP and over stdio: {'no' if wrong else 'yes'}")
    return wrong


def table(revision: str, direct: Found, proxied: Found, expected: Mapping[str, str]) -> str:
    """The checks of a revision as Markdown."""
    lines = [
        f"\nMCP {revision}: checks passed / failed, by the fixture alone and behind lambdascope",
        "",
        "| scenario | alone | behind lambdascope | |",
        "|---|---|---|---|",
    ]
    for name in sorted({*direct, *proxied}):
        reason = expected.get(name, "") or (proxied[name].unscored if name in proxied else "")
        lines.append(f"| {name} | {_told(direct.get(name))} | {_told(proxied.get(name))} | {reason} |")
    return "\n".join([*lines, f"| **all** | {_sum(direct)} | {_sum(proxied)} | |"])


def put_tables(page: Path, tables: list[str]) -> None:
    """Puts the tables at the end of a page, after its last heading."""
    kept, heading, _ = page.read_text(encoding="utf-8").partition(HEADING)
    page.write_text("\n".join([f"{kept}{heading or HEADING}", *tables, ""]), encoding="utf-8")


def compare(revision: str, direct: Found, proxied: Found, expected: Mapping[str, str]) -> list[str]:
    """A line for each scenario that is not as expected."""
    short = {name for name in direct.keys() & proxied.keys() if _falls_short(direct[name], proxied[name])}
    return [
        *(f"{revision} {name} passes less than without lambdascope" for name in sorted(short - expected.keys())),
        *(f"{revision} {name} did not run" for name in sorted(direct.keys() - proxied.keys())),
        *(f"{revision} {name} passes: take it off the list" for name in sorted(expected.keys() - short)),
    ]


def _falls_short(direct: Scenario, proxied: Scenario) -> bool:
    """What fails and counts does so also where the fixture fails alone."""
    is_less = proxied.passed < direct.passed or proxied.failed > direct.failed
    return is_less or bool(proxied.failed and not proxied.unscored)


def _told(found: Scenario | None) -> str:
    return f"{found.passed} / {found.failed}" if found else "not run"


def _sum(found: Found) -> str:
    return f"{sum(one.passed for one in found.values())} / {sum(one.failed for one in found.values())}"


if __name__ == "__main__":
    sys.exit(main())
