"""Where functions are: an account in a region, and the clients for each that is within reach."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdascope_proxy.aws.clients import Clients


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """One region of one account; without an `account_id` it is the account of the credentials in use."""

    region: str
    account_id: str = ""


class Places:
    """The clients for each place, made when first needed. Thread-safe."""

    def __init__(self, home: Clients, make: Callable[[Place], Clients]) -> None:
        self.home = home
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[Place, Clients] = {}

    def clients(self, place: Place | None = None) -> Clients:
        """The clients of a place, by default of the configured region. Raises CallFailed as `Clients.region` does."""
        if place is None or (place.region == self.home.region and not place.account_id):
            return self.home
        with self._lock:
            if place not in self._made:
                self._made[place] = self._make(place)
            return self._made[place]

    def reader(self, service: str, place: Place | None = None) -> Any:
        """A client for reads; as `Clients.reader`."""
        return self.clients(place).reader(service)
