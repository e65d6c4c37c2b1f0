"""Writes docs/settings.md from the tables of settings, or with --check says whether it is up to date."""

import sys

from lambdascope_proxy.published import publish
from lambdascope_proxy.settings_file import VARIABLE
from lambdascope_proxy.settings_table import TABLE
from lambdascope_proxy.upstreams.keys import KEYS


def settings_page() -> str:
    """The page, in Markdown."""
    rows = [
        f"| `{setting.variable}` | `{setting.field}` | {_code(setting.default)} | {setting.meaning} |"
        for setting in TABLE
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "<!-- Made by `make docs` from settings_table.py and upstreams/keys.py of the proxy; edit those. -->",
            "",
            "Each is an environment variable, or a key of a TOML file; the environment goes first. The file is the one",
            f"given with `--config`, else the one that `{VARIABLE}` names.",
            "",
            "| variable | key in the file | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "`OTEL_*` variables mean what OpenTelemetry defines. Traces, metrics and logs are exported over OTLP when",
            "`OTEL_EXPORTER_OTLP_ENDPOINT`, or the endpoint of the signal, is set, and not otherwise.",
            "",
            *_upstreams(),
            "",
        ]
    )


def _upstreams() -> list[str]:
    rows = [f"| `{key.field}` | `{key.example}` | {_code(key.default)} | {key.meaning} |" for key in KEYS]
    return [
        "## Upstreams",
        "",
        "Other MCP servers behind this one stand in tables of the file, `[upstreams.NAME]`;",
        "[upstreams.md](upstreams.md) shows how they are used. NAME is 1 to 32 of a-z, 0-9, - and _.",
        "",
        "| key | for example | default | meaning |",
        "|---|---|---|---|",
        *rows,
        "",
        "In `command`, `url`, `env`, `headers` and `cwd`, `${NAME}` stands for a variable of the environment that has",
        "to be set; `${NAME:-otherwise}` for one that need not be; `$${` for a `${` that stays.",
    ]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    sys.exit(publish(settings_page(), sys.argv[1:]))
