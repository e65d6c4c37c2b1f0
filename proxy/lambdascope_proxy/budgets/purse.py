"""Which calls count together: one purse for each session, principal, day or month. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lambdascope_proxy.budgets.budget import Scope
from lambdascope_proxy.call import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What is spent together: by `owner` (None is everybody), from `since` up to `until`.

    Both are None for a session that the transport tells: it lasts as long as the connection.
    """

    scope: Scope
    owner: tuple[str | None, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


def purse_of(scope: Scope, caller: Caller, moment: datetime) -> Purse:
    """The purse from which a call of `caller` that begins at `moment` is paid."""
    day = day_of(moment)
    tomorrow = day + timedelta(days=1)
    match scope:
        case Scope.SESSION if has_session(caller):
            return Purse(scope=scope, owner=(caller.transport, caller.principal, caller.session_id))
        case Scope.SESSION | Scope.PRINCIPAL_DAY:
            return Purse(scope=scope, owner=(caller.principal,), since=day, until=tomorrow)
        case Scope.DAY:
            return Purse(scope=scope, since=day, until=tomorrow)
        case Scope.MONTH:
            month = day.replace(day=1)
            return Purse(scope=scope, since=month, until=(month + timedelta(days=32)).replace(day=1))


def has_session(caller: Caller) -> bool:
    """Whether calls of one session can be told. Over stdio the process serves one; newer HTTP has none."""
    return caller.session_id is not None or caller.transport != "http"


def day_of(moment: datetime) -> datetime:
    """Its midnight, UTC."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
