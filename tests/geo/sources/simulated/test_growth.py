"""Need shows in spectra, but no single index at one date separates it; bands and dates together do."""

from datetime import UTC, datetime

import numpy as np
import pytest
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rojsat.chips import channels
from rojsat.chips.bands import BOA
from rojsat.geo.sources.simulated import clearing_objects, ground, growth, landcover, season, units
from rojsat.geo.sources.simulated.layout import WorldLayout

pytestmark = pytest.mark.slow

LAYOUT = WorldLayout(600, 600, scenes=((65, 1),), stands=1, objects=((20, 20),))
DATES = tuple(datetime(2019, month, day, 10, 20, tzinfo=UTC) for month, day in ((7, 15), (9, 20), (10, 5)))


@pytest.fixture(scope="module")
def stands():
    """Mean spectra of young stands: (stands, dates, 12), and whether they are due."""
    land, objects = clearing_objects.insert(landcover.build(LAYOUT, 0), LAYOUT, "tight", 0)
    grown = units.draw(land, objects, "tight", 0)
    need = growth.need(land, grown, 0)
    world = ground.prepare(land, grown, growth.fractions(land, grown, need, 0), "weak", 0)
    unit = np.where(np.isfinite(need.degree), land.unit, -1)
    ids = np.array([i for i in np.unique(unit[unit >= 0]) if (unit == i).sum() > 100])
    degree = ndimage.mean(need.degree, unit, ids)
    ids, degree = ids[(degree > 0.34) | (degree < 0.24)], degree[(degree > 0.34) | (degree < 0.24)]
    spectra = []
    for date in DATES:
        planes = ground.reflectance(world, date.timetuple().tm_yday, season.sun(date), 65)
        spectra.append(np.stack([ndimage.mean(plane, unit, ids) for plane in planes], -1))
    return np.stack(spectra, 1), degree > 0.3


def test_the_shares_of_a_pixel_add_up_to_one_outside_fields():
    land, objects = clearing_objects.insert(landcover.build(LAYOUT, 1), LAYOUT, "tight", 1)
    grown = units.draw(land, objects, "tight", 1)
    share = growth.fractions(land, grown, growth.need(land, grown, 1), 1)
    total = sum(share.values())
    np.testing.assert_allclose(total[~growth.fields(land)], 1, atol=1e-5)
    assert all(field.min() >= -1e-6 for field in share.values())


@pytest.mark.slow
def test_no_single_index_at_one_date_separates_the_stands(stands):
    spectra, due = stands
    worst = 0.0
    for date in range(len(DATES)):
        planes = {name: spectra[None, :, date, band].astype(np.float32) for band, name in enumerate(BOA)}
        for index in channels.compute(channels.__all__, planes):
            area = roc_auc_score(due, index[0])
            worst = max(worst, area, 1 - area)
    assert 0.55 < worst < 0.80  # measured: 0.70


def test_all_bands_and_dates_together_do(stands):
    spectra, due = stands
    model = make_pipeline(StandardScaler(), LogisticRegression(C=10, max_iter=5000))
    features = np.log(spectra.reshape(len(due), -1))
    score = cross_val_predict(model, features, due, cv=5, method="decision_function")
    assert roc_auc_score(due, score) > 0.85
