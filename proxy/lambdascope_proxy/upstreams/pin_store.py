"""The file of pins: what was accepted of each upstream's tools, and what waits to be; shared by all processes."""

import json
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.directories import make_private
from lambdascope_analytics.store.durable import write_durably
from lambdascope_analytics.store.locks import exclusive
from lambdascope_proxy.access.watched import OTHERS_WRITE
from lambdascope_proxy.errors import PinsError
from lambdascope_proxy.upstreams.pins import Pin, State, Verdict, judge, shown_digest

FILE: Final = "pins.json"
LOCK: Final = "pins.lock"
VERSION: Final = 1
LOCK_S: Final = 5.0


@dataclass(slots=True, kw_only=True)
class Pinned:
    """One upstream: what was accepted of its tools, and what they are now where that is something else."""

    upstream: str
    identity: str
    accepted: dict[str, Pin] = field(default_factory=dict[str, Pin])
    waiting: dict[str, Pin] = field(default_factory=dict[str, Pin])


@dataclass(frozen=True, slots=True, kw_only=True)
class PinStore:
    """`pins.json` in a directory, written in one step and by one process at a time."""

    directory: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.directory / FILE

    def read(self) -> list[Pinned]:
        """All there is; nothing if there is no file. Raises: PinsError."""
        try:
            return _pinned(json.loads(self._text()))
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise PinsError(f"{self.path} cannot be read: {error!r}") from error

    def _text(self) -> str:
        with self.path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & OTHERS_WRITE:
                raise ValueError("others than its owner may write it: chmod go-w it")
            return file.read()

    def look(self, upstream: str, identity: str, tools: Iterable[Mapping[str, Any]], at: str) -> tuple[Verdict, ...]:
        """Judges a list of tools and keeps what is new about it. Raises: PinsError."""
        listed = [*tools]
        verdicts, is_news = _judged(self.read(), upstream, identity, listed, at)
        if not is_news:
            return verdicts
        with self._alone():
            # Another process may have seen the same upstream first, or somebody approved.
            pins = self.read()
            verdicts, _ = _judged(pins, upstream, identity, listed, at)
            _keep(_of(pins, upstream, identity), verdicts)
            self._write(pins)
        return verdicts

    def approve(self, upstream: str, tool: str | None, at: str, digest: str = "") -> list[tuple[str, Pin]]:
        """Accepts what waits of an upstream, of one tool of it, or what has this digest; gives what it accepted.

        Raises: PinsError.
        """
        with self._alone():
            pins, approved = self.read(), list[tuple[str, Pin]]()
            for pinned in (each for each in pins if each.upstream == upstream):
                for name in [name for name, pin in pinned.waiting.items() if _is_meant(name, pin, tool, digest)]:
                    waiting = pinned.waiting.pop(name)
                    pinned.accepted[name] = Pin(fields=waiting.fields, description=waiting.description, at=at)
                    approved.append((name, waiting))
            if approved:
                self._write(pins)
        return approved

    @contextmanager
    def _alone(self) -> Generator[None]:
        try:
            make_private(self.directory)
            with exclusive(self.directory / LOCK, wait_s=LOCK_S):
                yield
        except OSError as error:
            raise PinsError(f"{self.path} cannot be written: {error}") from error

    def _write(self, pins: list[Pinned]) -> None:
        document = {"version": VERSION, "upstreams": [asdict(pinned) for pinned in pins]}
        write_durably(self.path, json.dumps(document, indent=1, sort_keys=True) + "\n")


def _is_meant(name: str, pin: Pin, tool: str | None, digest: str) -> bool:
    return tool in {None, name} and digest in {"", shown_digest(name, pin)}


def _judged(
    pins: list[Pinned], upstream: str, identity: str, tools: list[Mapping[str, Any]], at: str
) -> tuple[tuple[Verdict, ...], bool]:
    """The verdicts, and whether any of it is not in the file yet. No tools are no first sight: more may come."""
    if not tools:
        return (), False
    known = next((each for each in pins if (each.upstream, each.identity) == (upstream, identity)), None)
    verdicts = judge(known.accepted if known else None, tools, at)
    if known is None:
        return verdicts, True
    waiting = {verdict.tool: verdict.pin.fields for verdict in verdicts if not verdict.is_accepted}
    listed = {verdict.tool for verdict in verdicts}
    kept = {name: pin.fields for name, pin in known.waiting.items() if name in listed}
    return verdicts, waiting != kept


def _keep(pinned: Pinned, verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.state is State.FIRST_SIGHT:
            pinned.accepted[verdict.tool] = verdict.pin
        elif verdict.state is State.PINNED:
            # It is again what it was.
            pinned.waiting.pop(verdict.tool, None)
        elif (known := pinned.waiting.get(verdict.tool)) is None or known.fields != verdict.pin.fields:
            pinned.waiting[verdict.tool] = verdict.pin


def _of(pins: list[Pinned], upstream: str, identity: str) -> Pinned:
    for pinned in pins:
        if (pinned.upstream, pinned.identity) == (upstream, identity):
            return pinned
    pins.append(Pinned(upstream=upstream, identity=identity))
    return pins[-1]


def _pinned(document: dict[str, Any]) -> list[Pinned]:
    if document["version"] != VERSION:
        raise ValueError(f"its version is {document['version']!r}, this lambdascope knows {VERSION}")
    return [
        Pinned(
            upstream=str(each["upstream"]),
            identity=str(each["identity"]),
            accepted={name: _pin(pin) for name, pin in each["accepted"].items()},
            waiting={name: _pin(pin) for name, pin in each["waiting"].items()},
        )
        for each in document["upstreams"]
    ]


def _pin(pin: dict[str, Any]) -> Pin:
    return Pin(fields={**pin["fields"]}, description=str(pin["description"]), at=str(pin["at"]))
