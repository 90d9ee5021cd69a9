"""Pictures and files beside a prompt: by path, address and value, and known by their content."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import edenai_nb as eden
from edenai_nb import Chat, Sandbox
from edenai_nb.attachments import FilePart, files_of, label
from edenai_nb.chat.files import attached
from edenai_nb.errors import InvalidInput
from edenai_nb.views import saved

NewChat = Callable[..., Chat]


def png(width: int = 3, height: int = 2) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, format="PNG")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7 secret")
    (tmp_path / "c[1].csv").write_text("x,y\n1,2")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parts(**given: Any) -> list[Any]:
    prompt = attached("Look", **given)
    assert isinstance(prompt, list)
    assert prompt[0] == {"type": "text", "text": "Look"}
    return prompt[1:]


@pytest.mark.parametrize("name", ["a.png", "~/a.png", "*.png", Path("a.png"), "./a.p?g"])
def test_a_picture_is_found_by_its_path(folder: Path, name: Any) -> None:
    encoded = base64.b64encode(png()).decode()
    assert parts(images=name) == [{"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}}]


def test_files_become_parts_by_their_content(folder: Path) -> None:
    kinds = [part["type"] for part in parts(files=["*.p*", "c[1].csv", b"text", io.BytesIO(png())])]
    assert kinds == ["image_url", "file", "text", "text", "image_url"]


def test_an_address_is_sent_as_it_is() -> None:
    assert parts(images="https://x.y/a.png") == [{"type": "image_url", "image_url": {"url": "https://x.y/a.png"}}]
    assert parts(files="https://x.y/b.pdf?s=1") == [{"type": "file", "file": {"file_id": "https://x.y/b.pdf?s=1"}}]


def test_values_go_too() -> None:
    picture, frame = parts(images=Image.new("RGB", (2, 2)), files=pd.DataFrame({"a": [1]}))
    assert picture["image_url"]["url"].startswith("data:image/png;base64,")
    assert "a\n1" in frame["text"]


@pytest.mark.parametrize(
    "pixels", [np.zeros((2, 3), "uint8"), np.ones((2, 3, 3)), np.full((2, 3, 1), np.nan, "float32")]
)
def test_an_array_of_pixels_is_a_picture_where_one_is_asked_for(pixels: Any) -> None:
    (part,) = parts(images=pixels)
    picture = Image.open(io.BytesIO(base64.b64decode(part["image_url"]["url"].partition(",")[2])))
    assert picture.size == (3, 2)
    assert parts(files=pixels)[0]["type"] == "text"


def test_a_large_picture_is_scaled_down_and_says_so() -> None:
    (part,) = parts(images=png(4100, 100))
    assert label(part) == "file (4100 x 100 scaled down to 2048 x 50)"
    data = base64.b64decode(part["image_url"]["url"].partition(",")[2])
    assert Image.open(io.BytesIO(data)).size == (2048, 50)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"files": "none.pdf"}, "There is no file 'none.pdf'"),
        ({"files": "*.none"}, "There is no file '*.none'"),
        ({"files": "."}, "is a folder"),
        ({"files": ""}, "A file needs a name"),
        ({"files": "~no-such-user/a.pdf"}, "There is no file '~no-such-user/a.pdf'"),
        ({"files": "a\0b"}, "There is no file"),
        (
            {"files": "a text, no name. " * 300},
            "There is no file 'a text, no name. a text, no name. a text, no name. a text, n…'",
        ),
        ({"files": [None]}, "A file is None"),
        ({"images": "b.pdf"}, "b.pdf is no picture"),
        ({"files": [b"\0\1\xff" * 9]}, "is neither text nor"),
        ({"files": [b"x"] * 51}, "51 files"),
    ],
)
def test_what_cannot_go_is_refused_in_one_line(folder: Path, given: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        attached("Look", **given)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_saved_output_names_files_and_hashes_and_holds_no_content(
    folder: Path, chat: NewChat, sandbox: Sandbox
) -> None:
    turn = chat().send("Look", files=["b.pdf"])
    turn.wait()
    digest = hashlib.sha256(b"%PDF-1.7 secret").hexdigest()
    assert saved.metadata(turn)["edenai_nb"]["files"] == [{"name": "b.pdf", "sha256": digest}]
    sent = sandbox.requests[-1].json["messages"][-1]["content"]
    assert [part["type"] for part in sent] == ["text", "file"]


def test_a_conversation_goes_on_with_them_and_can_be_pickled(folder: Path, chat: NewChat, sandbox: Sandbox) -> None:
    asked = chat()
    asked.ask("Look", images="a.png")
    again = pickle.loads(pickle.dumps(asked))
    assert files_of(again.turns[0].prompt) == files_of(asked.turns[0].prompt) != []
    asked.ask("And?")
    assert sandbox.requests[-1].json["messages"][0]["content"][1]["type"] == "image_url"


def test_a_part_copies_with_its_facts() -> None:
    part = FilePart({"type": "file"}, name="a", sha256="b", note="c")
    for other in (copy.copy(part), copy.deepcopy(part)):
        assert (other, vars(other)) == (part, vars(part))


def test_all_ways_to_ask_take_them(folder: Path, sandbox: Sandbox) -> None:
    eden.ask("Look", images=["a.png"])
    eden.compare("Look", ["openai/gpt-5-mini", "openai/gpt-mini-latest"], images=["a.png"]).wait()
    kinds = [request.json["messages"][-1]["content"][1]["type"] for request in sandbox.requests if request.json]
    assert kinds == ["image_url"] * 3
    assert "[a.png]" in str(eden.Chat().dry_run("Look", images="a.png"))
