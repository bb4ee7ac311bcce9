"""Values of `tracking.keep_models`: which registered models keep their weights in MLflow."""

ALL = "all"
"""Every one."""

LATEST = "latest"
"""The newest of every run name (`unet_roi6`), and those with an alias."""

ALIASED = "aliased"
"""Those with an alias: the newest of every registered model (`challenger`) and its `champion`."""

NONE = "none"
"""No model is registered."""

VALUES = (ALL, LATEST, ALIASED, NONE)
