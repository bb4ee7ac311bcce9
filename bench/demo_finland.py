"""An evening with Finnish stands, without the Internet: `python -m bench.demo_finland`, which `make demo-finland` does.

The servers of Metsäkeskus, of Statistics Finland and of an archive of scenes are on this machine, and the municipality
Kuvala is made up: stands of `tests/support/finnish_municipality`, spectra of the simulated world over them. All else is
what docs/finland.md does with the real ones: from the name of the municipality to a data set, labels by rule, an
evaluation over folds beside predictors without an image, a map and the list of stands in hectares. The first download
of the stands and that of the scenes are killed (signal 9) in the middle, and the same commands go on.

Leaves all of it in `reports/demo_finland`, a repository of its own. Numbers on it say nothing of real forests.
"""

import shutil
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from bench import tables
from rojsat import evaluate, run
from rojsat.chips import roles
from rojsat.config import compose
from rojsat.evaluation import report_files
from rojsat.stages import inspect, new_data, predict
from rojsat.tracking import recorder
from tests.support import finnish_municipality as municipality
from tests.support.finnish_servers import NAME as MUNICIPALITY
from tests.support.finnish_servers import Servers, killed

NAME = "kuvala"
"""Of the data set."""

STANDS = ["exp=resnet18_s2", "variant=boosting,unseen_regions", f"data={NAME}", "seeds=0"]
"""The evaluation: a label a stand, by boosting on the channels of the stand."""

PIXELS = ["exp=unet", "variant=boosting", f"data={NAME}", "inputs.role=stand", "inputs.frame=box"]
"""The model of the map: the need of every pixel inside the stands, by boosting on its bands."""

PIXELS += ["inputs.channels=[boa]", "split.name=stratified", "metrics.threshold=0.5"]

FIRST = 10
"""Stands that are visited first, of those that the model was not trained on."""


def into(root: Path) -> None:
    """Work in a repository of its own, with the experiments of this one."""
    shutil.copytree(compose.EXPERIMENTS, root / "experiments", dirs_exist_ok=True)
    compose.EXPERIMENTS, compose.ROOT = root / "experiments", root
    recorder.STORE = root / "mlruns"


def main() -> None:
    """Do the evening, and say what came of it."""
    root = compose.ROOT / "reports" / "demo_finland"
    shutil.rmtree(root, ignore_errors=True)
    archive = root / "archive"
    archive.mkdir(parents=True)
    begun = time.perf_counter()
    stands = municipality.stands()
    servers = Servers(archive, stands)
    try:
        into(root)
        new_data_set(servers, root)
        download(servers, root)
        _step(f"rojsat inspect data={NAME}", lambda: inspect.run(compose.parse([f"data={NAME}"])))
        of_stands = compose.parse([evaluate.COMMAND.unabridged(word) for word in STANDS])
        _step(f"rojsat evaluate {' '.join(STANDS)}", lambda: evaluate.run(of_stands))
        facts = map_of(root, stands)
    finally:
        servers.close()
    tables.write(root / "truth.json", facts | {"minutes": (time.perf_counter() - begun) / 60})
    text = "\n".join(_words(facts))
    report_files.write_text(root / "truth.txt", f"{text}\n")
    print(f"\nThe truth, which the simulated world knows:\n{text}\n{root}: the map in map/, all else as in a clone")


def new_data_set(servers: Servers, root: Path) -> None:
    """The file of the data set, from the name of the municipality; killed amid the pages of stands, and again."""
    words: dict[str, Any] = {"years": "2019,2020", "api": servers.archive.url, "servers": servers.addresses}
    call = f"rojsat data new {NAME} --finland {MUNICIPALITY} years=2019,2020 api=… stands=… municipalities=…"
    _step(f"{call} dry=true", lambda: new_data.run_finland(MUNICIPALITY, NAME, dry=True, **words))
    code = f"from rojsat.stages import new_data; new_data.run_finland({MUNICIPALITY!r}, {NAME!r}, **{words!r})"
    killed(servers, root, code, of="stands", after=2)
    asked = len(servers.stands.starts())
    _step(call, lambda: new_data.run_finland(MUNICIPALITY, NAME, **words))
    print(f"(pages from stand {', '.join(map(str, servers.stands.starts()[asked:]))} on, and none twice)")


def download(servers: Servers, root: Path) -> None:
    """The scenes, killed amid their files; `inspect` goes on."""
    code = f"from rojsat.stages import raw; from rojsat.config import compose; raw.run(compose.parse(['data={NAME}']))"
    killed(servers, root, code, of="archive", after=60)


def map_of(root: Path, stands: Sequence[municipality.MadeStand]) -> dict[str, Any]:
    """Train on pixels, map all young stands, and hold the list against the truth."""
    pixels = compose.parse(PIXELS)
    _step(f"rojsat run {' '.join(PIXELS)}", lambda: run.run(pixels))
    young = root / "young.gpkg"
    table = gpd.read_file(root / "data" / "metsakeskus" / NAME / "metsakeskus.gpkg", layer="stand")
    table[table["developmentclass"].isin(["T1", "T2"])][["standid", "geometry"]].to_file(young)
    words = [f"model={compose.run_name(pixels)}", f"data={NAME}", f"area={young}", "id_field=standid"]
    words += ["dates=2020-07-05,2020-07-15,2020-07-25", f"out={root / 'map'}"]
    _step(f"rojsat predict {' '.join(words)}", lambda: predict.run(words))
    tested = report_files.read_predictions(compose.report_folder(pixels), "test").rows["region"]
    return against_truth(root / "map", stands, set(tested.astype(str)))


def against_truth(folder: Path, stands: Sequence[municipality.MadeStand], tested: Collection[str]) -> dict[str, Any]:
    """The list of a map beside the truth after the tendings, of the stands that the model was not trained on.

    Returns:
        Hectares in need by the map and truly, and of all stands; of the first stands by the map, and of as many drawn
        without an image, those truly in need.
    """
    listed = gpd.read_file(folder / "stands.gpkg")
    truth = {number: after for number, (_, after) in municipality.truth(stands).items()}
    listed = listed[listed["region"].astype(str).isin(tested)]
    listed["true"] = listed["region"].astype(str).map(truth).astype(bool)
    first = listed.sort_values("rank").head(FIRST)
    return {
        "stands": len(listed),
        "area_ha": float(listed["area_ha"].sum()),
        "map_ha": float(listed["need_ha"].sum()),
        "true_ha": float(listed.loc[listed["true"], "area_ha"].sum()),
        "first": int(first["true"].sum()),
        "drawn": FIRST * float(listed["true"].mean()),
    }


def _step(call: str, action: Callable[[], Any]) -> None:
    print(f"\n$ {call}", flush=True)
    begun = time.perf_counter()
    action()
    print(f"({time.perf_counter() - begun:.0f} s)", flush=True)


def _words(facts: dict[str, Any]) -> list[str]:
    return [
        f"in {roles.NEED}: {facts['true_ha']:.1f} ha of {facts['area_ha']:.1f} ha in the {facts['stands']} young "
        f"stands that the model was not trained on; the map says {facts['map_ha']:.1f} ha",
        f"of the first {FIRST} of them in the list {facts['first']} are truly in need; of {FIRST} drawn without an "
        f"image {facts['drawn']:.0f}",
    ]


if __name__ == "__main__":
    main()
