"""The sandbox speaks Eden AI's wire format: contract, sections 1, 2, 3, 5 and 6."""

import json
import time
from email.utils import parsedate_to_datetime

import pytest

from edenai_nb.sandbox import Sandbox, Script, catalogue, payload, uploads

from .client import Client, said


def test_a_stream_has_role_text_finish_then_usage_with_one_empty_choice(client):
    chunks = client.chunks("One two", model="sandbox/echo", stream_options={"include_usage": True})
    opening, *texts, finish, bill = chunks
    assert opening["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert said(texts) == "One two"
    assert finish["choices"] == [{"index": 0, "delta": {"content": None}, "finish_reason": "stop", "logprobs": None}]
    assert bill["choices"][0]["delta"] == {"content": None, "role": None}
    assert bill["usage"]["total_tokens"] == bill["usage"]["prompt_tokens"] + len(texts)
    assert all("usage" not in chunk and "cost" not in chunk for chunk in chunks[:-1])


def test_cost_is_usage_times_the_catalogues_price(client):
    *_, bill = client.chunks("word " * 50, model="sandbox/echo", stream_options={"include_usage": True})
    usage = bill["usage"]
    assert bill["cost"] == pytest.approx(usage["prompt_tokens"] * 1e-7 + usage["completion_tokens"] * 4e-7)
    assert bill["cost"] > 0


def test_without_include_usage_a_stream_tells_neither_usage_nor_cost(client):
    assert client.chunks(model="sandbox/echo")[-1]["choices"][0]["finish_reason"] == "stop"


def test_all_chunks_of_a_stream_share_id_time_and_full_model_id(client):
    chunks = client.chunks("a b c d")
    assert {(c["id"], c["created"], c["object"]) for c in chunks} == {
        (chunks[0]["id"], chunks[0]["created"], "chat.completion.chunk")
    }
    assert {chunk["model"] for chunk in chunks} == {"openai/gpt-5-mini"}


def test_a_whole_answer_names_the_bare_model_the_provider_and_the_cost(client):
    answer = client.whole("Hello there", model="sandbox/echo")
    assert (answer["object"], answer["model"], answer["provider"], answer["status"]) == (
        "chat.completion",
        "echo",
        "sandbox",
        "success",
    )
    assert answer["choices"][0]["message"]["content"] == "Hello there"
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["completion_tokens"] == 2
    assert answer["cost"] > 0


@pytest.mark.parametrize("value", ["enabled", "ENABLED"])
def test_metadata_rides_the_first_chunk_when_the_header_asks_for_it(client, value):
    status, _, answer = client.chat(stream=True, headers={"x-edenai-metadata": value})
    first, *others = [json.loads(e[6:]) for e in answer.split(b"\n\n") if e.startswith(b"data: {")]
    assert status == 200
    assert first["edenai_metadata"]["strategy"] == "alias"
    assert first["edenai_metadata"]["requested"] == "openai/gpt-mini-latest"
    assert not [chunk for chunk in others if "edenai_metadata" in chunk]


def test_metadata_stays_away_unless_it_is_asked_for(client):
    assert "edenai_metadata" not in client.chunks()[0]
    assert "edenai_metadata" not in client.whole()


def test_both_addresses_answer(client):
    for path in ("/v3/chat/completions", "/v3/llm/chat/completions"):
        assert client.chat(path=path)[0] == 200
    for path in ("/v3/models", "/v3/llm/models"):
        assert client.send("GET", path)[0] == 200


def test_a_legacy_server_knows_the_old_address_only():
    with Sandbox(tokens_per_s=None, legacy_only=True) as sandbox:
        client = Client(sandbox)
        assert client.refused() == (404, {"detail": "Not Found"})
        assert client.send("GET", "/v3/models")[0] == 404
        assert client.chat(path="/v3/llm/chat/completions")[0] == 200
        assert client.send("GET", "/v3/llm/models")[0] == 200


def test_unknown_paths_and_methods_are_refused(client):
    assert client.json("GET", "/v3/nothing") == (404, {"detail": "Not Found"})
    assert client.json("GET", "/elsewhere") == (404, {"detail": "Not Found"})
    assert client.json("GET", "/v3/chat/completions") == (405, {"detail": "Method Not Allowed"})


def test_a_refused_method_names_the_allowed_ones(client):
    assert client.send("GET", "/v3/chat/completions")[1]["Allow"] == "POST"
    assert client.send("PUT", "/v3/upload")[1]["Allow"] == "POST, GET, DELETE"


def test_every_answer_has_the_time_of_day(client):
    for _, headers, _ in (client.chat(), client.chat(stream=True), client.chat(key=None)):
        age_s = time.time() - parsedate_to_datetime(headers["Date"]).timestamp()
        assert -1 < age_s < 10


def test_a_page_of_another_origin_may_ask(client):
    wish = {
        "Origin": "https://example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-edenai-metadata",
    }
    status, granted, body = client.send("OPTIONS", "/v3/chat/completions", key=None, headers=wish)
    assert (status, body) == (204, b"")
    assert granted["Access-Control-Allow-Origin"] == "*"
    assert granted["Access-Control-Allow-Methods"] == "POST"
    assert granted["Access-Control-Allow-Headers"] == wish["Access-Control-Request-Headers"]
    assert client.send("OPTIONS", "/v3/nothing", key=None, headers=wish)[0] == 204  # so that it can read the 404
    assert client.send("OPTIONS", "/v3/chat/completions", key=None)[0] == 405  # not a browser's question
    for answer in (client.chat(stream=True), client.chat(key=None), client.chat(temperature=9)):
        assert answer[1]["Access-Control-Allow-Origin"] == "*"


# Keys


@pytest.mark.parametrize("headers", [{}, {"Authorization": "sandbox"}, {"Authorization": "Basic c2FuZGJveA=="}])
def test_no_key_is_403_not_authenticated(client, headers):
    assert client.refused(key=None, headers=headers) == (403, {"detail": "Not authenticated"})


def test_a_wrong_key_is_401_invalid_token(client):
    assert client.refused(key="nonsense") == (401, {"detail": "Invalid token"})


@pytest.mark.parametrize("key", ["sandbox", "sk-eden-abc", "sk-abc", "eyJhbGciOi"])
def test_what_looks_like_an_inference_key_is_accepted(client, key):
    assert client.chat(key=key)[0] == 200


def test_given_keys_are_the_only_ones_accepted():
    with Sandbox(tokens_per_s=None, keys=["right"]) as sandbox:
        assert sandbox.key == "right"
        assert Client(sandbox).chat(key="right")[0] == 200
        assert Client(sandbox).chat(key="sandbox")[0] == 401
        assert Client(sandbox).chat(key="sk-eden-abc")[0] == 401


def test_the_free_probe_needs_a_key_and_the_catalogue_does_not(client):
    assert client.send("GET", "/v3/universal-ai/async?limit=1")[0] == 200
    assert client.send("GET", "/v3/universal-ai/async?limit=1", key=None)[0] == 403
    assert client.send("GET", "/v3/models", key=None)[0] == 200


def test_a_refused_request_uses_up_no_script(client, sandbox):
    sandbox.enqueue("scripted")
    assert client.chat(key=None)[0] == 403
    assert client.chat(temperature=3)[0] == 422
    assert client.whole()["choices"][0]["message"]["content"] == "scripted"


# What is refused


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"temperature": 2.1}, ["body", "temperature"]),
        ({"temperature": -0.1}, ["body", "temperature"]),
        ({"temperature": "warm"}, ["body", "temperature"]),
        ({"top_p": 1.5}, ["body", "top_p"]),
        ({"max_tokens": 0}, ["body", "max_tokens"]),
        ({"fallbacks": ["openai/gpt-5-mini"] * 4}, ["body", "fallbacks"]),
        ({"model": ...}, ["body", "model"]),
        ({"messages": ...}, ["body", "messages"]),
        ({"messages": "Hi"}, ["body", "messages"]),
        ({"messages": [{"content": "Hi"}]}, ["body", "messages", 0, "role"]),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, ["body", "messages", 0, "role"]),
    ],
)
def test_a_field_out_of_range_is_422_with_its_place(client, fields, where):
    status, body = client.refused(**fields)
    assert status == 422
    assert [problem["loc"] for problem in body["detail"]] == [where]
    assert set(body["detail"][0]) == {"loc", "msg", "type"}


def test_a_body_that_is_not_json_is_422(client):
    assert client.send("POST", "/v3/chat/completions", b"{not json")[0] == 422


@pytest.mark.parametrize("fields", [{"temperature": 0}, {"temperature": 2}, {"fallbacks": ["gpt-5-mini"] * 3}])
def test_the_edges_of_the_ranges_are_accepted(client, fields):
    assert client.chat(**fields)[0] == 200


@pytest.mark.parametrize(
    "model",
    [
        "openai/does-not-exist",
        "does-not-exist",
        "gpt-mini-latest",  # aliases need their provider
        "openai/gpt-5-mini@us",
        "gpt-5-mini:beauty",
        "",
    ],
)
def test_an_unknown_model_is_400(client, model):
    status, body = client.refused(model=model)
    assert status == 400
    assert body["error"] == {
        "message": f"Model(s) not found or inactive: {model}",
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_parameter",
    }


def test_an_unknown_fallback_is_400(client):
    status, body = client.refused(fallbacks=["nobody/nothing"])
    assert (status, body["error"]["message"]) == (400, "Model(s) not found or inactive: nobody/nothing")


def test_a_model_that_makes_images_is_400(client):
    status, body = client.refused(model="openai/gpt-image-2")
    assert (status, body["error"]["message"][:38]) == (400, "Model(s) do not support /chat/completi")


def test_tools_are_refused_where_the_model_lacks_them(client):
    tools = [{"type": "function", "function": {"name": "now", "parameters": {}}}]
    status, body = client.refused(model="fireworks_ai/accounts/fireworks/models/glm-5p3", tools=tools)
    assert status == 400
    assert "do not support function calling" in body["error"]["message"]
    assert client.chat(tools=tools)[0] == 200


# Names of models


@pytest.mark.parametrize(
    ("name", "served", "strategy"),
    [
        ("openai/gpt-5.6-sol", "openai/gpt-5.6-sol", "direct"),
        ("openai/gpt-latest", "openai/gpt-5.6-sol", "alias"),
        ("gpt-5.6-sol", "openai/gpt-5.6-sol", "routed"),
        ("gpt-5.6-sol:latency", "openai/gpt-5.6-sol", "routed"),
        ("gpt-5.6-sol@eu", "azure/gpt-5.6-sol", "routed"),
        ("gpt-5.6-sol:cost@eu", "azure/gpt-5.6-sol", "routed"),
        ("google/gemini-flash-latest@eu", "google/gemini-3.6-flash", "routed"),
        ("amazon/anthropic.claude-opus-5@eu", "amazon/anthropic.claude-opus-5@eu", "direct"),
        ("cloudflare/@cf/qwen/qwen3.8-27b", "cloudflare/@cf/qwen/qwen3.8-27b", "direct"),
        ("openai/gpt-4", "openai/gpt-4", "direct"),
        ("anthropic/claude-3-5-sonnet-20241022", "anthropic/claude-3-5-sonnet-20241022", "direct"),
        ("amazon/amazon.nova-pro-v1:0", "amazon/amazon.nova-pro-v1:0", "direct"),
        ("amazon/amazon.nova-pro-v1:0:latency", "amazon/amazon.nova-pro-v1:0", "routed"),
        ("amazon/amazon.nova-pro-v1:0@eu", "amazon/amazon.nova-pro-v1:0@eu", "direct"),
        ("amazon.nova-pro-v1:0", "amazon/amazon.nova-pro-v1:0", "routed"),
        ("@edenai", "openai/gpt-5-mini", "auto"),
    ],
)
def test_every_form_of_a_models_name_finds_it(client, name, served, strategy):
    _, _, answer = client.chat(model=name, stream=True, headers={"x-edenai-metadata": "enabled"})
    first = json.loads(answer.split(b"\n\n")[0][6:])
    assert (first["model"], first["edenai_metadata"]["strategy"]) == (served, strategy)


def test_edenai_takes_the_first_candidate_that_exists(client):
    candidates = ["nobody/nothing", "anthropic/claude-haiku-4-5"]
    assert client.chunks(model="@edenai", router_candidates=candidates)[0]["model"] == "anthropic/claude-haiku-4-5"


def test_candidates_of_which_there_is_none_are_422_and_named(client):
    status, body = client.refused(model="@edenai", router_candidates=["nobody/nothing", "no-one"])
    assert (status, body["detail"][0]["loc"]) == (422, ["body", "router_candidates"])
    assert body["detail"][0]["msg"].endswith(": nobody/nothing, no-one")


def test_a_view_of_the_catalogue_that_there_is_not_is_422(client):
    status, body = client.json("GET", "/v3/models?view=everything")
    assert (status, body["detail"][0]["loc"]) == (422, ["query", "view"])


def test_the_catalogue_holds_the_forms_that_clients_trip_over(client):
    status, body = client.json("GET", "/v3/models", key=None)
    models = {entry["id"]: entry for entry in body["data"]}
    assert status == 200
    assert body["object"] == "list"
    assert all({"id", "created", "owned_by", "model_name"} <= entry.keys() for entry in models.values())
    assert models["openai/gpt-mini-latest"]["alias_of"] == "openai/gpt-5-mini"
    assert models["cloudflare/@cf/qwen/qwen3.8-27b"]["capabilities"] is None
    assert models["cloudflare/@cf/qwen/qwen3.8-27b"]["context_length"] is None
    assert models["mistral/mistral-small-latest"]["pricing"]["input_cost_per_token"] == "0.00000006"
    assert models["openai/gpt-5-mini"]["pricing"]["output_cost_per_token"] == 2e-06
    assert models["openai/gpt-image-2"]["pricing"] == {}
    assert any(id.endswith("@eu") for id in models)
    assert not any("@edenai" in id for id in models)


def test_the_catalogue_by_model_lists_each_providers_endpoint(client):
    _, body = client.json("GET", "/v3/models?view=models")
    sol = next(entry for entry in body["data"] if entry["id"] == "gpt-5.6-sol")
    assert sol["mode"] == "chat"
    assert sol["endpoint_count"] == len(sol["endpoints"]) > 1
    assert "pricing" not in sol
    assert {"openai/gpt-5.6-sol", "azure/gpt-5.6-sol"} <= {endpoint["id"] for endpoint in sol["endpoints"]}


def test_the_default_model_of_the_package_is_in_the_catalogue():
    from edenai_nb.settings import DEFAULT_MODEL

    assert catalogue.choose(DEFAULT_MODEL)


# Messages


def test_every_kind_of_part_is_accepted_and_counted(client):
    parts = [
        {"type": "text", "text": "Explain these."},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "file", "file": {"file_id": "https://example.com/x.pdf"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
    ]
    messages = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": parts}]
    assert "3 attachments" in client.whole(messages=messages)["choices"][0]["message"]["content"]


def test_messages_without_content_are_accepted(client):
    messages = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {}}]},
        {"role": "tool", "tool_call_id": "1", "content": "noon"},
    ]
    assert client.chat(messages=messages)[0] == 200


def test_max_tokens_ends_the_reply_with_length(client):
    answer = client.whole("one two three four", model="sandbox/echo", max_tokens=2)
    assert answer["choices"][0]["message"]["content"] == "one two"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 2


# Files


def multipart(name, content, **fields):
    lines = [
        f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    return "".join([*lines, head]).encode() + content + b"\r\n--edge--\r\n"


def upload(client, name="a.csv", content=b"a,b", **fields):
    kind = {"Content-Type": "multipart/form-data; boundary=edge"}
    return client.json("POST", "/v3/upload", multipart(name, content, **fields), headers=kind)


def test_files_are_uploaded_listed_and_deleted(client):
    first = upload(client, purpose="ocr")[1]
    second = upload(client, "b.csv")[1]
    assert (first["file_name"], first["file_size"], first["file_mimetype"], first["purpose"]) == (
        "a.csv",
        3,
        "text/csv",
        "ocr",
    )
    listed = client.json("GET", "/v3/upload?limit=1")[1]
    assert ([item["file_id"] for item in listed["items"]], listed["total"], listed["total_pages"]) == (
        [second["file_id"]],
        2,
        2,
    )
    assert [item["file_id"] for item in client.json("GET", "/v3/upload?purpose=ocr")[1]["items"]] == [first["file_id"]]
    gone = json.dumps({"file_ids": [first["file_id"], "unknown"]}).encode()
    assert client.json("POST", "/v3/upload/delete", gone) == (200, {"deleted_count": 1})
    assert client.json("DELETE", "/v3/upload") == (200, {"deleted_count": 1})
    assert client.json("GET", "/v3/upload")[1]["items"] == []


def test_a_question_about_a_file_is_answered_while_the_store_has_it(client):
    def status(id):
        parts = [{"type": "text", "text": "What?"}, {"type": "file", "file": {"file_id": id}}]
        return client.chat(messages=[{"role": "user", "content": parts}])[0]

    id = upload(client)[1]["file_id"]
    assert status(id) == 200
    client.json("DELETE", "/v3/upload")
    assert status(id) == status("unknown") == 404
    assert status("https://example.com/x.pdf") == 200


def test_an_upload_without_a_file_is_422_without_a_key_403_and_too_large_413(client, monkeypatch):
    assert client.json("POST", "/v3/upload", b"")[0] == 422
    assert client.json("POST", "/v3/upload", b"", key=None)[0] == 403
    monkeypatch.setattr(uploads, "MAX_FILE_BYTES", 2)
    assert upload(client)[0] == 413


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"expires_in_days": 31}, "expires_in_days"),
        ({"expires_in_days": 0}, "expires_in_days"),
        ({"expires_in_days": "soon"}, "expires_in_days"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "x" * 51}, "purpose"),
    ],
)
def test_an_upload_with_a_wrong_field_is_422(client, fields, where):
    status, body = upload(client, **fields)
    assert (status, [problem["loc"] for problem in body["detail"]]) == (422, [["body", where]])


def test_a_program_is_no_file_to_upload(client):
    body = multipart("a.exe", b"MZ").replace(b"text/csv", b"application/x-msdownload")
    kind = {"Content-Type": "multipart/form-data; boundary=edge"}
    assert client.json("POST", "/v3/upload", body, headers=kind) == (
        415,
        {"detail": "Unsupported file type: application/x-msdownload"},
    )


@pytest.mark.parametrize(
    "wrong", [{}, {"file_ids": "x"}, {"file_ids": []}, {"file_ids": [5]}, {"file_ids": ["x"] * 101}]
)
def test_a_deletion_of_what_is_no_list_of_ids_is_422(client, wrong):
    status, body = client.json("POST", "/v3/upload/delete", json.dumps(wrong).encode())
    assert (status, body["detail"][0]["loc"][:2]) == (422, ["body", "file_ids"])


def test_a_question_that_is_too_large_is_413(client, monkeypatch):
    monkeypatch.setattr(payload, "MAX_JSON_BYTES", 200)
    assert client.chat("x")[0] == 200
    assert client.refused("x" * 200) == (413, {"detail": "Request body too large"})


def test_a_scripted_error_arrives_with_its_status_headers_and_body(client, sandbox):
    sandbox.enqueue(Script.error(429, {"error": {"message": "slow down"}}, headers={"Retry-After": "7"}))
    status, headers, body = client.chat(stream=True)
    assert (status, headers["Retry-After"], headers["Content-Type"]) == (429, "7", "application/json")
    assert json.loads(body) == {"error": {"message": "slow down"}}
    sandbox.enqueue(Script.error(502, "<html>Bad gateway</html>"), Script.error(503))
    status, headers, body = client.chat(stream=True)
    assert (status, headers.get_content_type(), body) == (502, "text/html", b"<html>Bad gateway</html>")
    assert client.chat()[::2] == (503, b"")
