"""Runs the official suite for two revisions, on the fixture alone and behind lambdascope, and compares.

Fails when a scenario does not do behind lambdascope what it does without, unless `expected_failures.toml` says why.
"""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from conformance.stage import FIXTURE, behind_lambdascope, fixture
from conformance.suite import Scenario, install, run_suite

EXPECTED: Final = Path(__file__).with_name("expected_failures.toml")
Found = Mapping[str, Scenario]


def main() -> int:
    """Runs both revisions and prints a table for each. Returns 1 if something is not as expected."""
    install()
    expected = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    with fixture("--handshake") as url:
        direct = run_suite(url, "2025-11-25")
    # Of before 2026-07-28, over stdio.
    with behind_lambdascope(["--", *FIXTURE, "--stdio", "--handshake"]) as url:
        proxied = run_suite(url, "2025-11-25")
    wrong = compare("2025-11-25", direct, proxied, expected.get("2025-11-25", {}))
    with fixture() as upstream:
        direct = run_suite(upstream, "2026-07-28")
        with behind_lambdascope([upstream]) as url:
            proxied = run_suite(url, "2026-07-28")
    wrong += compare("2026-07-28", direct, proxied, expected.get("2026-07-28", {}))
    for line in wrong:
        print(f"NOT AS EXPECTED: {line}")
    return 1 if wrong else 0


def compare(revision: str, direct: Found, proxied: Found, expected: Mapping[str, str]) -> list[str]:
    """Prints the checks of a revision; returns a line for each scenario that is not as expected."""
    print(f"\nMCP {revision}: checks passed / failed, the fixture alone and behind lambdascope\n")
    print("| scenario | alone | behind lambdascope | |\n|---|---|---|---|")
    for name in sorted({*direct, *proxied}):
        reason = expected.get(name, "") or (proxied[name].unscored if name in proxied else "")
        print(f"| {name} | {_told(direct.get(name))} | {_told(proxied.get(name))} | {reason} |")
    print(f"| **all** | {_sum(direct)} | {_sum(proxied)} | |")
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
