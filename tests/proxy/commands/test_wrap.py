"""`lambdascope wrap`: what is served in front of, and that the other program's command line stays its own."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdascope_proxy import serving
from lambdascope_proxy.cli import main
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.upstreams.spec import Upstream

Enter = Callable[[Mapping[str, str]], None]
Served = list[tuple[Settings, bool]]
URL = "https://mcp.example.com/mcp"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, enter: Enter) -> Served:
    """What would be served; the serving itself is tested as a process."""
    enter({"MCP_SERVER_PORT": "4000", "TOKEN": "s3cret", "LAMBDASCOPE_MAX_CONCURRENCY": "7"})
    seen: Served = []

    def serve(settings: Settings, *, is_http: bool, announce: Callable[[str], None]) -> int:
        seen.append((settings, is_http))
        announce("http://127.0.0.1:4000/mcp")
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    return seen


def wrapped(served: Served, *words: str) -> Upstream:
    served.clear()
    assert main(["wrap", *words]) == 0
    ((settings, _),) = served
    (upstream,) = settings.upstreams
    return upstream


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["wrap", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "s3cret" not in said.err
    return said.err


def test_a_command_is_served_over_stdio_under_plain_names(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = wrapped(served, "--", "uvx", "awslabs.lambda-tool-mcp-server@latest", "--verbose")
    ((settings, is_http),) = served
    assert (is_http, settings.max_concurrency, settings.port) == (False, 7, 4000)
    assert upstream.name == "awslabs-lambda-tool-mcp-server"
    assert upstream.command == ("uvx", "awslabs.lambda-tool-mcp-server@latest", "--verbose")
    assert (upstream.prefix, upstream.allow, upstream.deny, upstream.cost_usd) == ("", ("*",), (), None)
    assert capsys.readouterr().out == ""


def test_a_url_is_served_over_http_when_asked_to(served: Served) -> None:
    upstream = wrapped(served, URL, "--http", "--port", "0")
    ((settings, is_http),) = served
    assert (is_http, settings.port) == (True, 0)
    assert upstream == Upstream(name="mcp-example-com", url=URL, prefix="")


def test_what_can_be_said_of_an_upstream_can_be_said_on_the_command_line(served: Served) -> None:
    options = ["--name", "docs", "--header", "Authorization: Bearer ${TOKEN}", "--header", "X-Team:a:b"]
    options += ["--allow", "get_*", "--allow", "list", "--deny", "get_secret", "--timeout", "2.5"]
    assert wrapped(served, *options, "--cost", "0.01", "--cost", "search=0.25", URL) == Upstream(
        name="docs",
        url=URL,
        headers={"Authorization": "Bearer s3cret", "X-Team": "a:b"},
        allow=("get_*", "list"),
        deny=("get_secret",),
        prefix="",
        timeout_s=2.5,
        cost_usd=Decimal("0.01"),
        tool_costs={"search": Decimal("0.25")},
    )


def test_a_command_gets_the_environment_it_would_have_without_us(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Clients hand a server its keys as variables; it must not notice that somebody stands in front.
    monkeypatch.setenv("ODD", "${TOKEN} $${")
    env = wrapped(served, "--env", "EXTRA=a=${TOKEN}", "--", "server").env
    assert (env["TOKEN"], env["ODD"], env["EXTRA"]) == ("s3cret", "${TOKEN} $${", "a=s3cret")
    assert not any(name.startswith("LAMBDASCOPE_") for name in env)


def test_a_command_gets_a_clean_environment_when_asked_to(served: Served) -> None:
    assert wrapped(served, "--clean-env", "--env", "A=b", "--", "server").env == {"A": "b"}


OWN_WORDS = st.sampled_from(["--", "-h", "--help", "--http", "--name", "--version", "--port=x", "${TOKEN}", "$${", URL])


@given(st.lists(OWN_WORDS | st.text(st.characters(exclude_characters="\0"), max_size=6), max_size=5))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_stands_behind_the_dashes_is_never_read(served: Served, words: list[str]) -> None:
    # `wrap -- server --help` is the server's help, and `--port` its port.
    upstream = wrapped(served, "--name", "a", "--", "server", *words)
    assert (upstream.name, upstream.command) == ("a", ("server", *words))


def test_the_upstreams_of_a_file_are_left_aside_and_its_settings_hold(served: Served, tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_text('slow_call_ms = 5\n[upstreams.other]\ncommand = ["x", "${NOWHERE}"]\n')
    upstream = wrapped(served, "--config", str(tmp_path / "l.toml"), "--", "server")
    assert (upstream.name, served[0][0].slow_call_ms) == ("server", 5)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ([], "takes what to wrap: -- COMMAND ARGUMENT..., or a URL"),
        (["--"], "takes what to wrap"),
        (["server"], "no http or https URL: 'server'; a command stands after --: wrap -- COMMAND"),
        (["ftp://ada:s3cret@h/x"], "no http or https URL; a command stands after --"),
        ([URL, "--", "server"], "either a URL or -- COMMAND"),
        (["https://ada:s3cret@h/x", "--", "server"], "either a URL or -- COMMAND; both are given"),
        (["https://"], "url: takes a URL such as"),
        (["${NOWHERE}"], "url: the variable NOWHERE is not set"),
        (["--header", "s3cret", URL], "--header takes 'NAME: VALUE'"),
        (["--header", "A: b", "--", "server"], "--header goes with a URL"),
        (["--header", "A: ${NOWHERE}", URL], "headers: A: the variable NOWHERE is not set"),
        (["--env", "s3cret", "--", "server"], "--env takes NAME=VALUE"),
        (["--env", "A=b", URL], "--env and --clean-env go with a command"),
        (["--name", "My Server", URL], "'My Server' is no name of an upstream"),
        (["--timeout", "soon", URL], "timeout_s: takes seconds"),
        (["--cost", "dear", URL], "cost_usd: takes the US dollars"),
        (["--cost", "a=dear", URL], "tool_costs: a: takes the US dollars"),
        (["--cost", "1", "--cost", "2", URL], "--cost is given twice"),
        (["--allow", "a, b", URL], "allow: 'a, b' is no pattern"),
    ],
)
def test_what_cannot_be_wrapped_is_one_line_and_exit_code_2(
    served: Served, capsys: pytest.CaptureFixture[str], words: list[str], advice: str
) -> None:
    said = refusal(capsys, *words)
    assert advice in said
    assert "s3cret" not in said
    assert served == []


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["npx", "-y", "server"], "unknown option -y; the other server's command and its options stand after --"),
        (["server", "--token=s3cret"], "unknown option --token; "),
        (["server", "s3cret"], "too many words; "),
    ],
)
def test_a_command_without_dashes_is_told_where_they_go(
    served: Served, capsys: pytest.CaptureFixture[str], words: list[str], advice: str
) -> None:
    # Some of its options would else be taken for ours.
    assert advice in refusal(capsys, *words)
    assert served == []
