"""A WFS on this machine."""

import pytest

from rojsat.geo.servers.retries import Patience
from tests.support.wfs_server import WfsServer, stand


@pytest.fixture
def server():
    """A WFS of ten stands."""
    served = WfsServer(stand=[stand(number) for number in range(10)])
    yield served
    served.close()


@pytest.fixture
def patience():
    """Patience of milliseconds."""
    return Patience(tries=4, first_wait=0.001, timeout=0.2)
