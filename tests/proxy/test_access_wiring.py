import subprocess
import sys
from pathlib import Path

import pytest

from lambdascope_proxy.access.api_keys import line_of, new_key
from lambdascope_proxy.access_wiring import build_access, build_entry
from lambdascope_proxy.call import Aim, Caller
from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings import load_settings

EVE = Caller(transport="http", principal="eve")


def keys_at(path: Path) -> dict[str, str]:
    return {"LAMBDASCOPE_API_KEYS_FILE": str(path)}


def test_with_nothing_set_nobody_is_asked_and_nobody_is_held_to_rules() -> None:
    assert build_entry(load_settings({})) is None
    assert build_access(load_settings({})) is None


def test_serving_strangers_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    beyond = {"LAMBDASCOPE_HOST": "0.0.0.0", "LAMBDASCOPE_ALLOWED_HOSTS": "a", "LAMBDASCOPE_ALLOW_UNAUTHENTICATED": "1"}
    assert build_entry(load_settings(beyond)) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize(
    ("hosts", "is_warned"),
    [
        ("mcp.example.com", True),
        ("mcp.example.com:*", True),
        ("localhost:*,127.0.0.1,[::1]:3000", False),
        ("", False),
    ],
)
def test_serving_through_a_proxy_in_front_is_said_too(
    hosts: str, is_warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    # Loopback, and yet the name is one that others reach.
    assert build_entry(load_settings({"LAMBDASCOPE_ALLOWED_HOSTS": hosts})) is None
    assert ["stands in front" in record.getMessage() for record in caplog.records] == [True] * is_warned


def test_stdio_does_not_wait_for_what_only_the_door_needs() -> None:
    program = "import sys, lambdascope_proxy.serving; sys.exit('jwt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("text", [None, "what is this", "\n[principals.x]\n"])
def test_files_that_cannot_be_used_end_the_start_by_the_setting_that_names_them(tmp_path: Path, text: str) -> None:
    # Started all the same, the proxy would let nobody in, and nobody would know why.
    path = tmp_path / "file"
    if text:
        path.write_text(text)
    with pytest.raises(SettingsError, match="LAMBDASCOPE_API_KEYS_FILE: "):
        build_entry(load_settings(keys_at(path)))
    with pytest.raises(SettingsError, match="LAMBDASCOPE_ACCESS_FILE: "):
        build_access(load_settings({**keys_at(path), "LAMBDASCOPE_ACCESS_FILE": str(path)}))


def test_the_access_file_holds_callers_to_its_rules(tmp_path: Path) -> None:
    path = tmp_path / "access.toml"
    path.write_text('[principals.eve]\ntools = ["list_functions"]\n')
    access = build_access(load_settings({**keys_at(path), "LAMBDASCOPE_ACCESS_FILE": str(path)}))
    assert access
    assert access.admits(EVE, "list_functions", Aim())
    assert not access.admits(EVE, "query_history", Aim())


@pytest.mark.anyio
async def test_keys_are_those_the_file_has_at_the_moment(tmp_path: Path) -> None:
    path, key = tmp_path / "keys", new_key()
    path.write_text(line_of("ops", key))
    entry = build_entry(load_settings(keys_at(path)))
    assert entry
    assert (await entry.verifier.verify_token(key)).principal == "key:ops"
    path.write_text("# nobody any more\n")
    with pytest.raises(Exception, match="not known, or no longer"):
        await entry.verifier.verify_token(key)
