"""What the sandbox's own browser page asks for. People act through the control API."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from slack_sandbox import company, modals, people, shared_files, views
from slack_sandbox.model import Channel, Json, Message, Person, Team
from slack_sandbox.sandbox import Sandbox

STATIC = Path(__file__).parent / "static"
SHOWN = 200
POLICY = "default-src 'self'; img-src * data:; frame-ancestors 'none'"


class Page:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.page),
            Route("/client/{rest:path}", self.page),
            Route("/_page/teams", self.teams),
            Route("/_page/messages", self.messages),
            Route("/_page/view", self.view),
            Route("/_page/changes", self.changes),
            Route("/_page/files", self.upload, methods=["POST"]),
            Route("/_page/files/{file}", self.file),
        ]

    async def page(self, request: Request) -> Response:
        return FileResponse(
            STATIC / "client.html", headers={"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
        )

    async def teams(self, request: Request) -> Response:
        teams = [self._team(team) for team in self.box.world.teams.values()]
        return JSONResponse(
            {
                "teams": teams,
                "app": self.box.options.app_name,
                "app_url": self.box.options.app_url,
                "commands": [asdict(one) for one in self.box.options.known_commands],
                "shortcuts": [asdict(one) for one in self.box.options.known_shortcuts],
            }
        )

    def _team(self, team: Team) -> Json:
        people = [
            {
                "id": p.id,
                "name": p.shown_name,
                "handle": p.name,
                "title": p.title,
                "image": views.avatar(self.box, p, 72),
                "bot": p.is_bot,
                "presence": p.presence,
                "mark": self._mark(team, p),
            }
            for p in (*team.people.values(), *company.outsiders(self.box, team))
            if not p.deleted
        ]
        channels = [self._channel(channel) for channel in team.channels.values()]
        return {
            "id": team.id,
            "name": team.name,
            "people": people,
            "channels": channels,
            "installed": bool(team.installed),
        }

    def _mark(self, team: Team, person: Person) -> str:
        if person.team != team.id:
            return self.box.world.teams[person.team].name
        return "guest" if person.is_restricted or person.is_ultra_restricted else ""

    @staticmethod
    def _channel(channel: Channel) -> Json:
        return {
            "id": channel.id,
            "name": channel.name,
            "private": channel.is_private,
            "archived": channel.is_archived,
            "im": channel.is_im,
            "im_user": channel.im_user,
            "topic": channel.topic or channel.purpose,
            "members": channel.members,
            "latest": next(reversed(channel.messages), ""),
        }

    async def messages(self, request: Request) -> Response:
        """The newest messages of a channel, or a whole thread, for one person's eyes."""
        asked = request.query_params
        team = self.box.world.teams.get(asked.get("team", ""))
        channel = team.channels.get(asked.get("channel", "")) if team else None
        if team is None or channel is None:
            return JSONResponse({"ok": False, "error": "no such channel"}, 404)
        thread, viewer = asked.get("thread_ts", ""), asked.get("user", "")
        found = [
            m for m in channel.messages.values() if _belongs(m, thread) and m.seen_only_by in ("", viewer)
        ]
        kept = found if thread else found[-SHOWN:]
        return JSONResponse(
            {
                "messages": [views.shown(self.box, team, channel, m) for m in kept],
                "older": len(found) > len(kept),
            }
        )

    async def view(self, request: Request) -> Response:
        """The modal on top, or with `kind=home` the Home tab, for one person's eyes."""
        asked = request.query_params
        team = self.box.world.teams.get(asked.get("team", ""))
        key = (asked.get("team", ""), asked.get("user", ""))
        stack = self.box.views.stacks.get(key, [])
        found = self.box.views.homes.get(key) if asked.get("kind") == "home" else stack[-1] if stack else None
        if team is None or found is None:
            return JSONResponse({"view": None})
        return JSONResponse({"view": views.drawn(team, modals.wire(self.box, found))})

    async def upload(self, request: Request) -> Response:
        """A file that a person has chosen: the raw bytes, its name and who it is in the address.

        Its content type is one that no form of another site can send.
        """
        if request.headers.get("content-type") != "application/octet-stream":
            return JSONResponse({"ok": False, "error": "send application/octet-stream"}, 415)
        content, asked = await request.body(), dict(request.query_params)
        try:
            place = people.place_of(self.box, asked)
        except people.Wrong as problem:
            return JSONResponse({"ok": False, "error": str(problem)}, 400)
        file = shared_files.add(
            self.box, place.team, place.person.id, asked.get("name", "file"), len(content)
        )
        file.complete = True
        self.box.contents.put(file.id, content)
        return JSONResponse({"ok": True, "file": file.id})

    async def file(self, request: Request) -> Response:
        """For the page's own eyes, which need no token. Only pictures are shown in place."""
        wanted = request.path_params["file"]
        team = next((team for team in self.box.world.teams.values() if wanted in team.files), None)
        if team is None or (file := team.files[wanted]).deleted:
            return JSONResponse({"ok": False, "error": "no such file"}, 404)
        raster = file.mimetype in ("image/png", "image/jpeg", "image/gif", "image/webp")
        how = "inline" if raster else f"attachment; filename*=UTF-8''{quote(file.name)}"
        headers = {"Content-Disposition": how, "X-Content-Type-Options": "nosniff"}
        headers["Content-Security-Policy"] = "sandbox"
        return Response(self.box.contents.get(file.id), media_type=file.mimetype, headers=headers)

    async def changes(self, request: Request) -> Response:
        team = request.query_params.get("team", "")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(team), media_type="text/event-stream", headers=headers)

    async def _stream(self, team: str) -> AsyncIterator[str]:
        yield "retry: 1000\n\n"
        async for change in self.box.hub.changes(team):
            yield f"data: {json.dumps(change)}\n\n"


def _belongs(message: Message, thread: str) -> bool:
    if thread:
        return thread in (message.ts, message.thread_ts)
    return not message.is_reply or message.wire.get("subtype") == "thread_broadcast"
