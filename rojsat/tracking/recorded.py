"""What the store says of a run that is over. Only reads; `recorder` writes."""

from rojsat.tracking import recorder
from rojsat.tracking.delivery import mlflow


def tags(run_id: str) -> dict[str, str]:
    """The tags of a run.

    Raises:
        ValueError: if the store does not hold it.
    """
    run = recorder.find(run_id)
    return dict(mlflow.get_run(run.id).data.tags)
