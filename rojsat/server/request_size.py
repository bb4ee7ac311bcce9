"""Counts what a request sends, whatever it announces, before anything of it is unpacked or parsed."""

import asyncio
import json
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = 20.0
"""That the content of a request may take."""


class RequestSize:
    """Middleware that answers 411, 413, 415 or 408 instead of the application.

    Content is read here, completely, and handed on: so many bytes are held at most. Compressed content is refused and
    never unpacked. A content that is shorter or longer than it announces ends the connection in the server below.

    Args:
        application: what answers.
        most: bytes of a content.
        seconds: that it may take.
    """

    def __init__(self, application: ASGIApp, most: int, seconds: float = SECONDS) -> None:
        self.application, self.most, self.seconds = application, most, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._announced(headers)
        if refusal is None:
            try:
                content = await asyncio.wait_for(self._read(receive), self.seconds)
            except TimeoutError:
                refusal = 408, f"the content did not arrive within {self.seconds:g} s"
            else:
                refusal = None if content is not None else self._too_large()
        if refusal is not None:
            await _answer(send, *refusal)
            return
        assert content is not None
        messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self.application(scope, replay, send)

    def _announced(self, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """Status and sentence, if the headers show already that the content is not read."""
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            return 415, f"content-encoding: {headers['content-encoding'][:40]}: send the content as it is, uncompressed"
        length = headers.get("content-length", "0")
        if length.isdecimal() and (len(length) > 15 or int(length) > self.most):
            return self._too_large()
        return None

    def _too_large(self) -> tuple[int, str]:
        return 413, f"a request has at most {self.most:,} bytes: send fewer outlines, or with fewer vertices"

    async def _read(self, receive: Receive) -> bytes | None:
        """The content; None if it is too large. Of a client that has gone, nothing."""
        parts, length = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b""
            part = message.get("body", b"")
            length += len(part)
            if length > self.most:
                return None
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers.append((b"connection", b"close"))  # what is left of the content is not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
