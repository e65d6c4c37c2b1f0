"""Writes a picture as one HTML page that needs nothing else: drawings inside, no script, no network. Pure."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from lambdascope_proxy.pictures.colours import VARIABLES, as_variables
from lambdascope_proxy.pictures.picture import Picture
from lambdascope_proxy.pictures.table import is_numeric, told
from lambdascope_proxy.pictures.wording import cut

# Nothing may be loaded from anywhere, and nothing run, whatever a name in the history holds.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_LONGEST: Final = 1000
_NAMED: Final = re.compile(r'( id="|url\(#|href="#)')
_STYLE: Final = """
body { margin: 2rem auto; max-width: 64rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
p { color: var(--faint); margin: 0 0 1.5rem; overflow-wrap: anywhere; }
.lead { color: var(--ink); font-size: 1.1rem; }
ul { color: var(--faint); margin: 1.5rem 0 0; padding-left: 1.2rem; overflow-wrap: anywhere; }
figure { margin: 0 0 1.5rem; overflow-x: auto; }
svg { display: block; width: 100%; min-width: 36rem; height: auto; }
svg text { font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif !important; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem 1.5rem .3rem 0; border-bottom: 1px solid var(--grid); max-width: 32rem;
  overflow-wrap: anywhere; vertical-align: top; }
th { color: var(--faint); font-weight: 600; white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
@media print { body { margin: 0; } }
"""


def html_page(picture: Picture, drawings: Sequence[str]) -> str:
    """The page; `drawings` are its charts as SVG elements, in their order."""
    figures = "\n".join(
        f'<figure role="img" aria-label="{_seen(chart.title)}">\n{as_variables(drawing)}</figure>'
        for chart, drawing in zip(picture.charts, _apart(drawings), strict=True)
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{_seen(picture.title)}</title>
<style>{_variables()}{_STYLE}</style>
</head>
<body>
<h1>{_seen(picture.title)}</h1>
<p>{_seen(picture.subtitle)}</p>
{_lead(picture)}{figures}
{_table(picture)}{_notes(picture)}</body>
</html>
"""


def _lead(picture: Picture) -> str:
    return f'<p class="lead">{_seen(picture.words[0])}</p>\n' if picture.words else ""


def _notes(picture: Picture) -> str:
    items = "".join(f"<li>{_seen(words)}</li>\n" for words in picture.words[1:])
    return f"<ul>\n{items}</ul>\n" if items else ""


def _seen(text: str) -> str:
    return escape(cut(text, _LONGEST))


def _apart(drawings: Sequence[str]) -> Iterator[str]:
    """Each with names of its own for its parts: in one page they would be mistaken for each other."""
    for number, drawing in enumerate(drawings, 1):
        yield _NAMED.sub(lambda found, number=number: f"{found[0]}chart{number}-", drawing)


def _variables() -> str:
    light = "".join(f" --{name}: {colour.light};" for name, colour in VARIABLES.items())
    dark = "".join(f" --{name}: {colour.dark};" for name, colour in VARIABLES.items())
    return (
        f"\n:root {{ color-scheme: light dark;{light} }}\n@media (prefers-color-scheme: dark) {{ :root {{{dark} }} }}"
    )


def _table(picture: Picture) -> str:
    if not picture.rows:
        return ""
    is_number = [is_numeric([row[at] for row in picture.rows]) for at in range(len(picture.columns))]
    head = _row(picture.columns, is_number, "th")
    body = "\n".join(_row([told(cell) for cell in row], is_number, "td") for row in picture.rows)
    return f'<div class="table"><table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table></div>\n'


def _row(cells: Sequence[str], is_number: Sequence[bool], tag: str) -> str:
    sides = [' class="number"' if right else "" for right in is_number]
    return f"<tr>{''.join(f'<{tag}{side}>{_seen(cell)}</{tag}>' for cell, side in zip(cells, sides, strict=True))}</tr>"
