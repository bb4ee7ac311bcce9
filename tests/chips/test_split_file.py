import pandas as pd
import pytest

from rojsat.chips import splits
from rojsat.config import compose

INDEX = pd.DataFrame({"chip": ["a1", "a2", "b1", "c1"], "region": ["007", "007", "b", "c"]})


def written(path, **columns):
    table = pd.DataFrame(columns)
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        table.to_parquet(path)
    return str(path)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_states_the_parts_of_regions_or_chips(tmp_path, ending):
    path = tmp_path / f"split.{ending}"
    by_region = written(path, region=["007", "b", "c", "elsewhere"], part=["train", "val", "test", "test"])
    assert list(splits.file(INDEX, path=by_region)) == ["train", "train", "val", "test"]
    chips = written(path, chip=["a1", "a2", "b1", "c1"], region=list("xxxx"), part=["train", "unused", "val", "test"])
    assert list(splits.file(INDEX, path=chips)) == ["train", "unused", "val", "test"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"region": ["007", "b"], "part": ["train", "val"]}, "no part of 1 regions, c among them"),
        ({"region": ["007", "007"], "part": ["train", "val"]}, "two parts of region 007"),
        ({"region": ["007"], "part": ["learn"]}, r"parts \['learn'\]; possible are train, val, test, unused"),
        ({"area": ["007"], "part": ["train"]}, "no columns part and chip, or part and region, but area, part"),
    ],
)
def test_a_file_that_cannot_be_is_refused(tmp_path, columns, message):
    with pytest.raises(ValueError, match=message):
        splits.file(INDEX, path=written(tmp_path / "split.csv", **columns))


def test_a_file_that_is_absent_or_no_table_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no file"):
        splits.file(INDEX, path=str(tmp_path / "absent.csv"))
    (tmp_path / "split.txt").write_text("")
    with pytest.raises(ValueError, match=r"ends in \.txt; it is read as \.csv or \.parquet"):
        splits.file(INDEX, path=str(tmp_path / "split.txt"))


def test_another_version_of_the_file_is_another_experiment(tmp_path):
    path = tmp_path / "split.csv"
    names = []
    for part in ("train", "val"):
        written(path, region=["007", "b", "c"], part=[part, "val", "test"])
        experiment = compose.load("unet_dates", ["split.name=file", f"split.options.path={path}"])
        names.append(compose.run_name(experiment))
    assert names[0] != names[1]
    written(path, region=["007", "b", "c"], part=["test", "val", "test"])
    with pytest.raises(ValueError, match="another version"):
        splits.file(INDEX, **experiment.split.options)
