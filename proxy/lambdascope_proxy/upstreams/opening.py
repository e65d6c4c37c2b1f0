"""Puts the parts of an upstream together: how it is opened, who owns its session, where its calls go."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lambdascope_proxy.call import Next
from lambdascope_proxy.targets.upstream import UpstreamTarget
from lambdascope_proxy.upstreams.connection import Connection
from lambdascope_proxy.upstreams.member import Look, Member
from lambdascope_proxy.upstreams.metering import UpstreamMeter
from lambdascope_proxy.upstreams.offer import Upstreams
from lambdascope_proxy.upstreams.spec import Upstream
from lambdascope_proxy.upstreams.wire.link import open_link
from lambdascope_proxy.upstreams.wire.words import Words

if TYPE_CHECKING:
    from lambdascope_proxy.telemetry.meters import Meters


def build_upstreams(
    specs: Sequence[Upstream],
    *,
    scrub: Callable[[str], str],
    most_bytes: int,
    keeps_payloads: bool = False,
    look: Look | None = None,
    meters: "Meters | None" = None,
) -> Upstreams:
    """The upstreams of these settings; nothing is opened yet. `scrub` masks what they write to their stderr.

    `look` sees every list of tools before it is offered, and may put other tools in its place.
    """

    def connect(spec: Upstream, member: Member) -> tuple[Connection, Next]:
        words, meter = Words(spec.name, scrub), UpstreamMeter(meters, spec)
        connection = Connection(
            spec,
            partial(open_link, spec, member, words, most_bytes=most_bytes, meter=meter),
            on_open=member.opened,
            meter=meter,
            last_words=lambda: (words.last, words.nonsense),
        )
        return connection, UpstreamTarget(connection, keeps_payloads=keeps_payloads).invoke

    return Upstreams(specs, connect, look)
