"""The TOML file of settings: its plain settings as text, and its tables as they are."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.settings_table import TABLE

VARIABLE: Final = "LAMBDASCOPE_CONFIG"
TABLES: Final = "upstreams"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """What a file says, unchecked: values by field of Settings, the tables of upstreams, and where it is."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    upstreams: object = field(default_factory=dict[str, object])
    place: str = ""
    directory: Path = Path()


def read_settings_file(environ: Mapping[str, str], option: Path | None) -> SettingsFile:
    """The file of `--config`, else of LAMBDASCOPE_CONFIG, else nothing. Raises: SettingsError naming file and key."""
    if option is not None:
        return _read(option, f"--config {option}")
    if path := environ.get(VARIABLE, "").strip():
        return _read(Path(path).expanduser(), f"{VARIABLE}={path}")
    return SettingsFile()


def _read(path: Path, place: str) -> SettingsFile:
    try:
        # As decimals, so that a price is what was written.
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{place}: {error}") from error
    known = {setting.field for setting in TABLE} | {TABLES}
    if unknown := sorted(set(document) - known):
        raise SettingsError(f"{place}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(known))}")
    upstreams = document.pop(TABLES, {})
    values = {name: _as_text(place, name, value) for name, value in document.items()}
    return SettingsFile(values=values, upstreams=upstreams, place=place, directory=path.absolute().parent)


def _as_text(place: str, name: str, value: Any) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- tomllib gives Any
    if isinstance(value, bool | int | Decimal | str):
        return str(value)
    raise SettingsError(f"{place}: {name} takes a string, number, true/false or list")
