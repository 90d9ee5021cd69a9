"""Which addresses may stand in what is shown.

Only http, https and mailto addresses become links; a remote image becomes a link with its alt text, since loading it
would tell its server whatever the reply put into the address.
"""

from __future__ import annotations

import re

_LINK = re.compile(r"(?:https?://|mailto:|#edenai-fn)", re.IGNORECASE)
_RASTER = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z", re.IGNORECASE)


def is_link(address: str) -> bool:
    """Whether it may be followed: on the web, a mail, or a footnote of the same answer."""
    return bool(_LINK.match(address))


def is_picture(address: str) -> bool:
    """Whether it holds a picture in itself, which can be shown without asking anybody, and runs nothing."""
    return bool(_RASTER.match(address))
