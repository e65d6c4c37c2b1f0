"""The comparison of proxies counts what it says it counts; nothing here is timed, and nobody's proxy is installed."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from bench.answers import answer_to
from bench.child import running
from bench.errors import NotRunningError, WrongAnswerError
from bench.http_session import HttpSession
from bench.measures import proxy, proxy_kill, proxy_memory
from bench.messages import LEGACY, MODERN
from bench.proxies import peers
from bench.proxies.processes import ECHO_STDIO, is_upstream, own_cpu_seconds, pin, upstreams_of
from bench.proxies.stage import Upstream, ask, set_proxy_stage
from bench.proxies.ways import DIRECT, FASTMCP, OWN, Way, all_ways, echo
from bench.rounds import Rounds
from bench.stdio_session import StdioSession

NPM = """#!/bin/sh
echo "$@" >> "{log}"
mkdir -p node_modules/.bin && touch node_modules/.bin/supergateway
"""


@pytest.mark.parametrize("revision", [LEGACY, MODERN])
def test_the_echo_server_answers_on_the_same_port_after_it_was_killed(tmp_path: Path, revision: str) -> None:
    async def act() -> None:
        upstream = Upstream(tmp_path)
        try:
            await upstream.start()
            first = upstream.child
            await upstream.kill()
            assert upstream.child is not first
            assert upstream.child is not None
            session = HttpSession(upstream.child, upstream.port, revision)
            await session.open()
            await ask(session, 3, 2)
            await session.close()
        finally:
            await upstream.end()

    asyncio.run(asyncio.wait_for(act(), 60))


def test_an_echo_server_that_a_proxy_started_is_no_part_of_the_proxy(tmp_path: Path) -> None:
    """Catches the upstream's CPU counted as the proxy's, which would flatter whoever speaks HTTP with it."""
    names_it = f"import subprocess, sys; subprocess.run({list(ECHO_STDIO)!r})"

    async def act() -> None:
        # On its command line stands what it starts, as with most proxies.
        argv = (sys.executable, "-c", names_it, *ECHO_STDIO)
        async with running(argv, tmp_path / "log", {}) as child:
            session = StdioSession(child)
            await session.open()
            (echoing,) = upstreams_of(child.pid)
            before = own_cpu_seconds(child.pid)
            assert is_upstream(echoing)
            assert not is_upstream(child.pid)
            for number in range(100):
                asked = echo(number + 1, LEGACY)
                asked.check(await session.exchange(asked))
            assert own_cpu_seconds(child.pid) == before
            cores = sorted(os.sched_getaffinity(0))
            pin(child.pid, cores[0], cores[-1])
            assert os.sched_getaffinity(child.pid) == {cores[0]}
            assert os.sched_getaffinity(echoing) == {cores[-1]}
            await session.close()

    asyncio.run(asyncio.wait_for(act(), 60))


def test_the_stage_leaves_this_process_on_the_cores_it_had(tmp_path: Path) -> None:
    before = os.sched_getaffinity(0)

    async def act() -> None:
        async with set_proxy_stage(tmp_path, {}, rounds=1, huge=False) as stage:
            assert stage.cores is None or os.sched_getaffinity(0) == {stage.cores.others}
            (direct,) = (way for way in stage.ways if way.name == DIRECT)
            async with stage.proxy(direct) as straight:
                assert set(straight.sessions) == {LEGACY, MODERN}
                with pytest.raises(WrongAnswerError, match="exported no traces"):
                    await stage.settle(Way(name="silent", traces_path="/silent"))

    asyncio.run(asyncio.wait_for(act(), 60))
    assert os.sched_getaffinity(0) == before


def test_peers_that_are_not_installed_are_in_no_row(tmp_path: Path) -> None:
    names = {way.name for way in all_ways("http://127.0.0.1:1/mcp", 1, tmp_path, {})}
    assert {DIRECT, OWN} < names
    assert FASTMCP not in names
    (fastmcp,) = (way for way in all_ways("u", 1, tmp_path, {FASTMCP: Path("/x/bin/fastmcp")}) if way.name == FASTMCP)
    assert "/x/bin/python" in fastmcp.argv


def test_what_a_proxy_adds_is_beyond_the_direct_call_of_the_same_round() -> None:
    """Catches a difference of medians (here 9), which a drifting machine distorts."""
    direct, own, peer = proxy.key(DIRECT, LEGACY), proxy.key(OWN, LEGACY), proxy.key(FASTMCP, LEGACY)
    samples = {
        direct: [{"p50 ms": 1.0, "p95 ms": 1.0}, {"p50 ms": 50.0, "p95 ms": 60.0}, {"p50 ms": 2.0, "p95 ms": 3.0}],
        own: [
            {"p50 ms": 2.5, "p95 ms": 4.0, "CPU ms": 1.0},
            {"p50 ms": 51.0, "p95 ms": 62.0, "CPU ms": 2.0},
            {"p50 ms": 11.0, "p95 ms": 13.0, "CPU ms": 3.0},
        ],
        peer: [{"p50 ms": 90.0, "p95 ms": 99.0, "CPU ms": 20.0}] * 3,
    }
    row = proxy.row(1, OWN, LEGACY, Rounds(samples=samples))
    assert (row.figures["added p50"], row.figures["added p95"], row.figures["CPU of FastMCP"]) == (1.5, 3.0, 0.1)
    assert row.verdict == "met"
    assert not proxy.row(1, FASTMCP, LEGACY, Rounds(samples=samples)).targets
    absent = proxy.row(1, OWN, MODERN, Rounds(failures={proxy.key(OWN, MODERN): "no such luck"}))
    assert (absent.figures, absent.remark) == ({}, "no such luck")


def answer(**message: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 5, **message}).encode()


TEXT = {"type": "text", "text": answer_to(5)}


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(result={"content": [TEXT], "isError": False}), "results"),
        (answer(result={"content": [TEXT], "isError": True}), "errors"),
        (answer(error={"code": -32000, "message": "gone"}), "errors"),
        (answer(result={"content": [{"type": "text", "text": "other"}]}), "lost"),
        (answer(id=6, result={"content": [TEXT]}), "lost"),
        (answer(id=None, error={"code": -32000, "message": "gone"}), "lost"),
        (b"", "lost"),
        (b"[]", "lost"),
    ],
)
def test_a_call_is_a_result_an_error_or_lost(given: bytes, kind: str) -> None:
    """Catches an answer to somebody else, or none, that passes for the call's own."""
    assert proxy_kill.judged(echo(5, LEGACY), given).kind == kind


def test_every_call_is_counted_once() -> None:
    fates = [proxy_kill.Fate(kind=kind) for kind in ("results", "errors", "results")]
    assert proxy_kill.counted(fates) == {"results": 2.0, "errors": 1.0, "lost": 0.0}


def test_memory_is_flat_when_nothing_grows_after_the_first_part() -> None:
    assert proxy_memory.grown([60.0, 80.0, 90.0, 81.5])["later parts MB"] == 1.5


def test_a_node_peer_is_installed_at_the_pinned_version_and_again_when_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, pinned = tmp_path / "calls", tmp_path / "package.json"
    npm = tmp_path / "npm"
    npm.write_text(NPM.format(log=log))
    npm.chmod(0o755)
    pinned.write_text('{"dependencies": {"supergateway": "4.0.0"}}')
    monkeypatch.setattr(peers, "ROOT", tmp_path)
    monkeypatch.setattr(peers, "PINNED", pinned)
    monkeypatch.setattr(peers, "INSTALL", (str(npm), "install"))
    gateway = peers.NodePeer(command="supergateway")
    assert gateway.install().exists()
    gateway.install()
    assert log.read_text() == "install supergateway@4.0.0\n"
    pinned.write_text('{"dependencies": {"supergateway": "4.1.0"}}')
    gateway.install()
    assert log.read_text().splitlines()[1] == "install supergateway@4.1.0"
    npm.write_text("#!/bin/sh\necho first >&2\necho 'no such version' >&2\nexit 1\n")
    pinned.write_text('{"dependencies": {"supergateway": "9.9.9"}}')
    with pytest.raises(NotRunningError, match="npm supergateway could not be installed: no such version"):
        gateway.install()
