"""Files of MCP clients: where each keeps its servers, and the comments some of them have."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdascope_proxy.upstreams.client_file import read_client_file

VS_CODE = """\ufeff// what agents may use
{
  /* secrets are asked for,
     see inputs */
  "inputs": [{"id": "key", "type": "promptString",}],
  "servers": {
    "docs": {
      "url": "https://mcp.example.com/mcp", // not a comment: the two slashes before
      "headers": {"X-Note": "/* kept */ , }", "Y": "a\\\\"},
    },
  },
}
"""


def test_comments_and_trailing_commas_are_tolerated_and_strings_kept() -> None:
    found = read_client_file(VS_CODE)
    assert found.member == "servers"
    assert found.servers == {
        "docs": {"url": "https://mcp.example.com/mcp", "headers": {"X-Note": "/* kept */ , }", "Y": "a\\"}}
    }


@pytest.mark.parametrize(
    ("document", "member"),
    [
        ({"mcpServers": {"a": {"command": "b"}}, "globalShortcut": ""}, "mcpServers"),
        ({"servers": {"a": {"command": "b"}}, "inputs": []}, "servers"),
        ({"mcp": {"servers": {"a": {"command": "b"}}}, "editor.fontSize": 12}, "mcp.servers"),
        ({"servers": {"no": 1}, "mcpServers": {"a": {"command": "b"}}}, "mcpServers"),
    ],
)
def test_servers_are_found_where_each_client_keeps_them(document: object, member: str) -> None:
    found = read_client_file(json.dumps(document))
    assert (found.servers, found.member) == ({"a": {"command": "b"}}, member)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is no JSON"),
        ('{"mcpServers": {', "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", 'neither "mcpServers" nor "servers"'),
        ('{"mcpServers": ["a"]}', 'neither "mcpServers" nor "servers"'),
        ('{"projects": {"/srv": {"mcpServers": {}}}}', "use the project's .mcp.json"),
    ],
)
def test_what_holds_no_servers_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|holds no servers") as refused:
        read_client_file(text)
    assert reason in str(refused.value)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='/*",\\ \n}{]a'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(alphabet='/*",\\a', max_size=5), JSON_VALUES, max_size=3))
def test_json_without_comments_is_read_as_json(servers: dict[str, object]) -> None:
    # Whatever stands in strings must not be taken for a comment or a trailing comma.
    text = json.dumps({"mcpServers": servers}, indent=1)
    assert read_client_file(text).servers == servers
