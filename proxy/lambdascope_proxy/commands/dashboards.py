"""`lambdascope dashboards export`: writes the Grafana dashboards, Prometheus rules and provisioning to a directory."""

import argparse
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from lambdascope_proxy.errors import SettingsError

# Directory in the package -> in what is exported.
EXPORTED: Final = {"built": "dashboards", "rules": "rules", "provisioning": "provisioning"}
SUFFIXES: Final = (".json", ".yaml")
NEXT_STEPS: Final = """\
In Grafana: Dashboards > New > Import each of dashboards/*.json, or have them provisioned: copy dashboards/ to
/var/lib/grafana/dashboards/lambdascope, provisioning/dashboards.yaml to /etc/grafana/provisioning/dashboards/ and, with
your addresses in it, provisioning/datasources.yaml to /etc/grafana/provisioning/datasources/.
In Prometheus: name rules/*.yaml under rule_files.
"""


def add(subparsers: Any) -> None:
    """Declares the command and its own command."""
    meaning = "write the Grafana dashboards and Prometheus rules"
    parser: argparse.ArgumentParser = subparsers.add_parser("dashboards", help=meaning, description=meaning)
    inner = parser.add_subparsers(title="dashboards commands", required=True, metavar="COMMAND")
    meaning = "write dashboards, rules and provisioning files to a directory"
    export: argparse.ArgumentParser = inner.add_parser("export", help=meaning, description=meaning)
    export.add_argument("directory", type=Path, metavar="DIR", help="is made if there is none")
    export.add_argument("--force", action="store_true", help="overwrite files that differ, too")
    export.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Writes the files and says what to do with them. Raises: SettingsError."""
    texts = shipped_texts()
    try:
        written = _write(texts, arguments.directory, is_forced=arguments.force)
    except OSError as error:
        path = error.filename or arguments.directory
        reason = f"cannot write {path}: {error.strerror or error}"
        raise SettingsError(
            f"{reason}; name a directory that you may write to, or one that is not there yet"
        ) from error
    same = len(texts) - len(written)
    sys.stdout.writelines(f"{name}\n" for name in written)
    already = f", {same} were there already" if same else ""
    sys.stdout.write(f"{len(written)} files written to {arguments.directory}{already}.\n\n{NEXT_STEPS}")
    return 0


def shipped_texts() -> dict[str, str]:
    """The text of each file that is exported, by its path in the directory."""
    package = files("lambdascope_dashboards")
    return {
        f"{name}/{file.name}": file.read_text(encoding="utf-8")
        for source, name in EXPORTED.items()
        for file in _files(package.joinpath(source))
    }


def _files(directory: Traversable) -> list[Traversable]:
    shipped = (each for each in directory.iterdir() if each.name.endswith(SUFFIXES))
    return sorted(shipped, key=lambda each: each.name)


def _write(texts: dict[str, str], directory: Path, *, is_forced: bool) -> list[str]:
    """Writes those that are not there as they are, after looking at all: either all of them or none."""
    there = {name: _text(directory / name) for name in texts}
    differing = [name for name, text in there.items() if text not in (None, texts[name])]
    if differing and not is_forced:
        raise SettingsError(
            f"{directory}: nothing was written, as {', '.join(differing)} would be overwritten: changed by you, or of "
            "another version of lambdascope. --force overwrites; another directory lets you compare"
        )
    written = [name for name, text in texts.items() if there[name] != text]
    for name in written:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[name], encoding="utf-8")
    return written


def _text(path: Path) -> str | None:
    """What stands in a file; None if there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
