"""The page of a data set, `inspect.html`, from its scenes, regions and chips."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd

from rojsat.chips import change_pairs, odd_dates, roles, stand_parts
from rojsat.chips.census import Census
from rojsat.chips.reader import Chips
from rojsat.config import compose, recipes
from rojsat.config.schema import Experiment
from rojsat.evaluation import report_files, sufficiency
from rojsat.figures import date_overviews, true_colour
from rojsat.geo import overviews
from rojsat.geo.scenes import catalog
from rojsat.geo.scenes.catalog import Scene
from rojsat.geo.vectors import label_warnings, region_areas, region_files
from rojsat.page import cells, data_page, html
from rojsat.page.data_page import DataPictures
from rojsat.stages import _rule_report

FILE = "inspect.html"

MAP, THUMBNAIL = 900, 180
"""Pixels of the longer side."""


def write(experiment: Experiment, chips: Chips, counted: Census, of_rule: Mapping[str, pd.DataFrame]) -> str:
    """Write the page to `reports/data/<name>/inspect.html`, and give its address.

    Args:
        experiment: whose data set it is.
        chips: of the data set.
        counted: what it holds.
        of_rule: tables of labels by rule, by title.
    """
    name, raw = experiment.data.name, recipes.folder("raw", experiment)
    scenes = catalog.read(raw)
    regions = _rule_report.with_labels(region_files.load_regions(raw / "regions.gpkg"), chips.index)
    hectares = region_areas.hectares(regions)
    tables = (_summed(regions, hectares, counted), _left_out(counted), _every(regions, hectares, chips))
    pictures = _pictures(scenes, regions, counted, true_colour.white(chips))
    command = f"rojsat inspect data={name}"
    enough = [*label_warnings.sentences(regions, chips.index), *odd_dates.sentences(chips), *_enough(experiment, chips)]
    content = html.render(data_page.page(name, enough, pictures, tables, command, of_rule))
    page = compose.ROOT / "reports" / "data" / name / FILE
    report_files.write_text(page, content)
    return page.as_uri()


def _enough(experiment: Experiment, chips: Chips) -> list[str]:
    """What the data are enough for, by task."""
    kept, index = compose.ROOT / "results" / "evaluations", stand_parts.together(chips.index)
    if experiment.data.labels.source == "unlabelled":
        return ["There are no labels: nothing to train on, but networks can predict on these chips."]
    if change_pairs.TENDED in index:
        index = change_pairs.labelled(index[index[change_pairs.TENDED].notna()])
    stands = index[(index["role"] == roles.STAND) & index["label"].isin(list(roles.CLASSES))]
    by_task = {"segmentation": index[index["role"] == roles.CLEARING], "classification": stands}
    sentences = []
    for task, rows in by_task.items():
        if len(rows):
            count, dates = int(rows["region"].nunique()), int(rows["date"].nunique())
            rarest = _rarest(rows) if task == "classification" else count
            sentences += sufficiency.words(task, count, rarest, dates, sufficiency.half_widths(kept, task))
    return list(dict.fromkeys(sentences)) or [
        "There is no chip of a stand with a label nor of a clearing object: nothing to train on."
    ]


def _rarest(stands: pd.DataFrame) -> int:
    """Stands with chips of the label that has fewest."""
    return min(int(stands.loc[stands["label"] == label, "region"].nunique()) for label in roles.CLASSES)


def _pictures(scenes: list[Scene], regions: gpd.GeoDataFrame, counted: Census, brightest: float) -> DataPictures:
    overpasses = counted.overpasses
    small = list(overviews.each(scenes, overviews.frame(scenes, regions, THUMBNAIL)))
    order = overpasses.sort_values(["nodata", "cloud", "date"], na_position="last")
    date = str(order["date"].iloc[0])
    frame = overviews.frame(scenes, regions, MAP)
    (clearest,) = overviews.each([scene for scene in scenes if scene.date == date], frame)
    rings, pixel = overviews.outlines(regions, frame), float(frame.transform.a)
    dates = [(each.date, each.colours) for each in small]
    first, last = small[0].date, small[-1].date
    shares = overpasses["cloud"].map("{:.0%}".format).where(overpasses["cloud"].notna(), "unknown")
    cloud = ", ".join(f"{day} {share}" for day, share in zip(overpasses["date"], shares, strict=True))
    return DataPictures(
        cells.picture(
            date_overviews.outline_map(date, clearest.colours, rings, pixel, brightest),
            f"True colour of {date} with the outlines of {len(regions)} regions, coloured by role.",
            narrow=date_overviews.outline_map(date, clearest.colours, rings, pixel, brightest, is_narrow=True),
        ),
        cells.picture(
            date_overviews.thumbnails(dates, brightest),
            f"{len(small)} true colour images of the same ground, {first} to {last}.",
            narrow=date_overviews.thumbnails(dates, brightest, is_narrow=True),
        ),
        cells.picture(
            date_overviews.cloud_bars(overpasses),
            f"Bars of the median cloud over the regions: {cloud}.",
            narrow=date_overviews.cloud_bars(overpasses, is_narrow=True),
        ),
    )


def _summed(regions: gpd.GeoDataFrame, hectares: pd.Series, counted: Census) -> pd.DataFrame:
    groups = regions.assign(label=regions["label"].fillna(""), hectares=hectares).groupby(["role", "label"])
    rows = counted.regions.merge(groups["hectares"].agg(["sum", "min", "max"]).reset_index(), on=["role", "label"])
    return pd.DataFrame(
        {
            "role": rows["role"],
            "label": rows["label"],
            "regions": rows["regions"],
            "with chips": rows["shown"],
            "chips": rows["chips"],
            "hectares": rows["sum"].map("{:.1f}".format),
            "each": [f"{low:.2f} to {high:.2f}" for low, high in zip(rows["min"], rows["max"], strict=True)],
        }
    )


def _left_out(counted: Census) -> pd.DataFrame:
    return counted.reasons[["reason", "regions", "chips"]]


def _every(regions: gpd.GeoDataFrame, hectares: pd.Series, chips: Chips) -> pd.DataFrame:
    number = regions["region"].map(chips.index.groupby("region").size()).fillna(0).astype(int)
    return pd.DataFrame(
        {
            "region": regions["region"],
            "role": regions["role"],
            "label": regions["label"].fillna(""),
            "hectares": hectares.map("{:.2f}".format),
            "chips": number,
        }
    )
