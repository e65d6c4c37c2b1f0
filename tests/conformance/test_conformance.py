"""What runs the official suite reads it right, and lets nothing fall short that is not listed with its reason."""

import tomllib
from pathlib import Path

import pytest
from conformance import suite
from conformance.__main__ import EXPECTED, compare, put_tables, table
from conformance.suite import Scenario, read_summary

OUTPUT = """\
Running scenario: tools-list
  [ping] SUCCESS 1 passed, 0 failed

=== SUMMARY ===
✓ tools-list: 3 passed, 0 failed
✗ caching: 7 passed, 1 failed

Not scored for 2026-07-28:
  ✗ tasks-lifecycle (extension)
✗ tasks-lifecycle: 1 passed, 8 failed
"""


def scenario(passed: int, failed: int, unscored: str = "") -> Scenario:
    return Scenario(passed=passed, failed=failed, unscored=unscored)


def test_the_summary_is_read_with_what_does_not_count() -> None:
    assert read_summary(OUTPUT) == {
        "tools-list": scenario(3, 0),
        "caching": scenario(7, 1),
        "tasks-lifecycle": scenario(1, 8, "extension"),
    }


@pytest.mark.parametrize(
    ("direct", "proxied", "expected", "wrong"),
    [
        (scenario(2, 0), scenario(2, 0), {}, None),
        (scenario(2, 0), scenario(3, 0), {}, None),
        (scenario(2, 0), scenario(1, 0), {}, "passes less than without"),
        (scenario(2, 0), scenario(2, 1), {}, "passes less than without"),
        (scenario(1, 1), scenario(1, 1), {}, "passes less than without"),
        (scenario(1, 1, "pending"), scenario(1, 1, "pending"), {}, None),
        (scenario(2, 0, "pending"), scenario(1, 1, "pending"), {}, "passes less than without"),
        (scenario(2, 0), scenario(1, 1), {"it": "a reason"}, None),
        (scenario(2, 0), scenario(2, 0), {"it": "a reason"}, "take it off the list"),
    ],
)
def test_a_scenario_falls_short_unless_it_is_listed(
    direct: Scenario, proxied: Scenario, expected: dict[str, str], wrong: str | None
) -> None:
    """Catches a failure that hides behind the fixture's own, and a list that outlives its failures."""
    found = compare("2026-07-28", {"it": direct}, {"it": proxied}, expected)
    assert len(found) == (0 if wrong is None else 1)
    assert wrong is None or wrong in found[0]


def test_a_scenario_that_did_not_run_behind_lambdascope_is_told() -> None:
    assert compare("2026-07-28", {"it": scenario(1, 0)}, {}, {}) == ["2026-07-28 it did not run"]


def test_every_expected_failure_has_a_reason() -> None:
    listed = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    assert set(listed) <= {"2025-11-25", "2026-07-28"}
    assert all(len(reason) > 20 for scenarios in listed.values() for reason in scenarios.values())


def test_the_tables_of_a_page_are_replaced_and_its_words_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Conformance\n\nWords.\n\n## What passes\n\nold\n")
    made = table("2026-07-28", {"it": scenario(2, 0)}, {"it": scenario(1, 1)}, {"it": "why"})
    put_tables(page, [made])
    put_tables(page, [made])
    assert page.read_text() == f"# Conformance\n\nWords.\n\n## What passes\n{made}\n"
    assert "| it | 2 / 0 | 1 / 1 | why |" in made
    assert made.endswith("| **all** | 2 / 0 | 1 / 1 | |")


def test_a_suite_that_says_nothing_fails_with_its_last_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho 'no such requirements' >&2\n")
    node.chmod(0o755)
    monkeypatch.setattr(suite, "NODE", node)
    monkeypatch.setattr(suite, "MODULES", tmp_path)
    with pytest.raises(ChildProcessError, match="no such requirements"):
        suite.run_suite("http://127.0.0.1:1/mcp", "2026-07-28")
