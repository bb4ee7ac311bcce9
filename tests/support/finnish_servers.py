"""The servers of an evening with Finnish stands, on this machine: stands and municipalities as WFS, scenes as STAC."""

import signal
import subprocess
import sys
from pathlib import Path

from shapely import union_all

from tests.support import archive as archives
from tests.support import finnish_municipality as municipality
from tests.support import wfs_server

NAME, CODE = "Kuvala", "999"
"""Of the municipality: there is none of this name in Finland."""

PAGE = 100
"""Stands that the WFS gives at once, so that some hundred stands are several pages."""

TENDINGS = {"740": 3, "750": 4}
"""Codes of `SILVICULTURETYPE` for operations of the standard: tending of a seedling stand, of young forest."""


def features(stands):
    """Stands as Metsäkeskus' WFS gives them: with proposals, without what was completed."""
    rows = []
    for stand in stands:
        proposed = [(code, year) for code, year, _ in stand.operations if year is not None]
        code, year = (TENDINGS[proposed[0][0]], proposed[0][1]) if proposed else (None, None)
        columns = {
            **{"STANDNUMBER": int(stand.number), "DEVELOPMENTCLASS": stand.development_class, "MAINTREESPECIES": 2},
            **{"FERTILITYCLASS": 3, "SOILTYPE": 10, "STEMCOUNT": 3000, "MEANHEIGHT": 2.1},
            **{"CUTTINGTYPE": None, "CUTTINGPROPOSALYEAR": None},
            **{"SILVICULTURETYPE": code, "SILVICULTUREPROPOSALYEAR": year},
            **{"MEASUREMENTDATE": f"{stand.observed}Z" if stand.observed else None, "TREESTANDDATE": "2021-01-01Z"},
        }
        rows.append(wfs_server.feature(f"stand.{stand.number}", stand.outline, **columns))
    return rows


def outline(stands):
    """The municipality as Statistics Finland's WFS gives it."""
    ground = union_all([stand.outline for stand in stands]).buffer(50)
    names = {"kunta": CODE, "nimi": NAME, "namn": NAME, "name": NAME}
    return [wfs_server.feature("kunta1000k.1", ground, **names)]


class Servers:
    """All servers.

    Attributes:
        stands: WFS of stands.
        municipalities: WFS of outlines.
        archive: STAC API and its files; its address is `archive.url`.
    """

    def __init__(self, folder, stands, days=municipality.DAYS):
        shape = municipality.write_scenes(folder, stands, days)
        self.stands = wfs_server.WfsServer(stand=features(stands))
        self.stands.most = PAGE
        self.municipalities = wfs_server.WfsServer()
        self.municipalities.layers = {"tilastointialueet:kunta1000k": outline(stands)}
        self.archive = archives.Archive(folder)
        self.archive.serve(municipality.items(f"{self.archive.url}/files", shape, days))

    @property
    def addresses(self):
        """Of the WFS, as `rojsat data new` takes them; there is no server of declarations."""
        return {"stands": self.stands.url, "municipalities": self.municipalities.url, "declarations": ""}

    def close(self):
        for server in (self.stands, self.municipalities, self.archive):
            server.close()


def killed(servers, root, code, *, of, after):
    """Run a program in a process of its own, and kill it with signal 9 when a server has answered so many requests.

    Args:
        servers: that it asks.
        root: repository that it works in.
        code: Python.
        of: the server, `stands` or `archive`.
        after: requests for pages of stands, or for parts of files.

    Raises:
        RuntimeError: if it ended before.
    """
    server, processes, answered = getattr(servers, of), [], []

    def fault(request, _):
        counts = "startIndex" in request if of == "stands" else request.startswith("/files")
        if counts:
            answered.append(request)
        if counts and len(answered) > after:
            processes[0].kill()
            return "reset"
        return None

    setting = f"compose.ROOT, compose.EXPERIMENTS = (Path({str(root)!r}) / part for part in ('', 'experiments'))"
    program = f"from pathlib import Path; from rojsat.config import compose; {setting}; {code}"
    healthy, server.faults = server.faults, fault
    try:
        processes.append(subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2]))
        status = processes[0].wait()
    finally:
        server.faults = healthy
    if status != -signal.SIGKILL:
        raise RuntimeError(f"it was to be killed after {after} requests, and ended with {status} after {len(answered)}")
    print(f"\n(killed with signal 9 after {after} requests; the same command again)", flush=True)
