import pytest
import torch

from rojsat.learn import compiler
from tests.learn.test_training import begin, untimed
from tests.support.learning import samples


def missing(*_, **__):
    raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found\nand more")


def test_without_a_compiler_the_reason_and_the_way_out_are_named(monkeypatch):
    monkeypatch.setattr(torch, "compile", missing)
    with pytest.raises(ValueError, match=r"a C\+\+ compiler .* fails here: InvalidCxx.* found; train.compile=false"):
        compiler.check(torch.device("cpu"))


@pytest.mark.slow
def test_compiled_steps_learn_as_others_and_go_on_with_the_same_bits(tmp_path):
    compiler.check(torch.device("cpu"))
    plain = torch.nn.Conv2d(3, 1, 1)
    start = {name: value.clone() for name, value in plain.state_dict().items()}

    def history(folder, compiled, epochs=None):
        plain.load_state_dict(start)
        way = begin(folder, model=plain, train=samples(), epochs=2, compiled=compiled)
        return untimed([next(way)] if epochs == 1 else way)

    compiled = history(tmp_path / "compiled", True)
    for own, other in zip(compiled, history(tmp_path / "eager", False), strict=True):
        assert own.metrics == pytest.approx(other.metrics, rel=1e-4)
    history(tmp_path / "parts", True, epochs=1)
    assert history(tmp_path / "parts", True) == compiled
