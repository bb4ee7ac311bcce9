"""Stands that were tended between two scenes and stands that were not, cut into chips: spectra are the world's own."""

import numpy as np

from rojsat.chips.bands import BOA
from rojsat.chips.reader import Chips
from rojsat.geo import masks
from rojsat.geo.cutting import data_set
from rojsat.geo.scenes import catalog
from rojsat.geo.sources.simulated import materials
from rojsat.geo.vectors import region_files
from tests.geo.finland.conftest import document, stand
from tests.support import map_scenes
from tests.support.finnish_files import operation

DATES = ("2016-07-05", "2017-07-10", "2018-07-01")
COMPLETED = "2017-09-01"
SIDE, ACROSS, STANDS = 6, 6, 24  # pixels of a stand, stands in a row, stands
DENSE = {"sapling": 0.6, "sprout": 0.4}
TENDED = {"sapling": 0.6, "slash": 0.3, "shrub": 0.1}
"""Shares of what covers a young stand before and after its tending."""


FELLED = {"slash": 0.8, "shrub": 0.2}
"""Of a stand of which nothing stands."""


def is_tended(number, every=2):
    return number % every == 0


def _reflectance(day, after, every):
    """(12, H, W) of all stands with ground between them; summers differ in their light."""
    library, rng = materials.library(), np.random.default_rng(int(day[:4]))
    shape = (STANDS // ACROSS * (SIDE + 2), ACROSS * (SIDE + 2))
    looks = np.zeros((len(BOA), *shape), np.float32)
    tended = np.zeros(shape, bool)
    for number in range(STANDS):
        row, col = (step * (SIDE + 2) for step in divmod(number, ACROSS))
        tended[row : row + SIDE + 2, col : col + SIDE + 2] = is_tended(number, every) and day > COMPLETED
    for cover, where in ((DENSE, ~tended), (after, tended)):
        for name, share in cover.items():
            material = library[name]
            numbers = rng.standard_normal((material.loadings.shape[1], *shape)) * 0.5
            looks += where * share * (material.mean[:, None, None] + np.tensordot(material.loadings, numbers, 1))
    return np.clip(looks * rng.normal(1, 0.05), 0.005, 0.9)


def write(folder, after=TENDED, every=2):
    """Write raw data, masks and chips below a folder; two of eight stands are of class 02, the others of T2.

    Args:
        folder: an empty one.
        after: what covers a stand after its tending.
        every: how many stands there are for each that was tended.
    """
    raw = folder / "raw"
    scenes = [
        map_scenes.write_scene(raw, day, shape=looks.shape[1:], reflectance=dict(zip(BOA, looks, strict=True)))
        for day, looks in ((day, _reflectance(day, after, every)) for day in DATES)
    ]
    catalog.write(raw, scenes, description="tended stands")
    corners = [tuple(step * (SIDE + 2) + 1 for step in divmod(number, ACROSS)) for number in range(STANDS)]
    regions = map_scenes.stands(*((col, row, SIDE, SIDE) for row, col in corners))
    regions = regions.assign(role="stand", label=None, cleared=None).astype({"label": object, "cleared": object})
    region_files.write_regions(regions[region_files.COLUMNS], raw / "regions.gpkg")
    names = dict(enumerate(regions["region"]))
    written = [
        stand(
            names[number],
            "02" if number % 8 in (4, 5) else "T2",
            operations=operation(completed=COMPLETED) if is_tended(number, every) else "",
        )
        for number in names
    ]
    others = operation("3", completed="2010-01-01") + operation("3", completed="2022-01-01")
    (folder / "stands.xml").write_text(document(*written, stand("old", "04", operations=others)), encoding="utf-8")
    for name in ("masks", "chips"):
        (folder / name).mkdir()
    masks.write(raw, folder / "masks", source="completed_tendings", files=[str(folder / "stands.xml")])
    data_set.write(raw, folder / "masks", folder / "chips", recipe={"chips": {}}, scheduler="synchronous")
    return Chips(folder / "chips")
