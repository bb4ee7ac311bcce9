from rojsat.figures import slopes
from rojsat.figures.slopes import Slope


def test_a_network_has_a_plot_and_a_region_a_line_with_its_label_apart_from_others():
    lines = [Slope("U-Net", "region 6", 0.3, -0.1), Slope("U-Net", "region 7", 0.4, -0.1), Slope("DLv3", "8", 0, 0.2)]
    figure = slopes.slopes(lines, ("before", "after"), "R²", "the mean")
    unet, deeplab = figure.axes
    assert [axes.get_title() for axes in figure.axes] == ["U-Net", "DLv3"]
    assert unet.get_ylim() == deeplab.get_ylim()
    heights = {text.get_text(): text.xy[1] for text in unet.texts}
    assert heights["region 7"] - heights["region 6"] > 0.03
    assert figure.get_suptitle() == "dashed: the mean"
