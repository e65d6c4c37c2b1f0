import json
import stat
from pathlib import Path

import pytest

from lambdascope_proxy.access.api_keys import holder_of, read_keys
from lambdascope_proxy.cli import main

Capture = pytest.CaptureFixture[str]


def test_a_key_is_printed_alone_and_its_line_beside_it(capsys: Capture) -> None:
    assert main(["keys", "new", "ops"]) == 0
    printed = capsys.readouterr()
    key = printed.out.strip()
    # What is led into a secret store must be the key and nothing else.
    assert printed.out == f"{key}\n"
    assert key.startswith("lsk_")
    assert key not in printed.err
    line = printed.err.splitlines()[-1]
    assert holder_of(key, read_keys(line)) == "ops"


def test_for_programs_it_is_one_document(capsys: Capture) -> None:
    assert main(["keys", "new", "ops", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["name"] == "ops"
    assert holder_of(made["key"], read_keys(made["line"])) == "ops"


def test_a_file_is_made_for_its_owner_alone_and_added_to(tmp_path: Path, capsys: Capture) -> None:
    file, keys = tmp_path / "keys", list[str]()
    for name in ("ops", "ci", "ops"):
        assert main(["keys", "new", name, "--append", str(file)]) == 0
        keys.append(capsys.readouterr().out.strip())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    entries = read_keys(file.read_text())
    assert [holder_of(key, entries) for key in keys] == ["ops", "ci", "ops"]


def test_a_last_line_without_an_end_is_not_run_into(tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "keys"
    file.write_text("# ours")
    assert main(["keys", "new", "ops", "--append", str(file)]) == 0
    assert len(read_keys(file.read_text())) == 1


def test_a_name_that_cannot_be_one_is_refused_before_anything_is_made(tmp_path: Path, capsys: Capture) -> None:
    assert main(["keys", "new", "my key", "--append", str(tmp_path / "keys")]) == 2
    assert capsys.readouterr().out == ""
    assert not (tmp_path / "keys").exists()


def test_a_file_that_cannot_be_written_gives_no_key_away(tmp_path: Path, capsys: Capture) -> None:
    assert main(["keys", "new", "ops", "--append", str(tmp_path / "none" / "keys")]) == 1
    assert capsys.readouterr().out == ""
