"""The committed JSON is what the code builds."""

from pathlib import Path

from lambdascope_dashboards.building import stale, write


def test_the_committed_dashboards_are_what_is_built() -> None:
    # Also what fails when a metric gets another name and nobody builds the dashboards anew.
    assert stale() == []


def test_what_is_missing_changed_or_too_much_is_named_and_put_right(tmp_path: Path) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    (tmp_path / "lambdascope-cost.json").write_text("{}", encoding="utf-8")
    (tmp_path / "lambdascope-latency.json").unlink()
    (tmp_path / "lambdascope-old.json").write_text("{}", encoding="utf-8")
    assert stale(tmp_path) == ["lambdascope-cost.json", "lambdascope-latency.json", "lambdascope-old.json"]
    write(tmp_path)
    assert stale(tmp_path) == []
