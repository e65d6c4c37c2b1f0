"""The clients of each place: an account in a region."""

import threading
from collections.abc import Callable, Collection
from typing import Any

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.selection import Place

__all__ = ["Place", "Places"]


class Places:
    """The clients for each place, made when first needed. Thread-safe.

    An account that is not among `accounts`, those a role opens, is taken for the one of the credentials in use. That
    one may be among them: `home_account_id` says so as soon as somebody found out.
    """

    def __init__(self, home: Clients, make: Callable[[Place], Clients], accounts: Collection[str] = ()) -> None:
        self.home = home
        self.home_account_id = ""
        self._make = make
        self._accounts = frozenset(accounts)
        self._lock = threading.Lock()
        self._made: dict[Place, Clients] = {}

    def clients(self, place: Place | None = None) -> Clients:
        """The clients of a place, by default of the configured region. Raises CallFailed as `Clients.region` does."""
        if place is None:
            return self.home
        account_id = place.account_id if self.needs_role(place.account_id) else ""
        if not account_id and place.region == self.home.region:
            return self.home
        place = Place(region=place.region, account_id=account_id)
        with self._lock:
            if place not in self._made:
                self._made[place] = self._make(place)
            return self._made[place]

    def reader(self, service: str, place: Place | None = None) -> Any:
        """A client for reads; as `Clients.reader`."""
        return self.clients(place).reader(service)

    def needs_role(self, account_id: str) -> bool:
        """Whether the account is reached by assuming its role."""
        return account_id in self._accounts and account_id != self.home_account_id
