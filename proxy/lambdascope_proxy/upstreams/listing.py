"""Which of an upstream's tools are offered, and under which names. Pure.

A tool goes out as it came: nothing of it is changed but its name. One that cannot be used is set aside with the reason,
so that the others can.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from lambdascope_proxy.upstreams.spec import Upstream

# MCP allows 128 characters; several clients and model APIs take only 64 of [A-Za-z0-9_-].
NAME_CHARS: Final = 64
HASH_CHARS: Final = 8
LONGEST_NAME: Final = 256
LONGEST_URI: Final = 8_192
# More than any tool needs, and more than a model should be given to read.
TOOL_BYTES: Final = 262_144
MOST_TOOLS: Final = 2_000
SEPARATOR: Final = "__"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A tool, prompt or resource that is not offered, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The tools of one upstream as they came, those it may offer and those it may not."""

    tools: tuple[Mapping[str, Any], ...] = ()
    set_aside: tuple[SetAside, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One name on our list: whose it is, what it is called there, and whether its plain name was taken."""

    name: str
    upstream: str
    own_name: str
    is_renamed: bool


def sort_tools(raw: Sequence[object], spec: Upstream) -> Listed:
    """What of a list can be offered; patterns of the settings hide tools without a word."""
    tools, aside, seen = list[Mapping[str, Any]](), list[SetAside](), set[str]()
    for item in raw[:MOST_TOOLS]:
        tool: Mapping[str, Any] = cast("Mapping[str, Any]", item) if isinstance(item, Mapping) else {}
        name = tool.get("name")
        if problem := name_problem(name) or _tool_problem(tool, seen):
            aside.append(SetAside(name=shown(name), reason=problem))
        elif spec.admits(str(name)):
            tools.append(tool)
        seen.add(str(name))
    if len(raw) > MOST_TOOLS:
        aside.append(SetAside(name="...", reason=f"{len(raw) - MOST_TOOLS} more than the {MOST_TOOLS} that are taken"))
    return Listed(tools=tuple(tools), set_aside=tuple(aside))


def shown(name: object) -> str:
    """A name as a log line may have it."""
    text = name if isinstance(name, str) else repr(name)
    return "".join(character if character.isprintable() else "?" for character in text[:NAME_CHARS])


def name_problem(name: object) -> str:
    """Why this cannot be a name, empty if it can."""
    if not isinstance(name, str) or not name:
        return "it has no name"
    if len(name) > LONGEST_NAME:
        return f"its name has {len(name)} characters; {LONGEST_NAME} are taken"
    return "" if name.isprintable() else "its name has characters that cannot be printed"


def _tool_problem(tool: Mapping[str, Any], seen: set[str]) -> str:
    if tool["name"] in seen:
        return "another tool of the upstream has the same name"
    size = len(json.dumps(tool, ensure_ascii=False, separators=(",", ":")))
    if size > TOOL_BYTES:
        return f"its description and schemas have {size} characters; {TOOL_BYTES} are taken"
    output = tool.get("outputSchema")
    return (
        _kinds_problem(tool)
        or _schema_problem("inputSchema", tool.get("inputSchema"), needs_object=True)
        or ("" if output is None else _schema_problem("outputSchema", output, needs_object=False))
    )


def _kinds_problem(tool: Mapping[str, Any]) -> str:
    kinds = {"title": str, "description": str, "annotations": Mapping, "icons": list, "_meta": Mapping}
    wrong = [name for name, kind in kinds.items() if tool.get(name) is not None and not isinstance(tool[name], kind)]
    return f"its {wrong[0]} is not what the protocol says" if wrong else ""


def _schema_problem(field: str, schema: object, *, needs_object: bool) -> str:
    if not isinstance(schema, Mapping):
        return f"its {field} is not a schema"
    if needs_object and cast("Mapping[str, Any]", schema).get("type") != "object":
        return f"its {field} is not of type object"
    import jsonschema
    from jsonschema.validators import validator_for

    checked = cast("dict[str, Any]", schema)
    try:
        validator_for(checked, default=jsonschema.Draft202012Validator).check_schema(checked)
    except jsonschema.SchemaError as error:
        return f"its {field} is not valid at {error.json_path}: {error.message[:120]}"
    except RecursionError:
        return f"its {field} nests too deeply"
    return ""


def prefix_of(spec: Upstream, *, is_only: bool) -> str:
    """What goes before the names of an upstream: as set, else nothing where it is the only one."""
    if spec.prefix is not None:
        return spec.prefix
    return "" if is_only else f"{spec.name}{SEPARATOR}"


def offered_names(
    own_names: Mapping[str, Iterable[str]], prefixes: Mapping[str, str], taken: Iterable[str]
) -> list[Offered]:
    """A unique name of at most 64 characters for everything that upstreams have, by upstream.

    Stable: a name depends neither on the order nor on what the upstream itself has besides. Where two would be the
    same, or one of ours, each of the upstreams' gets a hash of where it comes from; ours stay.
    """
    wanted = [
        (upstream, own, re.sub(r"[^A-Za-z0-9_-]", "_", prefixes[upstream] + own))
        for upstream, names in own_names.items()
        for own in names
    ]
    # Names are compared as hosts with case-blind tool tables would compare them.
    counts = Counter([plain.lower() for _, _, plain in wanted] + [name.lower() for name in taken])
    return [
        Offered(name=name, upstream=upstream, own_name=own, is_renamed=name != prefixes[upstream] + own)
        for upstream, own, plain in wanted
        for name in [
            plain if counts[plain.lower()] == 1 and len(plain) <= NAME_CHARS else _hashed(upstream, own, plain)
        ]
    ]


def _hashed(upstream: str, own: str, plain: str) -> str:
    digest = hashlib.sha256(f"{upstream}\0{own}".encode()).hexdigest()[:HASH_CHARS]
    return f"{plain[: NAME_CHARS - HASH_CHARS - 1]}_{digest}"


def keyed(raw: Sequence[object], field: str) -> dict[str, Mapping[str, Any]]:
    """What of a list of resources, templates or prompts can be offered, by its URI or name; the first of two wins."""
    found = dict[str, Mapping[str, Any]]()
    for item in raw[:MOST_TOOLS]:
        entry: Mapping[str, Any] = cast("Mapping[str, Any]", item) if isinstance(item, Mapping) else {}
        key = entry.get(field)
        if isinstance(key, str) and 0 < len(key) <= LONGEST_URI and isinstance(entry.get("name"), str):
            found.setdefault(key, entry)
    return found
