"""The sanitizer: removes from HTML all that is not on the list of allowed elements and attributes."""

from __future__ import annotations

import nh3

from .link_policy import is_link, is_picture

CUT, FROM = "data-cut", "data-from"  # set by `incremental` while a long block is assembled

# Styles that JupyterLab's sanitizer allows. Its style sheet would align every cell of an HTML output to the right.
CODE_LOOK = "border:1px solid #8884;border-radius:4px;margin:10px 0"
PRE_LOOK = "padding:8px;font-size:13px"
CELL_LOOKS = {align: f"text-align:{align}" for align in ("left", "center", "right")}
_OWN_LOOKS = frozenset((CODE_LOOK, PRE_LOOK, *CELL_LOOKS.values()))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MATHML = _words("""
    math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts
    mprescripts mtable mtr mtd mstyle mpadded mphantom menclose merror semantics
""")
_HTML = _words("""
    a blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr img kbd li ol p pre section span strong
    sub summary sup table tbody td th thead tr ul
""")
_MATHML_ATTRIBUTES = _words("""
    display displaystyle scriptlevel mathvariant stretchy fence form separator lspace rspace minsize maxsize
    symmetric largeop movablelimits accent accentunder linethickness width height depth voffset notation columnalign
    rowspan columnspan columnlines rowlines frame class style
""")


def clean(html: str) -> str:
    """`html` without anything that is not on the list."""
    return _CLEANER.clean(html)


def _allowed(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute if it may stay, or None."""
    if tag == "a" and name == "href":
        return value if is_link(value) else None
    if tag == "img" and name == "src":
        return value if is_picture(value) else None
    if name == "style" and tag not in _MATHML:
        return value if value in _OWN_LOOKS else None
    if name == "id" and not value.startswith("edenai-"):
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_HTML | _MATHML),
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"class", CUT, FROM},
        "a": {"href", "title", "id"},
        "div": {"data-language", "style"},
        "img": {"src", "alt", "title"},
        "li": {"id"},
        "ol": {"start"},
        "pre": {"style"},
        "span": {"data-tex"},
        "td": {"align", "style"},
        "th": {"align", "style"},
        **{tag: set(_MATHML_ATTRIBUTES) for tag in _MATHML},
    },
    tag_attribute_values={"a": {"target": {"_blank"}}},
    attribute_filter=_allowed,
    filter_style_properties={
        *("width", "text-align", "justify-items", "padding-left", "padding-right", "color"),
        *("border", "border-radius", "margin", "padding", "font-size"),
    },
    url_schemes={"http", "https", "mailto", "data"},  # data: `_allowed` keeps it to raster images
    link_rel="noopener noreferrer nofollow",
)
