"""What the networks read: evaluations in both frames, then the runs of the page."""

from types import SimpleNamespace

from rojsat.config.pipeline import ListedEvaluation
from rojsat.page import evaluation_report
from rojsat.page.sections import readings
from tests.support import evaluation_reports


def inputs(folder, frames, runs=()):
    """A page with an evaluation a frame, and reports of runs."""
    reports = []
    for frame in frames:
        listed = ListedEvaluation(("exp=unet",), "objects_27", f"U-Net, {frame}")
        content = evaluation_reports.content(frame, listed, 0.2, frame=frame)
        evaluation_reports.leave(folder / "results/evaluations" / frame, **content)
        reports.append(evaluation_report.read(frame, listed, folder))
    return SimpleNamespace(evaluations=reports, reports=lambda: runs)


def test_a_network_that_keeps_its_score_without_channels_reads_the_frame(tmp_path):
    page = inputs(tmp_path, ["window", "box"])
    window, box = readings.SECTION.findings(page)
    assert window.startswith("U-Net, window, 27 objects: ")
    assert "it reads the frame, not the forest" not in window
    assert "it reads the frame, not the forest" in box
    rows = [
        [f"{cell.text} {cell.published}".strip() for cell in row] for row in readings.SECTION.items(page)[0].table.rows
    ]
    assert rows[1] == ["U-Net, box, 27 objects", "R²", "0.20", "0.10", "0.20", "0.10", *PERMUTED, "0.00"]


PERMUTED = ("0.01", "-0.10 worse than the mean")


def test_reports_that_were_not_asked_have_no_row(tmp_path):
    run = SimpleNamespace(name="unet_roi6", command="rojsat run exp=unet_roi6", summary={"test": {}})
    page = inputs(tmp_path, [], [run])
    assert readings.OF_RUNS.items(page) == []
    assert "making it again does" in readings.OF_RUNS.findings(page)[0]
