"""`lambdascope upstreams pins` and `approve`: what was accepted of upstreams' tools, and accepting what changed."""

import argparse
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambdascope_proxy.errors import PinsError
from lambdascope_proxy.settings import load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.pin_store import Pinned, PinStore


def add(subparsers: Any) -> None:
    """Declares the two."""
    pins = _parser_of(
        subparsers, "pins", "show which tools of upstreams were accepted, and which are something else now"
    )
    pins.add_argument("upstream", nargs="?", metavar="NAME", help="only of this upstream")
    pins.set_defaults(run=show_pins)
    approve = _parser_of(subparsers, "approve", "accept the tools of an upstream, or one of them, as they are now")
    approve.add_argument("tool", metavar="NAME[/TOOL]", help="the upstream, and its own name of the tool")
    approve.set_defaults(run=approve_now)


def show_pins(arguments: argparse.Namespace) -> int:
    """Prints them, those that wait for approval with what is different. Raises: SettingsError, PinsError."""
    from lambdascope_proxy.printing import print_json, print_table

    rows = [
        row
        for pinned in _store(arguments).read()
        if arguments.upstream in {None, pinned.upstream}
        for row in rows_of(pinned)
    ]
    if arguments.json:
        print_json(rows)
        return 0
    columns = ["upstream", "tool", "state", "digest", "since", "changed"]
    shown = [[*(str(row[name]) for name in columns[:-1]), ", ".join(row["changed"])] for row in rows]
    print_table("tools of upstreams", columns, shown)
    return 0


def approve_now(arguments: argparse.Namespace) -> int:
    """Accepts what waits, and prints it. Raises: SettingsError, and PinsError when nothing waits there."""
    from lambdascope_proxy.printing import print_json, print_line

    upstream, _, tool = arguments.tool.partition("/")
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    approved = _store(arguments).approve(upstream, tool or None, at)
    if not approved:
        raise PinsError(
            f"nothing of {arguments.tool} waits for approval; `lambdascope upstreams pins` shows what there is, as a "
            "running proxy saw it last"
        )
    if arguments.json:
        print_json([{"upstream": upstream, "tool": name, "digest": pin.digest} for name, pin in approved])
        return 0
    for name, pin in approved:
        print_line(f"approved {upstream}/{name} ({pin.digest})")
    return 0


def rows_of(pinned: "Pinned") -> Iterator[dict[str, Any]]:
    """One row for each tool as it is now."""
    from lambdascope_proxy.upstreams.pins import PINNED_FIELDS

    for name in sorted({*pinned.accepted, *pinned.waiting}):
        accepted, waiting = pinned.accepted.get(name), pinned.waiting.get(name)
        pin = waiting or accepted
        assert pin is not None
        before: Mapping[str, str] = accepted.fields if accepted else {}
        changed = [field for field in PINNED_FIELDS if waiting and before.get(field) != waiting.fields.get(field)]
        yield {
            "upstream": pinned.upstream,
            "tool": name,
            "state": "pinned" if not waiting else "changed" if accepted else "new",
            "digest": pin.digest,
            "since": pin.at,
            "changed": changed,
            "description": pin.description,
            "accepted_description": accepted.description if accepted else None,
        }


def _parser_of(subparsers: Any, name: str, meaning: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=meaning, description=meaning)
    parser.add_argument("--config", type=Path, help="TOML file of settings")
    parser.add_argument("--json", action="store_true", help="print JSON, with descriptions")
    return parser


def _store(arguments: argparse.Namespace) -> "PinStore":
    from lambdascope_proxy.upstreams.pin_store import PinStore
    from lambdascope_proxy.wiring import history_directory

    return PinStore(directory=history_directory(load_settings(os.environ, arguments.config, connects=False)))
