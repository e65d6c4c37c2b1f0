"""Every key of an `[upstreams.NAME]` table, declared once: how it is read and what it means, for the help and docs."""

from dataclasses import dataclass
from typing import Final

from lambdascope_proxy.upstreams.values import (
    Read,
    address,
    directory,
    headers,
    patterns,
    prefix,
    price,
    prices,
    seconds,
    variables,
    words,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: the field of Upstream it fills, how it is read, what it looks like in TOML and what it means."""

    field: str
    read: Read
    example: str
    meaning: str
    default: str = ""


KEYS: Final[tuple[Key, ...]] = (
    Key(
        field="command",
        read=words,
        example='["uvx", "some-mcp-server"]',
        meaning="The program that is started and spoken to over stdio, and its arguments. This or `url`.",
    ),
    Key(
        field="url",
        read=address,
        example='"https://mcp.example.com/mcp"',
        meaning="The address of a server that speaks Streamable HTTP. This or `command`.",
    ),
    Key(
        field="env",
        read=variables,
        example='{ API_TOKEN = "${API_TOKEN}" }',
        meaning="Variables of the program; it inherits no others but PATH, HOME and their like.",
    ),
    Key(
        field="cwd",
        read=directory,
        example='"servers/orders"',
        meaning="Directory the program starts in, else lambdascope's own; a relative one begins where the file is.",
    ),
    Key(
        field="headers",
        read=headers,
        example='{ Authorization = "Bearer ${API_TOKEN}" }',
        meaning="HTTP headers of every request to `url`.",
    ),
    Key(
        field="allow",
        read=patterns,
        example='["get_*", "search"]',
        meaning="Patterns of the upstream's own tool names; only these tools are offered.",
        default='["*"]',
    ),
    Key(
        field="deny",
        read=patterns,
        example='["delete_*"]',
        meaning="Tools that are not offered, whatever `allow` says.",
    ),
    Key(
        field="prefix",
        read=prefix,
        example='"gh_"',
        meaning='Stands before each of its names; "" for nothing. Else `NAME__` where there are several upstreams.',
    ),
    Key(
        field="timeout_s",
        read=seconds(0.1, 86_400),
        example="120",
        meaning="Seconds one call may take.",
        default="60",
    ),
    Key(
        field="start_timeout_s",
        read=seconds(0.1, 3600),
        example="10",
        meaning="Seconds it may take to start and shake hands.",
        default="30",
    ),
    Key(
        field="cost_usd",
        read=price,
        example="0.005",
        meaning="Price of each call in US dollars, for the history, `analyze_cost` and budgets.",
    ),
    Key(
        field="tool_costs",
        read=prices,
        example="{ search = 0.02 }",
        meaning="Prices of single tools, by the upstream's own names; they go before `cost_usd`.",
    ),
    Key(
        field="idempotent",
        read=patterns,
        example='["put_*"]',
        meaning="Tools that may be called twice to the effect of once, besides those whose annotations say so.",
    ),
)
