import pytest
import torch

from rojsat.learn.models.segmenters import pixel_net


@pytest.mark.parametrize(
    ("options", "reach"),
    [
        ({"context": 1}, 0),
        ({}, 1),
        ({"context": 5}, 2),
        ({"windows": [9]}, 4),
        ({"windows": [9], "ends": True}, 4),
    ],
)
def test_a_pixel_depends_on_its_surroundings_alone(options, reach):
    torch.manual_seed(0)
    image = torch.randn(1, 3, 23, 17, requires_grad=True)
    pixel_net.build(3, 1, widths=[16], **options).eval()(image)[0, 0, 11, 8].backward()
    rows, columns = image.grad.abs().sum(dim=(0, 1)).nonzero(as_tuple=True)
    assert (rows.min(), rows.max()) == (11 - reach, 11 + reach)
    assert (columns.min(), columns.max()) == (8 - reach, 8 + reach)


def test_dropout_and_batch_normalisation_follow_every_layer():
    network = pixel_net.build(4, 1, widths=[8, 6], dropout=0.3, windows=[5])
    assert [layer.p for layer in network.modules() if isinstance(layer, torch.nn.Dropout)] == [0.3, 0.3]
    features = [layer.num_features for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    assert features == [8, 8, 6]  # of mean and deviation of the four channels, then of the layers


@pytest.mark.parametrize("context", [1, 3, 5])
@pytest.mark.parametrize("options", [{}, {"windows": [3, 9]}, {"windows": [5], "ends": True}])
def test_features_of_single_pixels_give_the_scores_of_the_image(options, context):
    network = pixel_net.build(3, 2, context=context, widths=[16, 8], **options).eval()
    image = torch.randn(2, 3, 23, 17)
    image[:, :, :5] = 0
    features = network.features(image)
    shuffled = torch.randperm(17)
    scores = pixel_net.Scored(network)(features[..., shuffled])
    torch.testing.assert_close(scores, network(image)[..., shuffled])


def test_squares_larger_than_the_image_are_exported_for_any_size():
    network, image = pixel_net.build(3, 1, widths=[8], windows=[5, 51], ends=True).eval(), torch.randn(2, 3, 37, 41)
    sizes = {0: torch.export.Dim("images"), 2: torch.export.Dim("height"), 3: torch.export.Dim("width")}
    exported = torch.export.export(network, (image,), dynamic_shapes={"image": sizes}).module()
    for size in ((1, 3, 23, 90), (3, 3, 60, 7)):
        other = torch.randn(*size)
        torch.testing.assert_close(exported(other), network(other))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"context": 7}, "context is one of 1, 3, 5 pixels, not 7"),
        ({"widths": []}, "widths is a list of channels"),
        ({"widths": [8, 0]}, "widths is a list of channels"),
        ({"dropout": 1}, "dropout is 0 or more and below 1"),
        ({"windows": [6]}, "windows are different odd numbers"),
        ({"ends": True}, "ends=true is of squares"),
    ],
)
def test_what_is_not_possible_is_refused(options, message):
    with pytest.raises(ValueError, match=f"model.options.{message}"):
        pixel_net.build(3, 1, **options)
