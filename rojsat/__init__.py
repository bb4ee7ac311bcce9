"""rojsat learns where young forest needs clearing from Sentinel-2 images."""

import os

# Every x86 machine draws the same bytes of the simulated world: of exp, sin and others numpy's kernels for AVX-512 give
# other last digits than those for AVX2. numpy (2.4, whose names these are) reads this once, when it is imported.
AVX_512 = ("X86_V4", "AVX512_ICL", "AVX512_SPR")
os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", " ".join(AVX_512))
