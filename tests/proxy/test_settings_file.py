"""The file of settings: where it comes from, and how it is told apart into values and tables."""

from decimal import Decimal
from pathlib import Path

import pytest

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import load_settings
from lambdascope_proxy.settings_file import read_settings_file

TABLE = '\n[upstreams.orders]\ncommand = ["serve", "${TOKEN}"]\ncwd = "here"\n'


def file_of(directory: Path, text: str, name: str = "l.toml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_there_is_nothing_in_it() -> None:
    found = read_settings_file({"LAMBDASCOPE_CONFIG": "  "}, None)
    assert (found.values, found.upstreams) == ({}, {})


def test_values_are_text_and_tables_stay_as_they_are(tmp_path: Path) -> None:
    path = file_of(tmp_path, 'port = 4000\ndrain_s = 0.5\nupstreams.a = { cost_usd = 0.1, command = ["a"] }')
    found = read_settings_file({}, path)
    assert found.values == {"port": "4000", "drain_s": "0.5"}
    assert found.upstreams == {"a": {"cost_usd": Decimal("0.1"), "command": ["a"]}}
    assert found.directory == tmp_path


def test_a_client_that_can_only_set_variables_names_the_file_by_one(tmp_path: Path) -> None:
    path = file_of(tmp_path, 'function_prefix = "file-"\n' + TABLE)
    settings = load_settings({"LAMBDASCOPE_CONFIG": str(path), "TOKEN": "t"})
    assert settings.function_prefix == "file-"
    assert settings.upstreams[0].command == ("serve", "t")


def test_the_option_goes_before_the_variable(tmp_path: Path) -> None:
    environ = {"LAMBDASCOPE_CONFIG": str(file_of(tmp_path, "port = 1", "other.toml"))}
    assert load_settings(environ, file_of(tmp_path, "port = 2")).port == 2


def test_an_error_says_which_way_the_file_was_named(tmp_path: Path) -> None:
    bad = file_of(tmp_path, "prot = 1")
    with pytest.raises(SettingsError, match=r"^LAMBDASCOPE_CONFIG=.*l\.toml: unknown setting 'prot'"):
        read_settings_file({"LAMBDASCOPE_CONFIG": str(bad)}, None)
    with pytest.raises(SettingsError, match=r"^--config .*l\.toml: unknown setting 'prot'"):
        read_settings_file({}, bad)
    with pytest.raises(SettingsError, match=r"^LAMBDASCOPE_CONFIG=nowhere\.toml: "):
        read_settings_file({"LAMBDASCOPE_CONFIG": "nowhere.toml"}, None)


def test_what_connects_to_no_upstream_needs_none_of_their_secrets(tmp_path: Path) -> None:
    # `lambdascope cost` runs in a shell where nobody has exported the tokens of servers.
    path = file_of(tmp_path, TABLE)
    with pytest.raises(SettingsError, match=r"--config .*l\.toml: \[upstreams\.orders\]: command: the variable TOKEN"):
        load_settings({}, path)
    assert load_settings({}, path, connects=False).upstreams == ()


def test_a_relative_directory_begins_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Clients start servers wherever they like.
    file_of(tmp_path, TABLE)
    monkeypatch.chdir(tmp_path)
    (upstream,) = load_settings({"TOKEN": "t"}, Path("l.toml")).upstreams
    assert upstream.cwd == str(tmp_path / "here")
