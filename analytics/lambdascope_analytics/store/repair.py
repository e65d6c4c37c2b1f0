"""What a reader does whose question fails over and over: it holds the files still, or sets aside what is broken."""

import logging
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from lambdascope_analytics.errors import HistoryError
from lambdascope_analytics.store.compactor import Compactor
from lambdascope_analytics.store.connection import connect
from lambdascope_analytics.store.directories import AMENDMENTS
from lambdascope_analytics.store.integrity import is_readable, set_aside_foreign
from lambdascope_analytics.store.maintenance import maintenance
from lambdascope_analytics.store.rollups import mend_rollups
from lambdascope_analytics.store.set_aside import set_aside
from lambdascope_analytics.store.spool_job import mend_spools
from lambdascope_analytics.store.spools import closed_spools

_log: Final = logging.getLogger(__name__)
_WAIT_S: Final = 10.0


@contextmanager
def at_rest(directory: Path) -> Generator[None]:
    """Let nobody exchange files of the history in `directory` (absolute) meanwhile, as far as that can be had."""
    with ExitStack() as stack:
        try:
            stack.enter_context(maintenance(directory, wait_s=_WAIT_S))
        except (OSError, HistoryError) as error:
            _log.info("the history in %s is read while its files may be exchanged: %s", directory, error)
        yield


def repair(directory: Path) -> bool:
    """Set aside what cannot be read in the history in `directory` (absolute); whether there was something."""
    import duckdb

    try:
        with maintenance(directory, wait_s=_WAIT_S), connect(directory) as connection:
            compactor = Compactor(directory=directory, connection=connection, uploads=False)
            count = set_aside_foreign(connection, directory, thoroughly=True)
            count += mend_rollups(connection, directory)
            for file in closed_spools(directory, AMENDMENTS):
                if not is_readable(connection, file):
                    set_aside(directory, file, "it holds more than rows")
                    count += 1
            broken = [spool for spool in closed_spools(directory) if not is_readable(connection, spool)]
            return mend_spools(compactor, broken) or count > 0
    except (OSError, HistoryError, duckdb.Error) as error:
        _log.warning("the history in %s cannot be repaired: %s", directory, error)
        return False
