"""The protocol: requests of a client, answered by the tools."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import sys
from contextlib import suppress
from typing import Any

import anyio
from attrs import define
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from mcp import MCPError
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.types import (
    INVALID_PARAMS,
    BlobResourceContents,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    Tool,
)

from imagekit import Charged, ImagekitError, Result, UsageError, __version__
from imagekit.tools import is_only_words
from imagekit_mcp import schemas, tools
from imagekit_mcp.answers import refusal
from imagekit_mcp.calls import Told, come_of
from imagekit_mcp.history import history
from imagekit_mcp.opening import Studio

__all__ = ["serve"]

log = logging.getLogger("imagekit.mcp")

Context = ServerRequestContext[Any, Any]
#: Seconds of silence after which a client is told that a call goes on, before it gives up.
HEARTBEAT = 10.0
MOST_LISTED = 100


@define(eq=False)
class Desk:
    """Answers a client.

    Attributes:
        tools: those that are offered, by name.
        allow_native: whether callers may say what nobody checks.
    """

    studio: Studio
    tools: dict[str, Tool]
    allow_native: bool

    async def list_tools(
        self, ctx: Context, params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[*self.tools.values()])

    async def call_tool(self, ctx: Context, params: CallToolRequestParams) -> CallToolResult:
        arguments = params.arguments or {}
        try:
            self._check(params.name, arguments)
            return await self._answer(ctx, params.name, arguments)
        except ImagekitError as error:
            return refusal(error)
        except MCPError:
            raise
        except Exception as error:
            log.exception("%s failed", params.name)
            what = f"{params.name} is broken here: {type(error).__name__}; its log says more"
            return refusal(ImagekitError(what, charged=Charged.MAYBE))

    def _check(self, name: str, arguments: dict[str, Any]) -> None:
        if name not in self.tools:
            raise MCPError(INVALID_PARAMS, f"there is no tool {name!r:.100}")
        found = Draft202012Validator(self.tools[name].input_schema).iter_errors(arguments)
        wrong = [f"{'.'.join(map(str, one.path)) or name}: {one.message:.300}" for one in found]
        if wrong:
            raise UsageError("; ".join(wrong[:5]))
        if not self.allow_native and not is_only_words(arguments.get("options")):
            raise UsageError(
                "options are numbers and plain words here, and name no address: what a host would "
                "send there is for its user to say"
            )

    async def _answer(self, ctx: Context, name: str, given: dict[str, Any]) -> CallToolResult:
        in_thread, studio = anyio.to_thread.run_sync, self.studio
        match name:
            case "plan":
                return await in_thread(tools.plan, studio, given)
            case "models":
                return await in_thread(tools.list_models, studio, given.get("model"))
            case "history":
                return await in_thread(history, studio, given.get("limit", 10))
        call = await in_thread(tools.asked, studio, given)
        trouble: ImagekitError | None = None
        try:
            result = await self._made(ctx, call)
        except ImagekitError as error:
            if call.result is None or not studio.gallery.saved(call.result):
                raise
            result, trouble = call.result, error
        return await in_thread(tools.told, studio, result, given.get("preview", True), trouble)

    async def _made(self, ctx: Context, call: Told) -> Result:
        """Its result, and meanwhile what happens to it, to whoever wants to hear that."""
        loop, heard = asyncio.get_running_loop(), asyncio.Queue[str | None]()

        def hear(words: str | None) -> None:
            with suppress(RuntimeError):  # the loop has ended, and the call goes on
                loop.call_soon_threadsafe(heard.put_nowait, words)

        call.hear = hear
        future = self.studio.calls.begin(call)
        future.add_done_callback(lambda _: hear(None))
        try:
            await self._report(ctx, heard)
        except BaseException:  # cancelled, or the client is gone
            self.studio.calls.leave(call, future)
            log.warning("nobody waits for %s any more; what is paid for is saved", call.id)
            raise
        return come_of(future)

    async def _report(self, ctx: Context, heard: asyncio.Queue[str | None]) -> None:
        """Until all is said."""
        step = 0
        words: str | None = "it has begun"
        while words is not None:
            step += 1
            await ctx.session.report_progress(step, message=words)
            try:
                async with asyncio.timeout(HEARTBEAT):
                    words = await heard.get()
            except TimeoutError:
                words = "it goes on"

    async def list_resources(
        self, ctx: Context, params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        newest = self.studio.gallery.newest(MOST_LISTED)
        return ListResourcesResult(
            resources=[Resource(uri=path.as_uri(), name=path.name) for path in newest]
        )

    async def read_resource(
        self, ctx: Context, params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        try:
            image = await anyio.to_thread.run_sync(self.studio.gallery.read, params.uri)
        except UsageError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None
        blob = base64.b64encode(image.read()).decode("ascii")
        contents = BlobResourceContents(uri=params.uri, mime_type=image.media_type, blob=blob)
        return ReadResourceResult(contents=[contents])


def serve(studio: Studio, allow_native: bool) -> None:
    """Until the client closes stdin. The log goes to stderr."""
    budget = studio.client.config.client_budget
    offered = schemas.tools(str(budget) if budget and budget.amount else None, allow_native)
    desk = Desk(studio, {tool.name: tool for tool in offered}, allow_native)
    server = Server[Any](
        "imagekit",
        version=__version__,
        instructions="Makes pictures and saves them as files. Look at `models` and `plan` first.",
        on_list_tools=desk.list_tools,
        on_call_tool=desk.call_tool,
        on_list_resources=desk.list_resources,
        on_read_resource=desk.read_resource,
    )
    anyio.run(_run, server, studio)


async def _run(server: Server[Any], studio: Studio) -> None:
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_end_on_signal, studio)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
        tasks.cancel_scope.cancel()


async def _end_on_signal(studio: Studio) -> None:
    """SIGTERM or Ctrl-C: send nothing more, and end when what is under way is saved; at once at
    the second. The thread that reads stdin would wait for another line, so it is not asked."""
    if sys.platform == "win32":
        return
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        await anext(signals)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_finish, studio)
            os._exit(128 + await anext(signals))


async def _finish(studio: Studio) -> None:
    await anyio.to_thread.run_sync(studio.calls.close)
    studio.journal.close()
    os._exit(0)
