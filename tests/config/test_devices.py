import ctypes

import pytest

from rojsat.config import devices


class Driver:
    """NVIDIA's driver, as far as it is asked."""

    def __init__(self, status, count):
        self.status, self.count = status, count

    def cuInit(self, flags):
        return self.status

    def cuDeviceGetCount(self, pointer):
        pointer._obj.value = self.count
        return 0


@pytest.mark.parametrize("status, count, has_gpu", [(0, 1, True), (0, 0, False), (100, 1, False)])
def test_a_gpu_is_there_if_the_driver_says_so(monkeypatch, status, count, has_gpu):
    monkeypatch.setattr(devices, "_torch_build", lambda: {"cuda": "13.2", "hip": None})
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver(status, count))
    assert devices.present("cuda") is devices.present("gpu") is has_gpu


def test_without_driver_or_with_a_torch_for_cpus_there_is_no_gpu(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver(0, 1))
    monkeypatch.setattr(devices, "_torch_build", lambda: {"cuda": None, "hip": None})
    assert not devices.present("cuda")
    monkeypatch.undo()
    monkeypatch.setattr(devices, "_torch_build", lambda: {"cuda": "13.2", "hip": None})
    monkeypatch.setattr(devices, "DRIVER", "libnothing.so")
    assert not devices.present("cuda")
    assert devices.present("auto") and devices.present("cpu")


def test_the_build_of_torch_is_read_without_importing_it():
    assert {"cuda", "hip"} <= set(devices._torch_build())
