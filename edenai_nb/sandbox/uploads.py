"""The file store of the sandbox: `/v3/upload` (contract, section 5). The files' contents are not kept."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import checks
from .bodies import DELETION, UPLOAD
from .record import Request
from .refusals import detail, openai, unprocessable
from .script import Script
from .shapes import Problem, Wrong

MAX_FILE_BYTES = 100 * 1024 * 1024
EXECUTABLE = ("application/x-msdownload", "application/x-executable", "application/x-sh")
_ADDRESS = re.compile(r"(?:https?|data):", re.IGNORECASE)
MAX_FILES = 1000  # kept; the oldest are dropped


class Uploads:
    """Files by id, in memory."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, Any]] = {}

    def add(self, request: Request) -> Script:
        """Store a file and answer with its entry, or refuse the form."""
        if not request.files:
            return unprocessable([Problem(("file",), "Field required", "missing")])
        try:
            form = UPLOAD.read(request.form, ())
        except Wrong as wrong:
            return unprocessable(wrong.problems)
        file = request.files[0]
        if file.size > MAX_FILE_BYTES:
            return detail(413, "File too large")
        if file.mimetype in EXECUTABLE:
            return detail(415, f"Unsupported file type: {file.mimetype}")
        entry = {
            "file_id": str(uuid.uuid4()),
            "file_name": file.name,
            "file_size": file.size,
            "file_mimetype": file.mimetype,
            "purpose": form.get("purpose", "general"),
            "metadata": {},
            "created_at": _stamp(0),
            "expires_at": _stamp(form.get("expires_in_days", 30)),
        }
        self._files[str(entry["file_id"])] = entry
        if len(self._files) > MAX_FILES:
            del self._files[next(iter(self._files))]
        return Script.json(entry)

    def refused(self, body: Mapping[str, Any]) -> Script | None:
        """404 for a question about a file that is not (or no longer) here; addresses are not looked at."""
        for id in _asked_about(body["messages"]):
            if id not in self._files and not _ADDRESS.match(id):
                return openai(404, f"File not found: {id}", "invalid_request_error", "file_not_found", "messages")
        return None

    def drop(self) -> None:
        """Lose all files, before they expire."""
        self._files.clear()

    def list(self, request: Request) -> Script:
        """One page of the files, newest first."""
        purpose = request.query.get("purpose")
        items = [entry for entry in reversed(self._files.values()) if purpose in (None, entry["purpose"])]
        page, limit = _number(request.query, "page", 1), _number(request.query, "limit", 100)
        return Script.json(
            {
                "items": items[(page - 1) * limit : page * limit],
                "total": len(items),
                "page": page,
                "limit": limit,
                "total_pages": -(-len(items) // limit),
            }
        )

    def delete(self, request: Request) -> Script:
        """Delete the ids in the body (`POST /upload/delete`), or all files (`DELETE /upload`)."""
        body = {"file_ids": list(self._files)} if request.method == "DELETE" else checks.read(DELETION, request)
        if isinstance(body, Script):
            return body
        ids = body["file_ids"]
        return Script.json({"deleted_count": sum(self._files.pop(id, None) is not None for id in ids)})


def _asked_about(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    contents = [message.get("content") for message in messages]
    for part in (part for content in contents if isinstance(content, list) for part in content):
        if part["type"] == "file" and "file_id" in part["file"]:
            yield part["file"]["file_id"]


def _number(fields: Mapping[str, str], name: str, default: int) -> int:
    text = fields.get(name, "")
    return min(max(int(text), 1), 1000) if text.isascii() and text.isdigit() else default


def _stamp(days: int) -> str:
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
