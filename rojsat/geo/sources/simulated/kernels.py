"""Whether numpy computes with the kernels that every x86 machine draws the same world with."""

import importlib
import warnings

from rojsat import AVX_512


def check() -> None:
    """Warn of a world whose last digits are not those of other machines: numpy was imported before rojsat."""
    has_kernels = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__  # as numpy.show_runtime
    if any(has_kernels.get(name) for name in AVX_512):
        warnings.warn(
            "numpy was imported before rojsat, with its kernels for AVX-512: the simulated world gets other last "
            "digits than on other machines; import rojsat first, or start Python with "
            f"NPY_DISABLE_CPU_FEATURES='{' '.join(AVX_512)}'",
            stacklevel=3,
        )
