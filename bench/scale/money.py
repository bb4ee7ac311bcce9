"""What a country costs, at stated prices."""

from collections.abc import Mapping
from typing import Any

from bench.scale import workload

ARCHIVE = "images, if the archive is in another cloud"
"""The last row: what need not be paid where machines stand beside the archive."""


def rows(of: Mapping[str, float]) -> list[dict[str, Any]]:
    """What is used, its price and the cost of it: `what`, `amount`, `unit`, `EUR`."""
    core_hours = workload.core_hours(of)
    networks = workload.network_core_hours(of)
    gpu, rest = networks / of["gpu_cores"], core_hours - networks
    objects = workload.objects(of) / 1000
    read_again = workload.objects_of_an_epoch(of) / 1000 * of["epochs"] * workload.trainings(of)
    stored, maps = workload.store_gb(of), workload.map_gb(of)
    read = workload.products(of) * of["product_gb"]
    return [
        _row("computing, cores alone", core_hours, "core hours", core_hours * of["price_core_hour"]),
        _row("or: networks on GPUs", gpu, "GPU hours", gpu * of["price_gpu_hour"]),
        _row("and the rest on cores", rest, "core hours", rest * of["price_core_hour"]),
        _row("chips kept", stored * of["months"], "GB months", stored * of["months"] * of["price_gb_month"]),
        _row("objects written", objects, "thousand", objects * of["price_put_thousand"]),
        _row("objects read by trainings", read_again, "thousand", read_again * of["price_get_thousand"]),
        _row("maps sent out", maps, "GB", maps * of["price_egress_gb"]),
        _row(ARCHIVE, read, "GB", read * of["price_egress_gb"]),
    ]


def total(of: Mapping[str, float]) -> float:
    """EUR of cores, chips kept and maps sent out, beside the archive."""
    on_gpus = ("or: networks on GPUs", "and the rest on cores", ARCHIVE)
    return float(sum(row["EUR"] for row in rows(of) if row["what"] not in on_gpus))


def _row(what: str, amount: float, unit: str, euros: float) -> dict[str, Any]:
    return {"what": what, "amount": amount, "unit": unit, "EUR": euros}
