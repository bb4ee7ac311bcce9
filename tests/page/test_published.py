import pytest

from rojsat.page import published


@pytest.mark.parametrize("experiment", ["resnet18_tci", "resnet152_tci", "resnet18_s2", "resnet152_s2"])
def test_published_reports_agree_with_themselves(experiment):
    found = published.report(experiment)
    clear, need = found["clear"], found["need"]
    total = clear["support"] + need["support"]
    assert {row["support"] for name, row in found.items() if name not in ("clear", "need")} == {total}
    for column in ("precision", "recall", "f1"):
        assert found["macro"][column] == pytest.approx((clear[column] + need[column]) / 2, abs=0.011)
        weighted = (clear[column] * clear["support"] + need[column] * need["support"]) / total
        assert found["weighted"][column] == pytest.approx(weighted, abs=0.011)
    hits = clear["recall"] * clear["support"] + need["recall"] * need["support"]
    assert found["accuracy"]["f1"] == pytest.approx(hits / total, abs=0.011)


def test_published_numbers_say_where_they_stand():
    assert published.number("samples") == ("126", "Semantic Segmentation, Preprocessing")
    assert published.number("threshold")[0] == "45"
    assert "Emma Svensson" in published.study()
