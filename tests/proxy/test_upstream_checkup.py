"""What `doctor` says of upstreams: fine, poorer, or not there."""

import re
import sys
from pathlib import Path

from lambdascope_proxy.upstream_checkup import examine_upstreams
from lambdascope_proxy.upstreams.spec import Upstream

FIXTURE = str(Path(__file__).parents[1] / "interaction" / "stage" / "upstream_server.py")
COMMAND = (sys.executable, FIXTURE, "stdio", "both")


def test_without_upstreams_there_is_nothing_to_say() -> None:
    assert examine_upstreams([], str, set()) == []


def test_each_upstream_has_a_finding_that_says_what_it_offers_and_what_is_wrong() -> None:
    fine = Upstream(name="fine", command=COMMAND, deny=("broken", "fail"))
    gone = Upstream(name="gone", command=("no-such-program",))
    poor = Upstream(name="poor", command=COMMAND, allow=("echo", "broken"), prefix="")
    first, second, third = examine_upstreams([fine, gone, poor], str, {"echo"})
    assert (first.subject, first.status, first.next_step) == ("upstream fine", "ok", "")
    assert re.fullmatch(r"fixture 1 speaks 2026-07-28: \d\d tools, 2 denied", first.detail)
    assert (second.subject, second.status) == ("upstream gone", "fail")
    assert "no-such-program" in second.detail
    assert "[upstreams.gone]" in second.next_step
    assert (third.subject, third.status) == ("upstream poor", "warn")
    assert "broken is set aside: its inputSchema is not of type object; echo is called echo_" in third.detail
    assert third.next_step == "`lambdascope upstreams list` shows every tool."
