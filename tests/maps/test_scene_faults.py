from dataclasses import replace

import pytest
from affine import Affine

from rojsat.maps import scene_faults
from tests.support import map_scenes


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return map_scenes.write_scene(tmp_path_factory.mktemp("scene"), "2019-07-11", shape=(8, 8))


def changed(scene, **changes):
    """The scene with B08 changed."""
    return replace(scene, assets={**scene.assets, "B08": replace(scene.assets["B08"], **changes)})


def only(scene, *names, prefix=""):
    return replace(scene, assets={f"{prefix}{name}": scene.assets[name] for name in names})


MISTAKES = {
    "a band is missing": (
        lambda scene: only(scene, "B04", "B03"),
        "needs B04, B08; scene .* lacks B08 .it has B03",
    ),
    "L1C for L2A": (lambda scene: only(scene, "B04", "B08", prefix="TOA-"), "take the product L2A"),
    "8 bits": (lambda scene: changed(scene, dtype="uint8"), "B08 holds 8 bits, a picture to look at"),
    "coarser pixels": (
        lambda scene: changed(scene, transform=Affine(20, 0, 0, 0, -20, 0)),
        "B08 has pixels of 20 m, coarser than the 10 m",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_scenes_of_another_kind_are_refused_in_one_sentence(scene, name):
    change, message = MISTAKES[name]
    with pytest.raises(ValueError, match=message) as refusal:
        scene_faults.usable([change(scene)], map_scenes.card())
    assert "\n" not in str(refusal.value)


def test_l2a_for_l1c_is_refused(scene):
    top = map_scenes.card(names=("toa.B04", "toa.B08"))
    with pytest.raises(ValueError, match="take the product L1C"):
        scene_faults.usable([scene], top)


def test_a_usable_scene_keeps_what_shows_data_and_clouds_alone(scene):
    (kept,) = scene_faults.usable([scene], map_scenes.card(boa=("B02", "B04", "B08")))
    assert set(kept.assets) == {"B02", "B04", "B08", "SCL"}
    other = only(scene, "B04", "B08", "SCL")
    assert [set(each.assets) for each in scene_faults.usable([scene, other], map_scenes.card())] == [
        {"B04", "B08", "SCL"}
    ] * 2
