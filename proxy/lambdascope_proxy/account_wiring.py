"""Wires where functions are found: the clients of each account and region, and a catalogue for each."""

from opentelemetry.trace import StatusCode, Tracer

from lambdascope_proxy import names
from lambdascope_proxy.aws.clients import Clients
from lambdascope_proxy.aws.discovery import discover
from lambdascope_proxy.aws.failures import failure_of
from lambdascope_proxy.aws.places import Place, Places
from lambdascope_proxy.aws.regions import settled_region
from lambdascope_proxy.catalog import Catalog
from lambdascope_proxy.catalogs import Catalogs
from lambdascope_proxy.errors import CallFailed
from lambdascope_proxy.selection import Function, Selection
from lambdascope_proxy.settings import Settings
from lambdascope_proxy.threads import Threads


def selection_of(settings: Settings) -> Selection:
    """The allow-list the settings describe."""
    return Selection(
        prefix=settings.function_prefix,
        names=settings.function_list,
        tag_key=settings.function_tag_key,
        tag_value=settings.function_tag_value,
        allow_all=settings.allow_all_functions,
    )


def build_places(settings: Settings, home: Clients) -> Places:
    roles = {role.account_id: role for role in settings.role_arns}

    def make(place: Place) -> Clients:
        role = roles.get(place.account_id)
        credentials = (lambda: home.assume(role)) if role else None
        # Without `on_import`: home's session is open before any other, and instruments botocore for all.
        return Clients(region=place.region, profile=settings.aws_profile, credentials=credentials)

    return Places(home, make, roles)


def build_catalogs(settings: Settings, places: Places, threads: Threads, tracer: Tracer) -> Catalogs:
    def region_meant(asked: str | None) -> str | CallFailed:
        try:
            return settled_region(places.home.region, asked, settings.regions)
        except Exception as error:
            return failure_of(error, "reading the AWS configuration")

    async def settle_region(asked: str | None) -> str:
        found = await threads.run(lambda: region_meant(asked))
        if isinstance(found, CallFailed):
            raise found
        return found

    accounts = [role.account_id for role in settings.role_arns]
    home = _catalog(settings, places, None, threads, tracer)
    return Catalogs(home, lambda place: _catalog(settings, places, place, threads, tracer), settle_region, accounts)


def _catalog(settings: Settings, places: Places, place: Place | None, threads: Threads, tracer: Tracer) -> Catalog:
    selection = selection_of(settings)

    def look(with_tags: bool) -> tuple[Function, ...] | CallFailed:
        try:
            clients = places.clients(place)
            found = discover(clients, selection, with_tags=with_tags, needs_tags=bool(settings.schema_tag_key))
        except Exception as error:
            return failure_of(error, "reading the functions", place.region if place else settings.aws_region)
        if place is None and found:
            places.home_account_id = found[0].account_id
        return found

    async def look_in_thread(with_tags: bool) -> tuple[Function, ...]:
        # Most reads belong to no call; their requests would each be a trace of its own.
        with tracer.start_as_current_span(
            "read functions", attributes=_told(place), record_exception=False, set_status_on_exception=False
        ) as span:
            found = await threads.run(lambda: look(with_tags))
            if isinstance(found, CallFailed):
                span.set_attribute(names.ERROR_TYPE, found.failure.error_type)
                span.set_status(StatusCode.ERROR)
                raise found
            return found

    return Catalog(look_in_thread, selection, ttl_s=settings.catalog_ttl_s, with_tags=bool(settings.schema_tag_key))


def _told(place: Place | None) -> dict[str, str]:
    if place is None:
        return {}
    told = {names.CLOUD_REGION: place.region, names.INVOCATION_ATTRIBUTES["account_id"]: place.account_id}
    return {name: value for name, value in told.items() if value}
