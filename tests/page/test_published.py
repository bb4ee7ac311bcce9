import pytest

from rojsat.page import published


@pytest.mark.parametrize("experiment", ["resnet18_tci", "resnet152_tci", "resnet18_s2", "resnet152_s2"])
def test_published_reports_agree_with_themselves(experiment):
    report = published.classification_report(experiment)
    clear, need = report["clear"], report["need"]
    total = clear["support"] + need["support"]
    assert {row["support"] for name, row in report.items() if name not in ("clear", "need")} == {total}
    for column in ("precision", "recall", "f1"):
        assert report["macro"][column] == pytest.approx((clear[column] + need[column]) / 2, abs=0.011)
        weighted = (clear[column] * clear["support"] + need[column] * need["support"]) / total
        assert report["weighted"][column] == pytest.approx(weighted, abs=0.011)
    hits = clear["recall"] * clear["support"] + need["recall"] * need["support"]
    assert report["accuracy"]["f1"] == pytest.approx(hits / total, abs=0.011)


def test_published_numbers_come_with_where_they_stand():
    assert published.number("samples") == ("126", "Semantic Segmentation, Preprocessing")
    assert published.number("threshold")[0] == "45"
    assert "Emma Svensson" in published.study()
