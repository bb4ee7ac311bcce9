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


@pytest.mark.parametrize(
    ("precision", "device", "message"),
    [
        ("16-mixed", "cpu", "16-mixed is for GPUs"),
        ("16-true", "cpu", "16-true is for GPUs"),
        ("bf16-true", "cpu", "on this CPU is emulated"),
        ("bf16-mixed", "cuda", r"compute capability 8.0 \(Ampere\) or newer; use 16-mixed or 32-true"),
        ("16-mixed", "cuda", None),
        ("32-true", "cuda", None),
    ],
)
def test_numbers_that_a_device_does_not_multiply_itself_are_refused(monkeypatch, precision, device, message):
    monkeypatch.setattr(machine, "_half_precision", lambda: False)
    monkeypatch.setattr(machine, "_gpu_has_bfloat16", lambda: False)
    if message is None:
        machine._check_precision(precision, torch.device(device))
    else:
        with pytest.raises(ValueError, match=message):
            machine._check_precision(precision, torch.device(device))


def test_more_devices_than_there_are_and_other_strategies_are_refused():
    with pytest.raises(ValueError, match="train.strategy 'dpp' does not exist. Did you mean 'ddp'"):
        machine.prepare(device="cpu", devices=2, strategy="dpp")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="train.device=cuda: torch finds no 2 such devices here"):
            machine.prepare(device="cuda", devices=2)


def test_a_single_process_takes_no_notice_of_what_slurm_has_started(monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", "4")
    monkeypatch.setenv("SLURM_JOB_NAME", "evaluate")
    assert machine.prepare(device="cpu").world_size == 1
