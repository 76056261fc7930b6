"""Places to look at: what a message shows of them."""

from __future__ import annotations

import pytest

from build_hooks.fetch.index_source import DEFAULT, Source, redact


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://index.example/simple", "https://index.example/simple"),
        (
            "https://user:secret@index.example:8443/simple/",
            "https://***@index.example:8443/simple/",
        ),
        ("https://secret@index.example/simple", "https://***@index.example/simple"),
        ("https://index.example/f.whl?token=secret#sha256=1", "https://index.example/f.whl?***"),
        ("file:///folder/simple", "file:///folder/simple"),
        ("/folder/of/files", "/folder/of/files"),
        ("C:\\folder", "C:\\folder"),
    ],
)
def test_shows_no_secret(url: str, shown: str) -> None:
    assert redact(url) == shown
    assert str(Source("index", url)) == shown


def test_the_default_index_has_no_address_to_show() -> None:
    assert str(DEFAULT) == "the index client's own default index"
