"""The application: what it answers to whom, put together from its routes."""

import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from rojsat.server import job_process, job_routes, manual_page, map_routes
from rojsat.server.answers import Health, Readiness, Refusal
from rojsat.server.job_queue import JobQueue, Run
from rojsat.server.job_store import RUNNING, WAITING, JobStore
from rojsat.server.limits import Limits, RefusedError
from rojsat.server.request_size import RequestSize
from rojsat.server.served_model import ServedModel

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine for itself, as clients write them."""

ABOUT = """Predicts which young stands need clearing, and serves maps of it.

Send outlines to `/predict`, ask `/jobs/{id}` until the state is `done`, fetch its files. What the model is worth on
regions that it is not trained on stands at `/model`: read it before you act on a map.
"""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
"""Of all answers: browsers load nothing from elsewhere."""


def build(
    folder: Path,
    model: ServedModel,
    words: Sequence[str],
    limits: Limits,
    *,
    hosts: Sequence[str] = (),
    run: Run = job_process.run,
) -> FastAPI:
    """Put the application together.

    Args:
        folder: of maps and jobs, the only one that is read and written.
        model: that predicts.
        words: of the prediction of each job: model, scenes, options.
        limits: of requests and jobs.
        hosts: names that requests may call this machine by, beside those of `LOOPBACK`.
        run: does a job.
    """
    queue = JobQueue(JobStore(folder), limits, run)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        queue.start()
        yield
        queue.stop()

    application = FastAPI(
        title="rojsat",
        description=ABOUT,
        version=version("rojsat"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        license_info={"name": "MIT"},
    )
    application.add_middleware(RequestSize, most=limits.bytes)
    application.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, *hosts], www_redirect=False)
    application.include_router(job_routes.routes(queue, model, tuple(words)))
    application.include_router(map_routes.routes(folder))
    application.add_exception_handler(RefusedError, _refused)
    application.add_exception_handler(RequestValidationError, _malformed)
    application.add_exception_handler(HTTPException, _http)

    @application.middleware("http")
    async def headers(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers.update(HEADERS)
        return response

    @application.get("/health", tags=["server"], summary="Whether the server runs")
    def health() -> Health:
        """Answers as long as the process lives."""
        return Health(status="ok", version=version("rojsat"))

    @application.get(
        "/ready", tags=["server"], summary="Whether jobs are accepted and done", responses={503: {"model": Refusal}}
    )
    def ready() -> Readiness:
        """503 before the server has started and while it ends."""
        if not queue.is_alive():
            raise RefusedError(503, "jobs are not being done: the server starts or ends, or its disk is full")
        waiting, running = (len(queue.store.of_state(state)) for state in (WAITING, RUNNING))
        return Readiness(status="ready", waiting=waiting, running=running)

    @application.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        root = str(request.base_url).rstrip("/")
        return HTMLResponse(manual_page.page(application.openapi(), model.verdict, root))

    return application


def is_loopback(host: str) -> bool:
    """Whether an address is one of this machine for itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RefusedError)
    return JSONResponse({"detail": error.sentence}, error.status, error.headers)


def _malformed(_: Request, error: Exception) -> JSONResponse:
    """A part of an address that cannot be, in one sentence."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return JSONResponse({"detail": f"{first['loc'][-1]}: {first['msg']}"}, 422)


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    sentence = (
        "there is nothing at this address: /docs lists what there is" if error.status_code == 404 else error.detail
    )
    return JSONResponse({"detail": sentence}, error.status_code, error.headers)
