"""Routes of predictions: an area in, a job out; its state, its files."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from rojsat.server import map_files, requested_areas
from rojsat.server.answers import JobAnswer, ModelAnswer, Refusal
from rojsat.server.job_queue import RETRY_AFTER, JobQueue
from rojsat.server.job_store import DONE, PredictionJob
from rojsat.server.limits import RefusedError
from rojsat.server.map_routes import tilejson_address
from rojsat.server.served_model import ServedModel

TYPES = ("application/json", "application/geo+json")
"""Of the content of a request. Pages of other sites cannot send these without asking, and are not allowed to."""

JobId = Annotated[str, InPath(description="As /predict gives it.", pattern="^[0-9a-f]{32}$")]

NO_JOB: dict[int | str, dict[str, Any]] = {404: {"model": Refusal}, 422: {"model": Refusal}}
STATUSES: dict[int | str, dict[str, Any]] = {
    413: {"model": Refusal, "description": "Too large: bytes, outlines, vertices, hectares or kilometres"},
    415: {"model": Refusal, "description": "No JSON, or compressed"},
    422: {"model": Refusal, "description": "Malformed, or no scene covers it"},
    429: {
        "model": Refusal,
        "description": "Too many jobs wait",
        "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": f"Seconds, {RETRY_AFTER}"}},
    },
    507: {"model": Refusal, "description": "The disk of the server is full"},
}


def routes(queue: JobQueue, model: ServedModel, words: tuple[str, ...]) -> APIRouter:
    """The routes of the jobs.

    Args:
        queue: that does them.
        model: that predicts.
        words: of the prediction of each job.
    """
    router = APIRouter(tags=["predictions"])

    @router.get("/model", summary="What predicts, and what it is worth", response_model=ModelAnswer)
    def of_model() -> dict[str, Any]:
        """The model card, the verdict of its evaluation, the scenes that it is applied to, and the limits."""
        facts = asdict(model)
        return {**facts, "limits": asdict(queue.limits)}

    @router.post(
        "/predict",
        status_code=202,
        summary="Predict an area",
        responses=STATUSES,
        openapi_extra={
            "requestBody": {"required": True, "content": {name: {"schema": requested_areas.schema()} for name in TYPES}}
        },
    )
    async def predict(request: Request, response: Response) -> JobAnswer:
        """Accept the outlines of stands as a job.

        GeoJSON in WGS 84: a FeatureCollection, a Feature or a geometry, of polygons. An accepted job is on the disk and
        is done whatever happens to the server. Ask /jobs/{id} for its state.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in TYPES:
            raise RefusedError(415, f"content-type: {kind[:80] or 'none'}; send one of {', '.join(TYPES)}")
        content = await request.body()
        area = await run_in_threadpool(requested_areas.check, content, queue.limits, model.extent)
        job = await run_in_threadpool(queue.accept, area, words)
        response.headers["Location"] = f"/jobs/{job.id}"
        return _answer(request, queue, job)

    @router.get("/jobs/{job_id}", summary="The state of a job", responses=NO_JOB)
    def state(request: Request, job_id: JobId) -> JobAnswer:
        """How far a job is; once it is done, its files and maps."""
        return _answer(request, queue, _job(queue, job_id))

    @router.get(
        "/jobs/{job_id}/files/{name}",
        summary="A file of a job",
        response_class=FileResponse,
        responses={200: {"description": "The file"}, **NO_JOB},
    )
    def file(job_id: JobId, name: str) -> FileResponse:
        """The list of stands, the map, the summary: those that the job lists."""
        results = _results(queue, _job(queue, job_id))
        if name not in results:
            raise RefusedError(404, f"the job has no file {name[:100]!r}; it has: {', '.join(results) or 'none yet'}")
        return FileResponse(results[name], filename=name, content_disposition_type="attachment")

    return router


def _job(queue: JobQueue, job_id: str) -> PredictionJob:
    job = queue.store.get(job_id)
    if job is None:
        raise RefusedError(404, f"there is no job {job_id}: it never was, or it ended long ago and was deleted")
    return job


def _results(queue: JobQueue, job: PredictionJob) -> dict[str, Path]:
    """The files of a job that are served, by name; none before it is done."""
    return map_files.results(queue.store.folder(job.id) / map_files.MAP) if job.state == DONE else {}


def _answer(request: Request, queue: JobQueue, job: PredictionJob) -> JobAnswer:
    folder, root = queue.store.folder(job.id) / map_files.MAP, str(request.base_url).rstrip("/")
    rasters = map_files.rasters(folder, job.id) if job.state == DONE else {}
    cells_done, cells = _cells(folder)
    return JobAnswer(
        id=job.id,
        state=job.state,
        before=queue.position(job),
        outlines=job.outlines,
        hectares=job.hectares,
        accepted=job.accepted,
        ended=job.ended,
        cells_done=cells_done,
        cells=cells,
        error=job.error,
        files={name: f"{root}/jobs/{job.id}/files/{name}" for name in _results(queue, job)},
        maps={name: tilejson_address(request, name) for name in rasters},
    )


def _cells(folder: Path) -> tuple[int | None, int | None]:
    """How many parts of a map are predicted, and of how many; none where that is not known yet."""
    try:
        total = int(json.loads((folder / "map.json").read_text())["cells"])
    except (OSError, ValueError, KeyError):
        return None, None
    return sum(1 for path in (folder / "cells").glob("*.npz") if not path.name.startswith(".")), total
