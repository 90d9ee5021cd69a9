"""A list with one item for each id in the question, as a model answers several questions at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .fitting import fit
from .schemas import Unfit

MOST_ITEMS = 200
_ID = re.compile(r'"id": ?(\d{1,9})\b')  # of JSON: in a text inside of it, quotes are escaped


def items_by_id(schema: Any, question: str) -> str | None:
    """The answer to a schema that is an object with one list, of items with an integer `id`, as JSON.

    None for any other schema, and where the question has no ids.
    """
    ids = list(dict.fromkeys(map(int, _ID.findall(question))))[:MOST_ITEMS]
    lists = schema.get("properties") if isinstance(schema, Mapping) else None
    if not ids or not isinstance(lists, Mapping) or len(lists) != 1:
        return None
    ((name, listed),) = lists.items()
    item = listed.get("items") if isinstance(listed, Mapping) else None
    members = item.get("properties") if isinstance(item, Mapping) else None
    if not isinstance(members, Mapping) or members.get("id") != {"type": "integer"}:
        return None
    try:
        return json.dumps({name: [{**fit(item), "id": number} for number in ids]}, ensure_ascii=False)
    except Unfit:  # alone, an item cannot be looked at where it refers to the whole schema
        return None
