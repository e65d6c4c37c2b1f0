"""Finds which request an error belongs to whose log lines name none: the END that follows in its stream does."""

import re
from datetime import datetime, timedelta
from typing import Final

from lambdascope_proxy.cloudwatch.log_events import LogEvents
from lambdascope_proxy.cloudwatch.window import Window
from lambdascope_proxy.selection import Place

# Python writes an uncaught exception right before its execution ends.
_UNTIL_END: Final = timedelta(seconds=30)
_END: Final = re.compile(r"END RequestId: (\S+)")


async def request_ended_after(events: LogEvents, place: Place, group: str, stream: str, moment: datetime) -> str | None:
    """The id of the execution that ends next in the stream, in a request that AWS does not charge for.

    Raises: CallFailed, as `LogEvents.filter` does.
    """
    found, _ = await events.filter(
        place,
        group,
        window=Window(start=moment, end=moment + _UNTIL_END),
        pattern='"END RequestId"',
        streams=(stream,),
        limit=1,
    )
    ended = _END.match(found[0].message) if found else None
    return ended[1] if ended else None
