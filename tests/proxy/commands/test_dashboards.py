"""`lambdascope dashboards export`: what people give to their Grafana and Prometheus."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lambdascope_proxy.cli import main


def exported(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): path.read_text(encoding="utf-8")
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_it_writes_dashboards_and_provisioning_and_says_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dashboards", "export", str(tmp_path / "new" / "there")]) == 0
    files = exported(tmp_path / "new" / "there")
    assert "dashboards/lambdascope-overview.json" in files
    assert "provisioning/datasources.yaml" in files
    assert json.loads(files["dashboards/lambdascope-cost.json"])["uid"] == "lambdascope-cost"
    out = capsys.readouterr().out
    assert all(name in out for name in files)
    assert "Dashboards > New > Import" in out
    assert "rule_files" in out


def test_nothing_that_is_shipped_for_grafana_and_prometheus_is_left_out(tmp_path: Path) -> None:
    main(["dashboards", "export", str(tmp_path)])
    package = Path(__file__).parents[3] / "dashboards" / "lambdascope_dashboards"
    shipped = {path.relative_to(package).as_posix() for kind in ("json", "yaml") for path in package.rglob(f"*.{kind}")}
    assert {name.replace("dashboards/", "built/") for name in exported(tmp_path)} == shipped


def test_a_second_time_there_is_nothing_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["dashboards", "export", str(tmp_path)])
    capsys.readouterr()
    assert main(["dashboards", "export", str(tmp_path)]) == 0
    assert f"0 files written to {tmp_path}, {len(exported(tmp_path))} were there already." in capsys.readouterr().out


def test_a_file_that_was_changed_stays_and_nothing_else_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "dashboards" / "lambdascope-cost.json"
    changed.parent.mkdir()
    changed.write_text("mine", encoding="utf-8")
    assert main(["dashboards", "export", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "dashboards/lambdascope-cost.json" in said.err
    assert "--force" in said.err
    # As it is after an upgrade, without a change by hand.
    assert "of another version" in said.err
    assert exported(tmp_path) == {"dashboards/lambdascope-cost.json": "mine"}


def test_force_overwrites_it_and_leaves_other_files_alone(tmp_path: Path) -> None:
    main(["dashboards", "export", str(tmp_path)])
    before = exported(tmp_path)
    (tmp_path / "rules").mkdir(exist_ok=True)
    (tmp_path / "rules" / "mine.yaml").write_text("mine", encoding="utf-8")
    (tmp_path / "dashboards" / "lambdascope-cost.json").write_bytes(b"\xff broken")
    assert main(["dashboards", "export", str(tmp_path), "--force"]) == 0
    assert exported(tmp_path) == before | {"rules/mine.yaml": "mine"}


def test_a_file_in_the_place_of_the_directory_is_told_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["dashboards", "export", str(tmp_path / "file")]) == 2
    said = capsys.readouterr().err
    assert "Not a directory; name a directory that you may write to" in said
    assert str(tmp_path / "file") in said


def test_a_directory_that_cannot_be_written_to_is_told_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    # The mode of a directory would not stop root, as whom tests may run.
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert main(["dashboards", "export", str(tmp_path / "new")]) == 2
    said = capsys.readouterr().err
    assert f"cannot write {tmp_path / 'new'}" in said
    assert "Permission denied; name a directory that you may write to" in said


def test_it_works_without_the_sdk_that_builds_them(tmp_path: Path) -> None:
    # Who installs lambdascope has neither the SDK nor a parser of PromQL.
    program = f"""
import sys
sys.modules["grafana_foundation_sdk"] = sys.modules["promql_parser"] = None
from lambdascope_proxy.cli import main
sys.exit(main(["dashboards", "export", {str(tmp_path)!r}]))
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)
    assert "dashboards/lambdascope-lambda.json" in exported(tmp_path)
