"""Files of the AWS Price List over HTTP, without credentials: bounded in size and time, tried again where it helps."""

import json
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from lambdascope_analytics.errors import PriceListError

# All regions without credentials; the China regions have a list of their own, at another host.
# https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html
AWS: Final = "https://pricing.us-east-1.amazonaws.com"

_CONNECT_AND_READ_S: Final = (10.0, 30.0)
_WHOLE_FILE_S: Final = 120.0
# A region's file is far below 1 MB.
_LARGEST: Final = 64 << 20
_CHUNK: Final = 1 << 16
_PAUSES_S: Final = (0.5, 2.0)
_WORTH_ANOTHER_TRY: Final = frozenset({408, 429, 500, 502, 503, 504})


class _TryAgainError(Exception):
    """It may work the next time."""


class Download:
    """Reads JSON documents below `base`, an http or https address; safe to share between threads.

    `certificates` is the file of certificates to trust; proxies are those that the environment names.
    """

    def __init__(
        self,
        base: str = AWS,
        *,
        certificates: str | None = None,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        largest: int = _LARGEST,
    ) -> None:
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        self.base: Final = base.rstrip("/")
        self._sleep, self._clock, self._largest = sleep, clock, largest
        proxies = get_environ_proxies(self.base)
        make: Any = URLLib3Session  # its published types know neither a path nor two timeouts
        self._session: Any = make(verify=certificates or True, proxies=proxies, timeout=_CONNECT_AND_READ_S)

    def document(self, path: str) -> Any:
        """Return the JSON document at `path`, which begins with a slash.

        Raises:
            PriceListError: it cannot be had, is too large or is not JSON.
        """
        url = self.base + path
        for pause_s in (*_PAUSES_S, None):
            try:
                return _json(self._body(url), url)
            except _TryAgainError as error:
                if pause_s is None:
                    raise PriceListError(f"{url} cannot be read: {error}") from error
                self._sleep(pause_s)
        raise AssertionError("the last try returns or raises")

    def _body(self, url: str) -> bytes:
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError
        from urllib3.exceptions import HTTPError

        request = AWSRequest(method="GET", url=url, headers={"Accept-Encoding": "identity"}, stream_output=True)
        try:
            response = self._session.send(request.prepare())
            _check_status(response.status_code, url)
            return self._content(response, url)
        except (BotoCoreError, HTTPError) as error:
            raise _TryAgainError(_reason(error)) from error

    def _content(self, response: Any, url: str) -> bytes:
        parts = bytearray()
        give_up_at = self._clock() + _WHOLE_FILE_S
        # What has come, at once: a whole chunk may be for ever in coming. An old urllib3 knows no other.
        read = getattr(response.raw, "read1", response.raw.read)
        while part := read(_CHUNK):
            parts += part
            if len(parts) > self._largest:
                raise PriceListError(f"{url} is larger than {self._largest:,} bytes: no price list is")
            if self._clock() > give_up_at:
                raise PriceListError(f"{url} takes longer than {_WHOLE_FILE_S:g} seconds")
        announced = response.headers.get("Content-Length")
        if announced is not None and announced != str(len(parts)):
            raise _TryAgainError(f"only {len(parts):,} of {announced} bytes came")
        return bytes(parts)


def _check_status(status: int, url: str) -> None:
    if status == HTTPStatus.OK:
        return
    if status in _WORTH_ANOTHER_TRY:
        raise _TryAgainError(f"the server answers {status}")
    raise PriceListError(f"{url} cannot be read: the server answers {status}")


def _json(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PriceListError(f"{url} is not JSON") from error


def _reason(error: Exception) -> str:
    inner: object = getattr(error, "kwargs", {}).get("error") or error
    return " ".join(str(inner).split())
