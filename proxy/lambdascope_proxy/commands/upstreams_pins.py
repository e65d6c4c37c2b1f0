"""`lambdascope upstreams pins` and `approve`: what was accepted of upstreams' tools, and accepting what changed."""

import argparse
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lambdascope_proxy.errors import PinsError
from lambdascope_proxy.settings import load_settings

if TYPE_CHECKING:
    from lambdascope_proxy.upstreams.pin_store import Pinned, PinStore


_DIGEST: Final = re.compile(r"@[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be approved: of an upstream all that waits, one tool, or only what has that digest."""

    text: str
    upstream: str
    tool: str | None = None
    digest: str = ""


def add(subparsers: Any) -> None:
    """Declares the two."""
    pins = _parser_of(
        subparsers, "pins", "show which tools of upstreams were accepted, and which are something else now"
    )
    pins.add_argument("upstream", nargs="?", metavar="NAME", help="only of this upstream")
    pins.set_defaults(run=show_pins)
    approve = _parser_of(subparsers, "approve", "accept the tools of an upstream, or one of them, as they are now")
    approve.add_argument(
        "wanted",
        metavar="NAME[/TOOL[@DIGEST]]",
        type=read_wanted,
        help="the upstream; its own name of the tool; and what `pins` shows of it, so that nothing else is accepted",
    )
    approve.set_defaults(run=approve_now)


def read_wanted(text: str) -> Wanted:
    """Takes `NAME`, `NAME/TOOL`, `NAME/TOOL@DIGEST` and `NAME/@DIGEST` apart.

    Raises: argparse.ArgumentTypeError for a slash with nothing behind it, which must not mean all tools.
    """
    upstream, slash, named = text.partition("/")
    tool, _, digest = named.rpartition("@") if _DIGEST.search(named) else (named, "", "")
    if not upstream or (slash and not (tool or digest)):
        raise argparse.ArgumentTypeError(f"{text!r} names no tool; give NAME alone for all that wait of an upstream")
    return Wanted(text=text, upstream=upstream, tool=tool or None, digest=digest)


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
    from lambdascope_proxy.upstreams.pins import shown_digest

    wanted: Wanted = arguments.wanted
    upstream = wanted.upstream
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    approved = _store(arguments).approve(upstream, wanted.tool, at, wanted.digest)
    if not approved:
        raise PinsError(
            f"nothing of {wanted.text} waits for approval; `lambdascope upstreams pins` shows what there is, as a "
            "running proxy saw it last"
        )
    if arguments.json:
        print_json([{"upstream": upstream, "tool": name, "digest": shown_digest(name, pin)} for name, pin in approved])
        return 0
    for name, pin in approved:
        print_line(f"approved {upstream}/{name} ({shown_digest(name, pin)})")
    return 0


def rows_of(pinned: "Pinned") -> Iterator[dict[str, Any]]:
    """One row for each tool as it is now."""
    from lambdascope_proxy.upstreams.pins import PINNED_FIELDS, shown_digest

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
            "digest": shown_digest(name, pin),
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
