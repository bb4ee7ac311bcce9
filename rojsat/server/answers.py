"""What the server answers, as types: they are the schemas of its OpenAPI."""

from typing import Any

from pydantic import BaseModel, Field


class Refusal(BaseModel):
    """Why a request is not obeyed."""

    detail: str = Field(description="What is wrong, what is possible and what to do.")


class Health(BaseModel):
    """The server runs."""

    status: str
    version: str = Field(description="Of rojsat.")


class Readiness(BaseModel):
    """The server accepts and does jobs."""

    status: str
    waiting: int = Field(description="Jobs that wait.")
    running: int = Field(description="Jobs that are being done.")


class ModelAnswer(BaseModel):
    """The model that predicts, the same for all requests."""

    identity: str
    card: dict[str, Any] = Field(description="Channels, roles of dates, threshold, window, training months.")
    verdict: str = Field(description="What it reaches on regions that it is not trained on, beside predictors without "
                         "an image.")  # fmt: skip
    sure: str = Field(description="What the intervals of its predictions promise.")
    scenes: list[str] = Field(description="The data set that is predicted.")
    dates: list[str] = Field(description="Days of its scenes; empty where they are searched for each area.")
    extent: list[list[float]] | None = Field(description="Boxes of its scenes, west, south, east, north in degrees.")
    limits: dict[str, int] = Field(description="Of a request and of a job.")


class JobAnswer(BaseModel):
    """A job."""

    id: str
    state: str = Field(description="waiting, running, done or failed.")
    before: int | None = Field(None, description="Jobs that come first; of one that waits or runs.")
    outlines: int
    hectares: float = Field(description="Of the outlines on the ellipsoid.")
    accepted: float = Field(description="Seconds since 1970.")
    ended: float | None = None
    cells_done: int | None = Field(None, description="Parts of the map that are predicted.")
    cells: int | None = Field(None, description="All parts of the map; none until they are known.")
    error: str = Field("", description="Why it failed.")
    files: dict[str, str] = Field(default={}, description="Addresses of what was made, by name of the file.")
    maps: dict[str, str] = Field(default={}, description="Addresses of the TileJSON of its maps.")


class MapList(BaseModel):
    """Maps that have tiles."""

    maps: dict[str, str] = Field(description="Addresses of their TileJSON, by name.")


class LegendEntry(BaseModel):
    """A colour of the tiles."""

    degree: float
    colour: str = Field(description="#rrggbb")
    means: str


class TileJson(BaseModel):
    """TileJSON 3.0.0 of a map, with what it says of its model."""

    tilejson: str = "3.0.0"
    name: str
    attribution: str = Field(description="The run of the model.")
    description: str = Field(description="The verdict on the model.")
    scheme: str = "xyz"
    tiles: list[str]
    bounds: list[float]
    center: list[float]
    minzoom: int
    maxzoom: int
    threshold: float | None = Field(None, description="Degree above which a pixel counts as need.")
    legend: list[LegendEntry]
