"""Where the links of a page lead."""

from __future__ import annotations

import pytest

from build_hooks.index.links import target, targets


@pytest.mark.parametrize(
    ("page", "link", "leads_to"),
    [
        ("simple/vllm/index.html", "../../files/ab/a%2Bb.whl#sha256=ab", "files/ab/a+b.whl"),
        ("simple/index.html", "vllm/", "simple/vllm/"),
        ("index.html", "about/a/index.html", "about/a/index.html"),
        ("about/a/index.html", "#patch", ""),
        ("index.html", "data:,", ""),
        ("index.html", "https://elsewhere.example/x", "https://elsewhere.example/x"),
        ("index.html", "/simple/", "/simple/"),
        ("index.html", "../x", "../x"),
    ],
)
def test_a_link_leads_to_a_name(page: str, link: str, leads_to: str) -> None:
    assert target(page, link) == leads_to


def test_every_kind_of_link_is_followed() -> None:
    html = (
        '<a href="a&amp;b">x</a><img src="c"><script src=d></script><a name=e></a><p>href="f"</p>'
    )
    assert targets("index.html", html) == ["a&b", "c", "d"]
