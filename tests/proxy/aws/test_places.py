"""Each place has its clients: home's, those of another region, those of an account behind a role."""

import pytest

from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Place, Places

OTHER = "222222222222"


@pytest.fixture
def places() -> Places:
    home = Clients(region="us-east-1", profile="")
    return Places(home, lambda place: Clients(region=place.region, profile=""), [OTHER])


def test_each_place_has_clients_of_its_own_made_once_and_home_is_one_of_them(places: Places) -> None:
    there = places.clients(Place(region="eu-west-1"))
    assert places.clients() is places.home
    assert places.clients(Place(region="us-east-1")) is places.home
    assert there.region == "eu-west-1"
    assert places.clients(Place(region="eu-west-1")) is there


def test_an_account_without_a_role_is_the_one_of_our_credentials(places: Places) -> None:
    # Functions of ours carry their account: it must not be taken for one to enter.
    assert places.clients(Place(region="us-east-1", account_id="111111111111")) is places.home
    named = places.clients(Place(region="eu-west-1", account_id="111111111111"))
    assert named is places.clients(Place(region="eu-west-1"))


def test_an_account_behind_a_role_has_clients_of_its_own_also_in_our_region(places: Places) -> None:
    there = places.clients(Place(region="us-east-1", account_id=OTHER))
    assert there is not places.home
    assert there is places.clients(Place(region="us-east-1", account_id=OTHER))


def test_a_role_in_our_own_account_is_not_needed(places: Places) -> None:
    places.home_account_id = OTHER
    assert places.clients(Place(region="us-east-1", account_id=OTHER)) is places.home
