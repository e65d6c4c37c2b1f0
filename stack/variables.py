"""Gives the variables of a dashboard the values that Grafana would first show: All where there is All."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from stack.errors import UnresolvedError
from stack.placeholders import alternatives, substitute

# Asks for the values of a label, given a selector or none.
LabelValues = Callable[[str, str | None], Sequence[str]]
LABEL_VALUES: Final = re.compile(r"\s*label_values\(\s*(?:(?P<selector>.+),)?\s*(?P<label>\w+)\s*\)\s*", re.DOTALL)
WITHOUT_VALUES: Final = frozenset({"datasource", "adhoc"})


def resolve(dashboard: Mapping[str, Any], grafana: Mapping[str, str], label_values: LabelValues) -> dict[str, str]:
    """The value of each variable, in their order, as later ones may be asked for by earlier ones; Grafana's own first.

    Raises: UnresolvedError for a variable that has no values, or is of a kind not known here.
    """
    values = {**grafana}
    for variable in dashboard.get("templating", {}).get("list", ()):
        if variable["type"] not in WITHOUT_VALUES:
            values[variable["name"]] = _value(variable, values, label_values)
    return values


def _value(variable: Mapping[str, Any], values: Mapping[str, str], label_values: LabelValues) -> str:
    if variable.get("includeAll") and variable.get("allValue"):
        return variable["allValue"]
    offered = _offered(variable, values, label_values)
    if not offered:
        raise UnresolvedError(f"variable ${variable['name']} of {variable['type']} has no values")
    return alternatives(offered if variable.get("includeAll") else offered[:1])


def _offered(variable: Mapping[str, Any], values: Mapping[str, str], label_values: LabelValues) -> Sequence[str]:
    match variable["type"]:
        case "query":
            return _asked(variable, values, label_values)
        case "custom" | "interval":
            return [each.strip() for each in variable["query"].split(",") if each.strip()]
        case "constant" | "textbox":
            return [variable["query"]]
        case kind:
            raise UnresolvedError(f"variable ${variable['name']} is a {kind}: say in stack/variables.py what that is")


def _asked(variable: Mapping[str, Any], values: Mapping[str, str], label_values: LabelValues) -> Sequence[str]:
    query: Any = variable["query"]
    text = query if isinstance(query, str) else query["query"]
    found = LABEL_VALUES.fullmatch(substitute(text, values))
    if found is None:
        raise UnresolvedError(f"variable ${variable['name']}: only label_values(...) is known here, not {text}")
    return label_values(found["label"], found["selector"])
