"""What a view writes on: lines, tables and charts, kept until they are one text that fits where it goes."""

import os
import re
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TextIO

from lambdascope_proxy.charts import BLOCKS, PLAIN

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from lambdascope_proxy.pictures.picture import Chart

# A pipe has no width: then a table is as wide as it needs to be, so that nothing is cut.
PIPE_WIDTH: Final = 2000
PIPE_CHART_WIDTH: Final = 100
# Of curves; an encoding may have the blocks and not these.
DOTS: Final = "⠤▗│"
RULE: Final = "─"
DECIMALS: Final = 12
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """Where a page goes: characters in a line and lines in sight (of a terminal), and the encoding it must survive.

    A terminal is one that understands escape sequences.
    """

    width: int = PIPE_WIDTH
    height: int = 0
    is_terminal: bool = False
    encoding: str = "utf-8"

    @property
    def is_plain(self) -> bool:
        """Whether blocks and rules cannot be written here."""
        return not _can_encode(BLOCKS + RULE, self.encoding)


def surface_of(stream: TextIO) -> Surface:
    """What a stream is."""
    encoding = getattr(stream, "encoding", None) or "ascii"
    if not stream.isatty():
        return Surface(encoding=encoding)
    size = shutil.get_terminal_size()
    is_terminal = os.environ.get("TERM") not in {None, "dumb"}
    return Surface(width=size.columns, height=size.lines, is_terminal=is_terminal, encoding=encoding)


@dataclass(slots=True)
class Page:
    """A page in the making. Columns that hold numbers stand to the right; None is an empty cell."""

    surface: Surface = field(default_factory=Surface)
    _parts: "list[RenderableType]" = field(default_factory=list[Any])
    _whole: set[int] = field(default_factory=set[int])

    @property
    def levels(self) -> str:
        """The characters charts are drawn with, from low to high."""
        return PLAIN if self.surface.is_plain else BLOCKS

    def heading(self, text: str) -> None:
        """What follows, after an empty line if something came before."""
        from rich.text import Text

        if self._parts:
            self.line()
        self._parts.append(Text(visible(text), style="bold"))

    def line(self, text: str = "") -> None:
        """One line; a long one goes on below."""
        from rich.text import Text

        self._parts.append(Text(visible(text), overflow="fold"))

    def link(self, text: str) -> None:
        """One line that is never broken, however long: a terminal wraps it without breaking what is copied of it."""
        self._whole.add(len(self._parts))
        self.line(text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Collection[str] = ()) -> None:
        """A table; without a header where no column has a name. `right` names columns of texts that are numbers."""
        self._parts.append(self._table(columns, rows, right))

    def chart(self, chart: "Chart") -> None:
        """A chart as wide as the page, under its title, after an empty line; nothing on a page too narrow for it.

        A pipe has no width: there it is no wider than a usual terminal.
        """
        from lambdascope_proxy.pictures.terminal import draw

        width = self.width if self.width < PIPE_WIDTH else PIPE_CHART_WIDTH
        lines = draw(chart, width=width, is_plain=self.surface.is_plain or not _can_encode(DOTS, self.surface.encoding))
        if lines:
            self.heading(lines[0])
        for line in lines[1:]:
            self.line(line)

    def rows(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, spare: Sequence[str] = ()) -> None:
        """A table, or where that is wider than the page or has texts of several lines, a record for each row.

        `spare` names columns that are rather left out than that, the first named first; a line below says which.
        """
        if any(isinstance(cell, str) and "\n" in cell for row in rows for cell in row):
            self._records(columns, rows)
            return
        for count in range(len(spare) + 1):
            left_out = [name for name in spare[:count] if name in columns]
            kept = [index for index, column in enumerate(columns) if column not in left_out]
            if self._narrow([columns[index] for index in kept], [[row[index] for index in kept] for row in rows]):
                if left_out:
                    self.line(f"Left out on a page so narrow: {', '.join(left_out)}")
                return
        self._records(columns, rows)

    def _narrow(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bool:
        """The table, where it is no wider than the page, if need be with its headers on several lines."""
        for headers in (columns, [column.replace(" ", "\n") for column in columns]):
            if self.fits(headers, rows):
                self.table(headers, rows)
                return True
        return False

    def fits(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bool:
        """Whether a table of these is no wider than the page, without a cell that is broken."""
        from rich.measure import Measurement

        console = self._console()
        unbounded = console.options.update(width=PIPE_WIDTH)
        return Measurement.get(console, unbounded, self._table(columns, rows, ())).maximum <= self.width

    @property
    def width(self) -> int:
        """Characters in a line."""
        return self.surface.width

    def text(self) -> str:
        """The whole page, with a line break at its end; what cannot be written where it goes is a question mark."""
        console = self._console()
        with console.capture() as captured:
            for index, part in enumerate(self._parts):
                console.print(part, soft_wrap=index in self._whole)
        text = "\n".join(line.rstrip(" ") for line in captured.get().split("\n"))
        return text.encode(self.surface.encoding, errors="replace").decode(self.surface.encoding)

    def _records(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        lines: list[tuple[object, ...]] = []
        for number, row in enumerate(rows, 1):
            known = [(column, told(cell)) for column, cell in zip(columns, row, strict=True) if cell is not None]
            lines += [(number if index == 0 else None, *each) for index, each in enumerate(known)]
        self.table(["", "", ""], lines)

    def _console(self) -> Any:
        from rich.console import Console

        surface = self.surface
        return Console(
            width=surface.width,
            force_terminal=surface.is_terminal,
            color_system="standard" if surface.is_terminal else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def _table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], right: Collection[str]) -> "Table":
        from rich.box import Box
        from rich.table import Table
        from rich.text import Text

        rule = "-" if self.surface.is_plain else RULE
        box = Box(f"    \n    \n {rule}{rule} \n" + "    \n" * 5)
        table = Table(
            box=box, show_header=any(columns), pad_edge=False, show_edge=False, padding=(0, 1, 0, 0), header_style=""
        )
        for index, column in enumerate(columns):
            is_right = column in right or any(_is_number(row[index]) for row in rows)
            table.add_column(column, justify="right" if is_right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(visible(told(cell)).rstrip("\n "), overflow="fold") for cell in row))
        return table


def told(value: object) -> str:
    """A cell: large numbers with separators, fractions to two decimals, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _decimal(value: Decimal) -> str:
    # Prices are known to so many decimals; what lies behind them in a quotient says nothing.
    if abs(value) < Decimal(1).scaleb(-DECIMALS):
        return f"{value.normalize():,f}"
    return f"{value:,.{DECIMALS}f}".rstrip("0").rstrip(".")


def visible(text: str) -> str:
    """Without characters that would move the cursor or change colours: a log line may hold any."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text.replace("\t", "    ").replace("\r\n", "\n"))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
