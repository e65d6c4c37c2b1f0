"""What the MCP registry is told: nothing in it may say otherwise than the code does.

The registry's own schema (2025-12-11) is not kept here; what it and the registry's code ask for beyond types is below.
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lambdascope_proxy.cli import COMMANDS
from lambdascope_proxy.settings_table import TABLE

ROOT = Path(__file__).parents[2]
SETTINGS = {setting.variable: setting for setting in TABLE}
# Read by boto3 and OpenTelemetry, with what is secret in them.
OTHERS = {
    "AWS_ACCESS_KEY_ID": True,
    "AWS_SECRET_ACCESS_KEY": True,
    "AWS_SESSION_TOKEN": True,
    "OTEL_EXPORTER_OTLP_ENDPOINT": False,
    "OTEL_EXPORTER_OTLP_HEADERS": True,
}


@pytest.fixture
def server() -> dict[str, Any]:
    """The document."""
    return json.loads((ROOT / "server.json").read_text(encoding="utf-8"))


@pytest.fixture
def project() -> dict[str, Any]:
    """What is published on PyPI."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_name_and_description_are_of_the_length_and_form_the_registry_takes(server: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", server["name"])
    assert len(server["description"]) <= 100
    assert len(server["title"]) <= 100


def test_the_readme_carries_the_name_that_proves_whose_package_it_is(
    server: dict[str, Any], project: dict[str, Any]
) -> None:
    # The registry looks for it in PyPI's description, which is this file, and refuses what follows without a boundary.
    readme = (ROOT / project["readme"]).read_text(encoding="utf-8")
    assert f"<!-- mcp-name: {server['name']} -->" in readme


def test_it_names_the_package_and_version_that_are_built(server: dict[str, Any], project: dict[str, Any]) -> None:
    (package,) = server["packages"]
    assert package["identifier"] == project["name"]
    assert server["version"] == package["version"] == project["version"]


def test_the_command_line_it_gives_is_a_command(server: dict[str, Any]) -> None:
    (package,) = server["packages"]
    (argument,) = package["packageArguments"]
    assert argument["value"] in COMMANDS
    assert package["transport"] == {"type": "stdio"}


def test_every_variable_is_one_that_is_read_and_secrets_are_said_to_be_secret(server: dict[str, Any]) -> None:
    (package,) = server["packages"]
    variables = {variable["name"]: variable for variable in package["environmentVariables"]}
    assert set(variables) <= set(SETTINGS) | set(OTHERS)
    assert {name: variables[name].get("isSecret", False) for name in OTHERS} == OTHERS


def test_defaults_and_choices_are_those_of_the_setting(server: dict[str, Any]) -> None:
    (package,) = server["packages"]
    for variable in package["environmentVariables"]:
        if setting := SETTINGS.get(variable["name"]):
            assert variable.get("default", "") == setting.default
            for choice in variable.get("choices", ()):
                setting.read(choice)
