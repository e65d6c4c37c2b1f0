"""The container's health check: it asks the port that the server's own command line leads to."""

import runpy
from pathlib import Path
from typing import Any

import pytest

CHECK: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[2] / "packaging" / "docker" / "healthcheck.py"))


@pytest.mark.parametrize(
    ("words", "environ", "port"),
    [
        (["lambdascope", "serve"], {}, None),
        (["lambdascope", "serve", "--http"], {}, "3000"),
        (["lambdascope", "serve", "--http"], {"MCP_SERVER_PORT": "8080"}, "8080"),
        (["lambdascope", "serve", "--http", "--port", "3001"], {"MCP_SERVER_PORT": "8080"}, "3001"),
        (["init", "--", "lambdascope", "serve", "--port=3001", "--http"], {}, "3001"),
        (["python", "lambdascope", "demo", "--port", "3000", "--history-dir", "/a"], {}, "3000"),
    ],
)
def test_the_port_is_that_of_the_command_line_else_of_the_setting_and_stdio_has_none(
    words: list[str], environ: dict[str, str], port: str | None
) -> None:
    # A server over stdio that counted as unhealthy would be killed by whatever looks.
    assert CHECK["port_of"](words, environ) == port
