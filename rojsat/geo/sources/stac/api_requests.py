"""Requests of a STAC API, for pystac_client: repeated where it does not, and never of a file of this machine."""

import json
from typing import Any
from urllib.parse import urlsplit

import requests
from pystac import Link
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from urllib3 import Retry

from rojsat.geo.servers import guarded_session
from rojsat.geo.servers.retries import PASSING, PassingFault, Patience, persist


class PatientIO(StacApiIO):
    """Requests that are repeated where urllib3 does not: their answer broke off or is no JSON; to the web only."""

    def __init__(self, url: str, patience: Patience) -> None:
        """Prepare.

        Args:
            url: root of the API.
            patience: with it.
        """
        repeat = Retry(
            total=patience.tries - 1,
            status_forcelist=PASSING,
            allowed_methods=None,
            backoff_factor=patience.first_wait,
            backoff_max=patience.longest_wait,
            backoff_jitter=patience.first_wait / 2,
        )
        super().__init__(timeout=patience.timeout, max_retries=None)
        self.session = guarded_session.session(url, complete=True, retries=repeat)
        self._patience = patience

    def read_text(self, source: Any, *args: Any, **kwargs: Any) -> str:
        """Content of a link.

        Raises:
            ValueError: if it leads to a file of this machine, or from a public server to a private one.
        """
        href = source.href if isinstance(source, Link) else str(source)
        if urlsplit(href).scheme not in ("http", "https"):  # pystac_client would read a file of this machine
            raise ValueError(f"the API leads to {href!r}, which is no address of a web server: it is not asked")
        return super().read_text(source, *args, **kwargs)

    def request(self, href: str, *args: Any, **kwargs: Any) -> str:
        """Content of a URL, which is JSON.

        Raises:
            GaveUpError: if the API does not answer.
            ValueError: if it leads from a public server to a private one.
        """

        def once() -> str:
            try:
                text = super(PatientIO, self).request(href, *args, **kwargs)
                json.loads(text)
            except json.JSONDecodeError as error:
                raise PassingFault(f"its answer is no JSON: {error}") from error
            except APIError as error:
                if isinstance(error.__context__, guarded_session.NEVER):
                    raise ValueError(f"the API leads where it must not: {error}") from error
                if isinstance(error.__context__, requests.exceptions.ChunkedEncodingError):
                    raise PassingFault(f"its answer broke off: {error}") from error
                raise
            return text

        return persist(once, f"search at {href}", self._patience)
