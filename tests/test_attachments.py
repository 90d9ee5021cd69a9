"""Files beside a prompt: known by what is in them, whatever they are called."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from edenai_nb import attachments
from edenai_nb.errors import InvalidInput

PEOPLE = "name;city\nJosé;Köln\nZoë;Besançon\n"


def part(data: bytes, name: str = "file") -> dict[str, Any]:
    return attachments.part(name, data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0....", "jpeg"),
        (b"GIF87a....", "gif"),
        (b"GIF89a....", "gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ....", "webp"),
    ],
)
def test_a_picture_goes_as_a_picture_of_its_kind(data: bytes, kind: str) -> None:
    encoded = base64.b64encode(data).decode()
    assert part(data) == {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{encoded}"}}


@pytest.mark.parametrize(
    ("data", "kind"), [(b"RIFF\x24\0\0\0WAVEfmt ", "wav"), (b"ID3\x04....", "mp3"), (b"\xff\xfb\x90\x64....", "mp3")]
)
def test_sound_goes_as_sound(data: bytes, kind: str) -> None:
    encoded = base64.b64encode(data).decode()
    assert part(data) == {"type": "input_audio", "input_audio": {"data": encoded, "format": kind}}


def test_a_pdf_goes_as_a_file() -> None:
    assert part(b"%PDF-1.7\n....")["file"]["file_data"].startswith("data:application/pdf;base64,")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_text_is_read_in_whatever_form_programs_save_it(encoding: str) -> None:
    marked = {"utf-16-be": "\ufeff", "utf-32-be": "\ufeff"}
    for bom in ("", marked.get(encoding, "")):
        text = part((bom + PEOPLE).encode(encoding), "people.csv")["text"]
        assert text == f'Attached file "people.csv":\n\n```\n{PEOPLE}\n```'


@pytest.mark.parametrize(
    "text", ["RIFF means Resource Interchange", "GIF8 is half a mark", "ID and more", "%PDF is short"]
)
def test_a_text_that_begins_like_something_else_is_text(text: str) -> None:
    assert text in part(text.encode())["text"]


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04\x14\0\x08", b"\x7fELF\x02\x01\x01\0", b"\0\0\0\x18ftypmp42", b"RIFF\x10\0\0\0AVI LIST", bytes(99)],
)
def test_what_is_none_of_them_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"^a\.bin is neither text nor .* cannot be attached\.$"):
        part(data, "a.bin")
