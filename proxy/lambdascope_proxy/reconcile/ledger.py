"""What background runs have asked, kept beside the history: after a restart, and in other proxies, it still counts."""

import contextlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from lambdascope_analytics.store.durable import write_durably
from lambdascope_proxy.reconcile.allowance import Allowance, Used
from lambdascope_proxy.reconcile.patience import Patience

FILE: Final = "reconcile.json"
_HOUR_S: Final = 3600.0
# In seconds of the log: 36 hours of it grow again in a day and 8 may be read at once, which makes about twice the log.
OF_A_LOG: Final = Allowance(a_day=36 * _HOUR_S, at_once=8 * _HOUR_S)
# Of all logs together, in what one query may scan: ten times that on the first day, five on those that follow.
QUERIES_A_DAY: Final = 5
_BYTES_PER_GB: Final = 10**9
# A call is looked for in its first three days.
_KEPT_S: Final = 3 * 24 * _HOUR_S


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Read when a run begins and written before each query: one that is killed has paid for what it asked.

    `next_looks` has for each call that was looked for the times of the next look and of its beginning, in seconds of
    the epoch; no next look if it was given up.
    """

    logs: dict[str, Used] = field(default_factory=dict[str, Used])
    everything: Used | None = None
    next_looks: dict[str, tuple[float | None, float]] = field(default_factory=dict[str, tuple[float | None, float]])
    silence: Patience = field(default_factory=Patience)

    @classmethod
    def read(cls, directory: Path) -> "Ledger":
        """The ledger of a history; a new one where there is none, or none that can be understood."""
        with contextlib.suppress(FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
            return _ledger_of(json.loads((directory / FILE).read_text("utf-8")))
        return cls()

    def write(self, directory: Path, now: datetime) -> None:
        """Replace the one on disk. Raises: OSError."""
        looks = {key: look for key, look in self.next_looks.items() if now.timestamp() - look[1] < _KEPT_S}
        data = {
            "logs": {key: _data_of(used) for key, used in self.logs.items() if OF_A_LOG.used(used, now)},
            "everything": _data_of(self.everything) if self.everything else None,
            "next_looks": looks,
            "silence": self.silence.as_data(now),
        }
        write_durably(directory / FILE, json.dumps(data, separators=(",", ":")))

    def is_due(self, call_id: str, now: datetime) -> bool:
        """Whether a call was never looked for, or is to be looked for again by now."""
        at, _ = self.next_looks.get(call_id, (0.0, 0.0))
        return at is not None and at <= now.timestamp()

    def was_looked_for(self, call_id: str) -> bool:
        """Whether a call was looked for before."""
        return call_id in self.next_looks

    def note_looks(self, looks: Iterable[tuple[str, datetime, datetime | None]]) -> None:
        """Calls are looked for now: each with its beginning and the time of its next look, None for the last."""
        for call_id, started_at, next_at in looks:
            self.next_looks[call_id] = (next_at and next_at.timestamp(), started_at.timestamp())

    def allows(self, log: str, seconds: float, max_scan_gb: float, now: datetime) -> bool:
        """Whether so many seconds of a log may be read now."""
        in_all = _in_all(max_scan_gb)
        return OF_A_LOG.allows(seconds, self.logs.get(log), now) and in_all.used(self.everything, now) < in_all.at_once

    def charge(self, log: str, seconds: float, scanned_bytes: float, max_scan_gb: float, now: datetime) -> None:
        """So much is read; a part of the bytes that was charged too much is given back as negative bytes."""
        self.logs[log] = OF_A_LOG.spend(seconds, self.logs.get(log), now)
        self.everything = _in_all(max_scan_gb).spend(scanned_bytes, self.everything, now)


def _in_all(max_scan_gb: float) -> Allowance:
    amount = QUERIES_A_DAY * max_scan_gb * _BYTES_PER_GB
    return Allowance(a_day=amount, at_once=amount)


def _ledger_of(data: Mapping[str, Any]) -> Ledger:
    return Ledger(
        logs={key: _used_of(used) for key, used in data["logs"].items()},
        everything=_used_of(data["everything"]) if data["everything"] else None,
        next_looks={
            key: (None if at is None else float(at), float(began)) for key, (at, began) in data["next_looks"].items()
        },
        silence=Patience.of(data["silence"]),
    )


def _used_of(data: tuple[float, float]) -> Used:
    amount, at = data
    return Used(amount=float(amount), at=datetime.fromtimestamp(0, UTC) + timedelta(seconds=at))


def _data_of(used: Used) -> tuple[float, float]:
    return (round(used.amount, 3), used.at.timestamp())
