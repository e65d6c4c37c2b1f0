"""Writes docs/settings.md from the table of settings, or with --check says whether it is up to date."""

import sys

from lambdascope_proxy.published import publish
from lambdascope_proxy.settings_table import TABLE


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
            "<!-- Made by `make docs` from proxy/lambdascope_proxy/settings_table.py; edit that. -->",
            "",
            "Each is an environment variable, or a key of the TOML file given with `--config`; the environment goes",
            "first.",
            "",
            "| variable | key in the file | default | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
            "`OTEL_*` variables mean what OpenTelemetry defines. Traces, metrics and logs are exported over OTLP when",
            "`OTEL_EXPORTER_OTLP_ENDPOINT`, or the endpoint of the signal, is set, and not otherwise.",
            "",
        ]
    )


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    sys.exit(publish(settings_page(), sys.argv[1:]))
