"""Says whether a statement may run: walks the tree DuckDB's parser makes of it and lets through only what it knows."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NoReturn

from lambdascope_analytics.errors import QueryError
from lambdascope_analytics.store.views import VIEWS

Tree = Mapping[str, Any]

_EXPRESSIONS: Final = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION"}
    | {"LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW"}
)
# Queries, what they read from, and their modifiers. COPY, INSERT and the like within WITH are nodes of other types.
_PARTS: Final = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
    | {"BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SHOW_REF", "SUBQUERY", "TABLE_FUNCTION"}
    | {"DISTINCT_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER"}
    | {"ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
)
_TYPE_DETAILS: Final = "_TYPE_INFO"  # DECIMAL_TYPE_INFO and its kind: what a CAST names
_TABLE_FUNCTIONS: Final = frozenset({"generate_series", "json_each", "json_tree", "range", "unnest"})
# Functions that tell of the process or the catalogue, change it, or only pass time. No file can be read by any.
_CLOSED_FUNCTIONS: Final = re.compile(
    r"__internal.*|duckdb_.*|pg_.*|read_.*|getenv|getvariable|current_setting|current_query|write_log|sleep_ms"
    r"|nextval|currval|setval|setseed|stats|vector_type|parse_duckdb_log_message|json_(?:de)?serialize_.*|json_execute_.*"
    r"|has_.*_privilege|query|query_table"
)
_SHOWN: Final = frozenset({"", '"tables"', *VIEWS})
_OTHER_STATEMENT: Final = "Only SELECT statements"

ONE_SELECT: Final = (
    "Send one SELECT at a time, over the views " + ", ".join(VIEWS) + ". A PIVOT must list its values: IN ('a', 'b')."
)
READABLE: Final = (
    f"A query can read the views {', '.join(VIEWS)}, its own WITH queries, "
    f"and {', '.join(sorted(_TABLE_FUNCTIONS))}. DESCRIBE calls lists the columns."
)


def check_statement(document: Tree, taken_names: Collection[str]) -> frozenset[str]:
    """Check what `json_serialize_sql` made of a text; return the names of the views it reads.

    `taken_names` are those of DuckDB's own tables and views: a WITH query of such a name could let the real one through
    where the name does not reach.

    Raises:
        QueryError: it does not parse, is not one SELECT, or reads or calls what it may not.
    """
    if document.get("error"):
        _refuse_unparsed(str(document.get("error_message", "")))
    statements = document.get("statements", [])
    if len(statements) != 1:
        raise QueryError("refused", f"There are {len(statements)} statements.", ONE_SELECT)
    nodes = list(_nodes(statements[0]))
    own = _with_names(nodes, taken_names)
    for node in nodes:
        _check_kind(node)
        _check_function(node)
        _check_table(node, own)
    named = {str(node.get("table_name", "")).lower() for node in nodes}
    return frozenset(named.intersection(VIEWS))


def _refuse_unparsed(message: str) -> NoReturn:
    if message.startswith(_OTHER_STATEMENT):
        raise QueryError("refused", "This statement is not a SELECT.", ONE_SELECT)
    raise QueryError("invalid", f"The SQL cannot be parsed: {message}", "It is DuckDB's dialect.")


def _nodes(tree: Any) -> Iterator[Tree]:
    """Every object of the tree. Not recursive: a query may nest as deep as its parser lets it."""
    waiting: list[Any] = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] -- JSON
        elif isinstance(value, list):
            waiting.extend(value)  # pyright: ignore[reportUnknownArgumentType] -- JSON


def _with_names(nodes: list[Tree], taken_names: Collection[str]) -> frozenset[str]:
    names = {str(entry["key"]) for node in nodes if "cte_map" in node for entry in node["cte_map"]["map"]}
    for name in names:
        if name.lower() in taken_names or not re.fullmatch(r"\w+", name):
            raise QueryError("refused", f"A WITH query cannot be named {name!r}.", "Give it another name.")
    return frozenset(name.lower() for name in names)


def _check_kind(node: Tree) -> None:
    kind = node.get("type")
    if not isinstance(kind, str):
        return
    is_known = node["class"] in _EXPRESSIONS if "class" in node else kind in _PARTS or kind.endswith(_TYPE_DETAILS)
    if node.get("class") == "PARAMETER":
        raise QueryError("refused", "The query has a parameter.", "Write its value into the query.")
    if not is_known:
        raise QueryError("refused", f"A query cannot hold a {kind}.", ONE_SELECT)


def _check_function(node: Tree) -> None:
    name = node.get("function_name")
    if isinstance(name, str) and _CLOSED_FUNCTIONS.fullmatch(name.lower()):
        raise QueryError("refused", f"The function {name} is not available.", READABLE)


def _check_table(node: Tree, own: Collection[str]) -> None:
    kind, name = node.get("type"), str(node.get("table_name", ""))
    if kind == "TABLE_FUNCTION":
        _check_table_function(node)
    elif kind == "SHOW_REF" and name.lower() not in _SHOWN:
        raise QueryError("refused", f"{name} cannot be shown.", READABLE)
    elif kind == "BASE_TABLE" and "class" not in node:
        is_plain = not node.get("catalog_name") and str(node.get("schema_name", "")).lower() in {"", "main"}
        if not is_plain or name.lower() not in {*VIEWS, *own}:
            raise QueryError("refused", f"There is no view {name!r} to query.", READABLE)


def _check_table_function(node: Tree) -> None:
    function: Tree = node.get("function") or {}
    name = str(function.get("function_name", ""))
    if name.lower() not in _TABLE_FUNCTIONS:
        raise QueryError("refused", f"The table function {name} is not available.", READABLE)
