"""Makes upstreams of the servers in an MCP client's configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lambdascope_proxy.errors import SettingsError
from lambdascope_proxy.upstreams.client_entry import NotImported, read_entry
from lambdascope_proxy.upstreams.client_file import ClientFile, read_client_file
from lambdascope_proxy.upstreams.client_references import referred
from lambdascope_proxy.upstreams.naming import fit, free
from lambdascope_proxy.upstreams.reading import read_upstream
from lambdascope_proxy.upstreams.secrets import Secrets
from lambdascope_proxy.upstreams.values import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a client's servers.

    `tables` by name, as they stand below `[upstreams.NAME]`; `notes` on what changed or was left out; `secrets` by the
    variable that is to hold each, for nobody to print; `references` by the variable the client itself can fill in.
    """

    member: str
    tables: Mapping[str, Mapping[str, Any]]
    notes: tuple[str, ...]
    secrets: Mapping[str, str] = field(repr=False)
    references: Mapping[str, str]


def import_servers(text: str) -> Imported:
    """The upstreams of a client's file. Raises: ValueError that says what is wrong with the file as a whole."""
    file = read_client_file(text)
    references = referred(file.servers)
    secrets = Secrets(reserved=references)
    tables, notes = _tables(file, secrets)
    used = referred(tables)
    return Imported(
        member=file.member,
        tables=tables,
        notes=tuple(notes),
        secrets={name: value for name, value in secrets.values.items() if name in used},
        references={name: told for name, told in references.items() if name in used},
    )


def _tables(file: ClientFile, secrets: Secrets) -> tuple[dict[str, Mapping[str, Any]], list[str]]:
    tables: dict[str, Mapping[str, Any]] = {}
    notes: list[str] = []
    for given, entry in file.servers.items():
        name = free(fit(given), tables)
        try:
            table, lost = read_entry(name, entry, secrets)
            _check(name, table, secrets)
        except (NotImported, ValueError, SettingsError) as error:
            notes.append(f"{given!r} is left out: {error}")
            continue
        tables[name] = table
        notes += [f"{given!r} is called {name} here"] if name != given else []
        notes += [f"{name}: {note}" for note in lost]
    return tables, notes


def _check(name: str, table: Mapping[str, Any], secrets: Secrets) -> None:
    """Whether it will be read, as far as that can be known: what the client would fill in is taken for a word."""
    filled = dict.fromkeys(referred(table), "word")
    read_upstream(name, table, "it", Surroundings(environ={**filled, **secrets.values}, directory=Path()))
