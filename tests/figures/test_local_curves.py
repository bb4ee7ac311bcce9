from rojsat.figures import local_curves


def test_the_model_has_a_band_and_stands_beside_predictors_without_an_image():
    def point(count, value):
        ends = {"value": value, "low": value - 0.1, "high": value + 0.1}
        return {"count": count, "metrics": {"model": {"accuracy": ends}, "local": {"accuracy": {"value": 0.6}}}}

    points = [point(count, value) for count, value in ((0, 0.6), (5, 0.7), (20, 0.8))]
    labels = {"model": "the model", "local": "majority of the local labels"}
    figure = local_curves.local_curves(points, {"accuracy": "accuracy"}, labels)
    (axes,) = figure.axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "5", "20"]
    assert [line.get_label() for line in axes.lines] == list(labels.values())
    assert list(axes.lines[0].get_ydata()) == [0.6, 0.7, 0.8] and len(axes.collections) == 1
