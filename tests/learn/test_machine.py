import pytest
import torch

from rojsat.learn import machine


def test_half_precision_on_a_cpu_without_it_is_refused(monkeypatch):
    monkeypatch.setattr(machine, "_half_precision", lambda: False)
    with pytest.raises(ValueError, match="use 32-true"):
        machine.launch(device="cpu", precision="bf16-mixed")


def test_threads_are_set_in_one_place():
    machine.launch(device="cpu", threads=2)
    assert torch.get_num_threads() == 2


def test_a_seed_starts_everything_anew():
    machine.seed_all(3)
    first = torch.rand(2)
    machine.seed_all(3)
    assert torch.equal(first, torch.rand(2))


def test_a_device_that_is_not_there_or_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="train.device 'cpuu' does not exist. Did you mean 'cpu'"):
        machine.launch(device="cpuu")
    if not torch.backends.mps.is_available():
        with pytest.raises(ValueError, match="train.device=mps: torch finds no such device here"):
            machine.launch(device="mps")
