import http.server
import re
import threading
from collections import OrderedDict, defaultdict
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
import segmentation_models_pytorch as smp
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models import ResNet18_Weights, get_model, resnet18, resnet50
from torchvision.models.segmentation import deeplabv3_resnet50, lraspp_mobilenet_v3_large

from rojsat.learn.models import initial_weights, torchvision_segmenter
from rojsat.learn.models.classifiers import resnet
from rojsat.learn.models.initial_weights import Start
from rojsat.learn.models.segmenters import deeplabv3, lraspp, unet, unetplusplus
from rojsat.learn.models.trained_weights import WeightsError


def network(channels=5, outputs=2):
    torch.manual_seed(0)
    return nn.Sequential(
        OrderedDict(stem=nn.Conv2d(channels, 4, 3), body=nn.Conv2d(4, 4, 1), head=nn.Conv2d(4, outputs, 1))
    )


def load(model, weights, downloads=None):
    initial_weights.load(model, Start(weights), downloads or {}, stem="stem.weight", head="head.")


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A web server on this machine that has what is in `served`, and torch's cache in an empty folder."""
    (tmp_path / "served").mkdir()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=tmp_path / "served")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield tmp_path / "served", f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


class Served:
    """Torchvision's weights, from the server."""

    def __init__(self, address):
        self.address = address

    def get_state_dict(self, **_):
        return torch.hub.load_state_dict_from_url(f"{self.address}/resnet18-00000000.pth", progress=False)


def test_imagenet_weights_are_downloaded_and_expanded(server, monkeypatch):
    served, address = server
    torch.save(resnet18().state_dict(), served / "resnet18-00000000.pth")
    monkeypatch.setattr(resnet, "get_model_weights", lambda _: {"IMAGENET1K_V1": Served(address)})
    trained = torch.load(served / "resnet18-00000000.pth", weights_only=True)
    model = resnet.build(10, 2, start=Start("imagenet"))
    assert torch.equal(model.conv1.weight[:, :3], trained["conv1.weight"])
    assert torch.equal(model.layer4[0].conv1.weight, trained["layer4.0.conv1.weight"])
    assert model.fc.weight.shape == (2, 512)


def test_a_failed_download_says_what_failed_and_what_can_be_done(server, monkeypatch):
    _, address = server
    monkeypatch.setattr(resnet, "get_model_weights", lambda _: {"IMAGENET1K_V1": Served(address)})
    with pytest.raises(WeightsError) as caught:
        resnet.build(10, 2, start=Start("imagenet"))
    for words in ("imagenet", "404", "model.weights=null", "model.weights=<file>", "cache"):
        assert words in str(caught.value)


def test_a_failed_download_of_the_unet_says_so_too(monkeypatch):
    def unreachable(*_, **__):
        raise ConnectionError("no route to host")

    monkeypatch.setattr("segmentation_models_pytorch.encoders.hf_hub_download", unreachable)
    with pytest.raises(WeightsError, match="model.weights=null"):
        unet.build(13, 1, start=Start("imagenet"), encoder="resnet18")


def test_the_name_of_the_weights_of_the_study_is_that_of_torchvision():
    assert ResNet18_Weights.IMAGENET1K_V1.get_state_dict


def test_a_head_of_another_shape_keeps_its_random_initialisation(tmp_path):
    trained, model = network(outputs=9), network(outputs=2)
    torch.save(trained.state_dict(), tmp_path / "w.pt")
    before = model.head.weight.clone()
    load(model, str(tmp_path / "w.pt"))
    assert torch.equal(model.body.weight, trained.body.weight)
    assert torch.equal(model.head.weight, before)


def test_a_checkpoint_of_training_serves_as_well(tmp_path):
    trained, model = network(), network()
    nn.init.zeros_(trained.body.weight)
    torch.save({"model": trained.state_dict(), "history": []}, tmp_path / "last.pt")
    load(model, str(tmp_path / "last.pt"))
    assert (model.body.weight == 0).all()


def test_weights_of_another_network_are_refused(tmp_path):
    torch.save(nn.Linear(3, 3).state_dict(), tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="another network"):
        load(network(), str(tmp_path / "w.pt"))


def test_weights_for_another_number_of_channels_are_refused(tmp_path):
    torch.save(network(channels=7).state_dict(), tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="another shape"):
        load(network(), str(tmp_path / "w.pt"))


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}])
def test_a_file_without_tensors_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="state dict"):
        load(network(), str(tmp_path / "w.pt"))


def test_a_file_that_torch_cannot_read_is_refused(tmp_path):
    (tmp_path / "w.pt").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="no plain tensors"):
        load(network(), str(tmp_path / "w.pt"))


class Planted:
    """A pickle that makes a file when it is loaded."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def test_a_file_that_holds_code_is_refused_and_the_code_does_not_run(tmp_path):
    torch.save({"a": Planted(tmp_path / "marker")}, tmp_path / "w.pt")
    with pytest.raises(WeightsError, match="no plain tensors"):
        load(network(), str(tmp_path / "w.pt"))
    assert not (tmp_path / "marker").exists()


def test_a_missing_file_and_a_mistyped_name_have_different_errors():
    with pytest.raises(WeightsError, match="no such file"):
        load(network(), "nowhere.pt")
    with pytest.raises(ValueError, match="Did you mean 'imagenet'"):
        load(network(), "imagnet", {"imagenet": dict})


def test_missing_weights_of_the_unet_name_the_cache_that_is_read(tmp_path, monkeypatch):
    asked = []

    def unreachable(repository, filename, revision):
        asked.append(huggingface_hub.try_to_load_from_cache(repository, filename, cache_dir=cache))
        raise ConnectionError("no route to host")

    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setattr("segmentation_models_pytorch.encoders.hf_hub_download", unreachable)
    with pytest.raises(WeightsError) as caught:
        unet.build(13, 1, start=Start("imagenet"), encoder="resnet18")
    named = Path(re.search(rf"{re.escape(str(cache))}\S+", str(caught.value))[0].rstrip("."))
    (named / "refs").mkdir(parents=True)
    revision = "3f2325ff978283d47aa6a1d6878ca20565622683"
    (named / "snapshots" / revision).mkdir(parents=True)
    (named / "refs" / "main").write_text(revision)
    (named / "snapshots" / revision / "config.json").write_text("{}")
    with pytest.raises(WeightsError):
        unet.build(13, 1, start=Start("imagenet"), encoder="resnet18")
    assert asked[0] is None
    assert asked[1] == str(named / "snapshots" / revision / "config.json")
    assert "torch's cache" not in str(caught.value)


@pytest.mark.slow
def test_weights_come_from_a_mirror_of_hugging_face_and_later_from_the_cache(tmp_path, monkeypatch):
    encoder = smp.encoders.get_encoder("resnet18", weights=None)
    settings = smp.encoders.encoders["resnet18"]["pretrained_settings"]["imagenet"]
    save_file(encoder.state_dict(), tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text("{}")
    asked = []

    class Mirror(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append(self.path)
            content = (tmp_path / Path(self.path).name).read_bytes()
            self.send_response(200)
            facts = {"X-Repo-Commit": settings["revision"], "ETag": f'"{len(content)}"', "Content-Length": len(content)}
            for name, value in facts.items():
                self.send_header(name, str(value))
            self.end_headers()
            return content

        def do_GET(self):
            self.wfile.write(self.do_HEAD())

        def log_message(self, *_):
            pass

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror) as running:
        from_mirror = partial(huggingface_hub.hf_hub_download, endpoint=f"http://127.0.0.1:{running.server_port}")
        monkeypatch.setattr("segmentation_models_pytorch.encoders.hf_hub_download", from_mirror)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        downloaded = unet.build(3, 1, start=Start("imagenet"), encoder="resnet18")
        running.shutdown()
    assert any(path.startswith(f"/{settings['repo_id']}/") for path in asked)
    count = len(asked)
    cached = unet.build(3, 1, start=Start("imagenet"), encoder="resnet18")
    assert len(asked) == count
    for network in (downloaded, cached):
        assert torch.equal(network.encoder.conv1.weight, encoder.conv1.weight)


def weights_of(network, path, prefix=""):
    """Save a state dict of torchvision's; gives the weights of its first layer."""
    torch.save(network.state_dict(), path)
    return next(weight for key, weight in network.state_dict().items() if key.startswith(prefix))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "prefix", "build", "stem", "random"),
    [
        (
            lambda: deeplabv3_resnet50(weights=None, weights_backbone=None, aux_loss=True),
            "backbone.",
            lambda start: deeplabv3.build(5, 1, start=start),
            "network.backbone.conv1.weight",
            r"1 layers begin at random \(network.classifier.4",
        ),
        (
            lambda: lraspp_mobilenet_v3_large(weights=None, weights_backbone=None),
            "backbone.",
            lambda start: lraspp.build(5, 1, start=start),
            "network.backbone.0.0.weight",
            r"2 layers begin at random \(network.classifier.high_classifier",
        ),
        (
            resnet50,
            "",
            lambda start: deeplabv3.build(5, 1, start=start),
            "network.backbone.conv1.weight",
            r"begin at random \(network.classifier.0.*not used: fc",
        ),
        (
            resnet18,
            "",
            lambda start: unet.build(5, 1, start=start, encoder="resnet18"),
            "encoder.conv1.weight",
            r"torchvision's resnet18, gives .* begin at random \(decoder.*not used: fc",
        ),
        (
            resnet18,
            "",
            lambda start: unet.build(5, 1, start=start, encoder="resnet18", depth=3),
            "encoder.conv1.weight",
            "not used: fc, layer3, layer4",
        ),
    ],
)
def test_the_own_files_of_torchvision_are_read_and_what_was_loaded_is_reported(
    tmp_path, caplog, source, prefix, build, stem, random
):
    caplog.set_level("INFO", logger="rojsat")
    first = weights_of(source(), tmp_path / "own.pth", prefix)
    built = build(Start(str(tmp_path / "own.pth"))).state_dict()
    assert torch.equal(built[stem][:, :3], first)
    assert re.search(random, caplog.text)
    assert torch.isfinite(built[stem]).all()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "first"), [("resnet50", "conv1"), ("mobilenet_v3_large", "features.0.0")])
def test_imagenet_is_the_backbone_alone(name, first, monkeypatch):
    trained = get_model(name).state_dict()
    source = SimpleNamespace(get_state_dict=lambda **_: trained)
    monkeypatch.setattr(torchvision_segmenter, "get_model_weights", lambda _: defaultdict(lambda: source))
    state = deeplabv3.build(5, 1, backbone=name, start=Start("imagenet")).state_dict()
    stem = next(key for key in state if key.startswith("network.backbone."))
    assert torch.equal(state[stem][:, :3], trained[f"{first}.weight"])
    kept = {f"network.backbone.{key.removeprefix('features.')}": value for key, value in trained.items()}
    assert all(torch.equal(state[key], kept[key]) for key in state if "backbone" in key and key != stem)


def test_the_file_of_another_encoder_is_refused(tmp_path):
    weights_of(resnet18(), tmp_path / "own.pth")
    with pytest.raises(WeightsError, match="another network"):
        unet.build(5, 1, start=Start(str(tmp_path / "own.pth")), encoder="resnet34")


@pytest.mark.parametrize(("name", "prefix"), [("whole", ""), ("encoder", "encoder."), ("bare", "")])
def test_a_file_of_the_encoder_or_of_segmentation_models_pytorch_is_read(tmp_path, name, prefix):
    trained, sentences = smp.Unet("resnet18", encoder_weights=None, in_channels=5), []
    state = trained.state_dict() if name == "whole" else trained.encoder.state_dict(prefix=prefix)
    torch.save(state, tmp_path / "own.pth")
    start = Start(str(tmp_path / "own.pth"), report=sentences.append)
    for build, outer in ((unet.build, ""), (unetplusplus.build, "network.")):
        if name == "whole" and build is unetplusplus.build:
            with pytest.raises(WeightsError, match="another network"):  # another decoder
                build(5, 1, start=start, encoder="resnet18")
            continue
        loaded = build(5, 1, start=start, encoder="resnet18").state_dict()
        assert torch.equal(loaded[f"{outer}encoder.layer4.0.conv1.weight"], trained.encoder.layer4[0].conv1.weight)
        assert ("begin at random" in sentences[-1]) == (name != "whole")


def test_a_file_for_other_channels_is_put_on_them_by_the_bands_named_beside_it(tmp_path):
    trained, sentences = smp.Unet("resnet18", encoder_weights=None, in_channels=2), []
    torch.save(trained.encoder.state_dict(), tmp_path / "own.pth")
    start = Start(str(tmp_path / "own.pth"), "by_band", ("B04", "ndvi", "B08"), sentences.append)
    with pytest.raises(WeightsError, match=r"name the bands in <file>\.yaml"):
        unet.build(3, 1, start=start, encoder="resnet18")
    entry = "{source: a test, date: '2026', licence: MIT, loads: encoder, bands: [B08, B04]}"
    (tmp_path / "own.yaml").write_text(entry)
    loaded = unet.build(3, 1, start=start, encoder="resnet18").encoder.conv1.weight
    assert torch.equal(loaded[:, [2, 0]], trained.encoder.conv1.weight)
    assert (loaded[:, 1] == 0).all()
    assert "2 of 3 channels have weights of bands: B04, B08, others begin at zero" in sentences[0]


def test_the_random_twin_differs_in_what_was_loaded_alone():
    def built(weights):
        torch.manual_seed(0)
        start = Start(weights, "by_band", ("tci.r", "tci.g", "tci.b"))
        return unet.build(3, 1, start=start, encoder="tu-tf_efficientnet_lite0").state_dict()

    trained, twin = built("efficientnet_lite0"), built(None)
    assert trained.keys() == twin.keys()
    decoder = [key for key in twin if not key.startswith("network.encoder.")]
    assert all(torch.equal(trained[key], twin[key]) for key in decoder)
    assert not torch.equal(
        trained["network.encoder.model.conv_stem.weight"], twin["network.encoder.model.conv_stem.weight"]
    )
