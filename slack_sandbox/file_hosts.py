"""What Slack serves beside its Web API: the host that takes uploads and the one that gives files out."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from slack_sandbox import shared_files
from slack_sandbox.api.strikes import after, before
from slack_sandbox.model import File, Json
from slack_sandbox.sandbox import Sandbox

LOGIN = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body><h1>Sign in to {0}</h1></body></html>"


class FileHosts:
    def __init__(self, box: Sandbox) -> None:
        self.box = box

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/upload/v1/{secret}", self.upload, methods=["POST"]),
            Route("/files-pri/{place}/download/{name}", self.download),
            Route("/files-pri/{place}/{name}", self.download),
        ]

    async def upload(self, request: Request) -> Response:
        """Raw bytes or a form's `file`; no token. Exactly as many as were announced, and once."""
        file = self._announced(request.path_params["secret"])
        return await self._struck(
            request, "upload", {"file": file.id if file else ""}, lambda: self._take(request, file)
        )

    def _announced(self, secret: str) -> File | None:
        every = (file for team in self.box.world.teams.values() for file in team.files.values())
        return next((file for file in every if file.secret == secret), None)

    async def _take(self, request: Request, file: File | None) -> Response:
        if file is None or file.uploaded:
            return PlainTextResponse("invalid upload url", 404)
        content = await _content(request)
        if len(content) != file.size:
            return PlainTextResponse(f"{len(content)} bytes came, {file.size} were announced", 400)
        self.box.contents.put(file.id, content)
        file.uploaded = True
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        team_id, _, file_id = request.path_params["place"].partition("-")
        asked = {"file": file_id}
        return await self._struck(request, "download", asked, lambda: self._give(request, team_id, file_id))

    async def _give(self, request: Request, team_id: str, file_id: str) -> Response:
        """Without rights Slack answers 200 and a page to sign in on, or sends there; never 401."""
        team = self.box.world.teams.get(team_id)
        file = team.files.get(file_id) if team else None
        if team is None or file is None or file.deleted or not self._may_see(request, file):
            if self.box.sharing.signs_in_elsewhere:
                return RedirectResponse(f"{self.box.options.origin}/client/{team_id}", 302)
            return HTMLResponse(LOGIN.format(team.name if team else "Slack"))
        headers = {"content-disposition": "attachment", "x-content-type-options": "nosniff"}
        return Response(self.box.contents.get(file.id), media_type=file.mimetype, headers=headers)

    def _may_see(self, request: Request, file: File) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        installation = self.box.world.installation_by_token(token.strip()) if scheme == "Bearer" else None
        return (
            installation is not None
            and installation.active
            and "files:read" in installation.scopes
            and self.box.world.teams[file.team].installed is installation
            and shared_files.is_seen_by(self.box, file, installation.bot_user)
        )

    async def _struck(
        self, request: Request, name: str, asked: Json, work: Callable[[], Awaitable[Response]]
    ) -> Response:
        """One request to a host, noted and struck by faults like a call of the Web API."""
        fault = self.box.faults.draw(name, asked)
        entry = self.box.requests.add(
            method=name, args=asked, answered=None, fault=fault.kind if fault else None, unknown=[]
        )
        spoiled = await before(request, fault) if fault else None
        if spoiled is not None:
            return spoiled
        response = await work()
        entry["answered"] = {"ok": response.status_code == 200, "status": response.status_code}
        return await after(request, fault, response) if fault else response


async def _content(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    form = await request.form()
    found = form.get("file") or form.get("filename")
    return await found.read() if isinstance(found, UploadFile) else b""
