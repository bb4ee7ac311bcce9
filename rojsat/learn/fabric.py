"""Lightning Fabric, imported without torchmetrics, of which it only wants the version, for a part that rojsat leaves.

With torchmetrics come scipy.signal, matplotlib and some hundred modules more.
"""

import sys

_ABSENT = "torchmetrics"
_is_new = _ABSENT not in sys.modules
if _is_new:
    sys.modules[_ABSENT] = None  # type: ignore[assignment]  # so Python marks what cannot be imported
try:
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments import LightningEnvironment
    from lightning_fabric.utilities.exceptions import MisconfigurationException
finally:
    if _is_new:
        del sys.modules[_ABSENT]

__all__ = ["Fabric", "LightningEnvironment", "MisconfigurationException"]
