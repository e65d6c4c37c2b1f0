from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.places import Place, Places


def test_each_place_has_clients_of_its_own_made_once_and_home_is_one_of_them() -> None:
    home = Clients(region="us-east-1", profile="")
    places = Places(home, lambda place: Clients(region=place.region, profile=""))
    there = places.clients(Place(region="eu-west-1"))
    assert places.clients() is home
    assert places.clients(Place(region="us-east-1")) is home
    assert there.region == "eu-west-1"
    assert places.clients(Place(region="eu-west-1")) is there
