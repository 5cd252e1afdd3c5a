"""Ends a request for messages when its client disconnects.

MiniStack waits for the rest of WaitTimeSeconds, and hides a message that arrives in the meantime until its visibility
timeout, although nobody receives it. A shutdown would wait for the request too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

RECEIVE = (b"x-amz-target", b"AmazonSQS.ReceiveMessage")

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def ending_with_clients(app: Application) -> Application:
    """Return an application that cancels requests for messages whose clients are gone."""

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or RECEIVE not in scope["headers"]:
            await app(scope, receive, send)
            return
        body = [await receive()]
        while body[-1].get("more_body"):
            body.append(await receive())

        async def received() -> dict[str, Any]:
            return body.pop(0) if body else {"type": "http.disconnect"}

        request = asyncio.ensure_future(app(scope, received, send))
        disconnected = asyncio.ensure_future(receive())
        await asyncio.wait({request, disconnected}, return_when=asyncio.FIRST_COMPLETED)
        disconnected.cancel()
        if request.done():
            await request
        request.cancel()

    return serve
