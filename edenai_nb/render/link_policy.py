"""Decides which addresses may be shown as links and images.

Only http, https and mailto addresses become links; a remote image becomes a link with its alt text, since loading it
would tell its server whatever the reply put into the address.
"""

from __future__ import annotations

import re

_LINK = re.compile(r"(?:https?://|mailto:|#edenai-fn)", re.IGNORECASE)
_RASTER = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z", re.IGNORECASE)


def is_link(address: str) -> bool:
    """Whether it may be a link: http, https, mailto, or a footnote of the same answer."""
    return bool(_LINK.match(address))


def is_picture(address: str) -> bool:
    """Whether it is a `data:` address of a raster image, which needs no request and runs nothing."""
    return bool(_RASTER.match(address))
