"""One look at upstreams: what a good one shows, and what each kind of bad one is said to be, beside the good ones."""

import sys
from typing import Any

import anyio
import pytest
from behind import command

from lambdascope_proxy.upstreams.listing import SetAside
from lambdascope_proxy.upstreams.looking import Seen, look_at, names_here
from lambdascope_proxy.upstreams.spec import Upstream

SECRET = "hunter2"


# As a server does that repeats the token it was called with.
REFUSING = f"""
import json, sys
for line in sys.stdin:
    error = {{"code": -32000, "message": "no for {SECRET}"}}
    print(json.dumps({{"jsonrpc": "2.0", "id": json.loads(line).get("id"), "error": error}}), flush=True)
"""


def program(code: str, name: str, **more: Any) -> Upstream:
    return Upstream(name=name, command=(sys.executable, "-c", code), **more)


SPECS = (
    Upstream(name="new", command=command("both"), allow=("e*", "fail", "broken"), deny=("f*",)),
    Upstream(name="old", command=command("legacy"), deny=("broken",)),
    Upstream(name="missing", command=("no-such-program",)),
    Upstream(name="closed", url="http://127.0.0.1:9/mcp"),
    program(f"import sys; sys.exit('no key: {SECRET}')", "keyless"),
    program(REFUSING, "refusing"),
    program("print('\\x1b[2Jwelcome')", "chatty"),
    program("input()\ninput()", "silent", start_timeout_s=0.2),
)


@pytest.fixture(scope="module")
def seen() -> dict[str, Seen]:
    """All of them, looked at once."""

    async def look() -> list[Seen]:
        with anyio.fail_after(60):
            return await look_at(SPECS, scrub=lambda text: text.replace(SECRET, "[masked]"), most_bytes=2_000_000)

    return {each.spec.name: each for each in anyio.run(look)}


def test_an_upstream_shows_what_it_speaks_and_what_of_it_is_offered(seen: dict[str, Seen]) -> None:
    new = seen["new"]
    assert (new.failure, new.server, new.protocol_version) == ("", "fixture 1", "2026-07-28")
    assert new.admitted == ("echo",)
    assert {"fail", "flood", "ask"} <= set(new.denied)
    assert new.set_aside == (SetAside(name="broken", reason="its inputSchema is not of type object"),)


def test_an_upstream_of_an_older_revision_shows_the_same(seen: dict[str, Seen]) -> None:
    old = seen["old"]
    assert (old.failure, old.server, old.protocol_version) == ("", "fixture 1", "2025-11-25")
    assert {"echo", "fail", "flood"} <= set(old.admitted)
    # Whoever denies a tool that cannot be used need not read of it for ever.
    assert (old.denied, old.set_aside) == (("broken",), ())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "No such file or directory: 'no-such-program'"),
        ("closed", "nothing answers there"),
        ("keyless", "the connection ended; it wrote: no key: [masked]"),
        ("refusing", "no for [masked]"),
        ("chatty", "no JSON-RPC: 1 lines); it wrote:  [2Jwelcome"),
        ("silent", "it did not answer within 0.2 s (start_timeout_s)"),
    ],
)
def test_an_upstream_that_cannot_be_used_says_why(seen: dict[str, Seen], name: str, said: str) -> None:
    assert said in seen[name].failure
    # A terminal would do what the server's control characters say.
    assert seen[name].failure.isprintable()


def test_where_two_offer_one_name_both_get_another_one() -> None:
    plain = [Upstream(name=name, command=("x",), prefix="") for name in ("a", "b")]
    seen = [Seen(spec=spec, admitted=("search", spec.name)) for spec in plain]
    offered = names_here(seen, taken={"b"})
    assert {tool.own_name for tool in offered if tool.is_renamed} == {"search", "b"}
    assert len({tool.name for tool in offered}) == 4


def test_where_it_is_reached_is_told_without_secrets() -> None:
    over_http = Upstream(name="a", url=f"https://ada:{SECRET}@mcp.example.com/mcp?key={SECRET}")
    over_stdio = Upstream(name="a", command=("/opt/bin/server", f"--token={SECRET}"))
    assert [Seen(spec=spec).place for spec in (over_http, over_stdio)] == ["http: mcp.example.com", "stdio: server"]
