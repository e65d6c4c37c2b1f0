"""A server of the TypeScript SDK says the same behind lambdascope as by itself."""

import anyio
import pytest
from real.asking import Server
from real.comparing import Documents, cannot_ask, differences, documents_said, tools_said, uncalled, without
from real.installing import node_folder

CALLS = {
    "find_book": [{"part": "m"}, {"part": "dick", "most": 1}, {"part": ""}, {"most": 99}, {}],
    "lend": [{"title": "Middlemarch"}],
    "burn": [{}],
    "cover": [{}],
    "ask_reader": [{}],
    "ask_model": [{}],
}
ASKING = {"ask_reader", "ask_model"}
DOCUMENTS = Documents(
    uris=("library://catalogue", "library://books/Emma", "library://nowhere"),
    prompts={"review": {"title": "Moby-Dick"}},
    completions=(
        ({"type": "ref/prompt", "name": "review"}, "title", "M"),
        ({"type": "ref/resource", "uri": "library://books/{title}"}, "title", "Mo"),
    ),
)


@pytest.fixture
def server(environment: dict[str, str]) -> Server:
    return Server(command=("node", str(node_folder() / "typescript_server.mjs")), environment=environment)


def test_its_tools_say_the_same(server: Server, recording: dict[str, str]) -> None:
    direct = anyio.run(tools_said, server, CALLS, "legacy")
    proxied = anyio.run(tools_said, server.behind_lambdascope(**recording), CALLS, "legacy")
    assert not uncalled(direct, CALLS)
    assert differences(direct, proxied) == []


def test_to_a_client_of_the_newest_revision_all_but_those_that_ask_say_the_same(
    server: Server, recording: dict[str, str]
) -> None:
    direct = anyio.run(tools_said, server, CALLS, "auto")
    proxied = anyio.run(tools_said, server.behind_lambdascope(**recording), CALLS, "2026-07-28")
    assert differences(without(direct, ASKING), proxied) == []
    assert cannot_ask(proxied, ASKING) == ASKING


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_its_documents_say_the_same(mode: str, server: Server, recording: dict[str, str]) -> None:
    direct = anyio.run(documents_said, server, DOCUMENTS, mode)
    proxied = anyio.run(documents_said, server.behind_lambdascope(**recording), DOCUMENTS, mode)
    assert differences(direct, proxied) == []
