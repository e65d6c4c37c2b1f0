"""`lambdascope history export` and `import`."""

import argparse
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.commands.history.moments import moment_or_none
from lambdascope_proxy.commands.history.place import opened, parser_of
from lambdascope_proxy.errors import SettingsError

if TYPE_CHECKING:
    from lambdascope_analytics.store.exchange.export import Selection
    from lambdascope_analytics.store.exchange.formats import Format
    from lambdascope_analytics.store.exchange.import_job import Imported

FORMATS = ("parquet", "csv", "jsonl")


def add(subparsers: Any) -> None:
    """Declares the two."""
    export = parser_of(subparsers, "export", "write calls to a file, or to stdout")
    export.add_argument("target", help="file to make (.parquet, .csv or .jsonl), or - for stdout")
    export.add_argument("--format", choices=FORMATS, help="else what the file's name tells; for stdout jsonl")
    export.add_argument("--since", help="calls that began then or later: 2026-11-22, 2026-11-22T10:00Z, or 7d")
    export.add_argument("--until", help="calls that began before")
    export.add_argument("--columns", help="columns to write, separated by commas; else all")
    export.add_argument("--force", action="store_true", help="replace a file that exists")
    export.set_defaults(run=export_calls)
    take = parser_of(subparsers, "import", "take in calls from exports and other histories, each once")
    take.add_argument("source", nargs="+", type=Path, help="file, or directory of another history")
    take.add_argument("--format", choices=FORMATS, help="else what the file's name tells")
    take.set_defaults(run=import_calls)


def export_calls(arguments: argparse.Namespace) -> int:
    """Writes the file or stdout, and how much it was. Raises: SettingsError, HistoryError, OSError."""
    _, directory = opened(arguments)
    file_format, selection = _checked(arguments)
    if arguments.target == "-":
        return _export_to_stdout(directory, file_format, selection)
    from lambdascope_analytics.store.exchange.export import export_to_file
    from lambdascope_proxy.printing import print_json, print_line

    target = Path(arguments.target)
    try:
        rows = export_to_file(directory, target, file_format, selection, replaces=arguments.force)
    except FileExistsError as error:
        raise SettingsError(f"{error}: --force replaces it") from error
    if arguments.json:
        print_json({"rows": rows, "file": str(target), "format": file_format})
    else:
        print_line(f"{rows} calls written to {target}")
    return 0


def import_calls(arguments: argparse.Namespace) -> int:
    """Takes in one source after the other and tells what became of each. Raises: SettingsError, HistoryError."""
    from lambdascope_analytics.store.exchange.import_job import import_calls as take_in
    from lambdascope_proxy.printing import print_json, print_table

    _, directory = opened(arguments)
    done = [(source, take_in(directory, source, file_format=arguments.format)) for source in arguments.source]
    if arguments.json:
        print_json([{"source": str(source), **asdict(imported)} for source, imported in done])
        return 0
    print_table(
        "import",
        ["source", "new", "completed", "known", "not calls"],
        [(source, each.rows, each.completed, each.known, each.unfit) for source, each in done],
    )
    for source, imported in done:
        sys.stderr.writelines(f"{source}: {note}\n" for note in _notes(imported))
    return 0


def _checked(arguments: argparse.Namespace) -> "tuple[Format, Selection]":
    from lambdascope_analytics.store.exchange.export import Selection
    from lambdascope_analytics.store.exchange.formats import format_of
    from lambdascope_analytics.store.row import COLUMN_NAMES

    now = datetime.now(UTC)
    columns = COLUMN_NAMES if arguments.columns is None else tuple(arguments.columns.replace(" ", "").split(","))
    try:
        window = {"since": moment_or_none(arguments.since, now), "until": moment_or_none(arguments.until, now)}
        by_name = "jsonl" if arguments.target == "-" or arguments.format else format_of(Path(arguments.target))
        return arguments.format or by_name, Selection(columns=columns, **window)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _export_to_stdout(directory: Path, file_format: "Format", selection: "Selection") -> int:
    from lambdascope_analytics.store.exchange.export import export_to_stream

    if file_format == "parquet" and sys.stdout.isatty():
        raise SettingsError("parquet is not for a terminal: name a file, or lead stdout to one")
    sys.stdout.flush()
    rows = export_to_stream(directory, sys.stdout.buffer, file_format, selection)
    sys.stderr.write(f"{rows} calls written\n")
    return 0


def _notes(imported: "Imported") -> list[str]:
    notes = [f"what is no call is kept in {path}" for path in imported.aside]
    if imported.unknown:
        notes.append(f"columns that the history has not are left out: {', '.join(imported.unknown)}")
    return notes
