"""RECORD is read strictly, and written so that every installer reads it."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build_hooks.errors import ArtifactError
from build_hooks.record import Row, read_rows, record_hash, row_of, write_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "x-1.dist-info/RECORD"
# The digest of no bytes, as PEP 376 and every wheel with an empty file has it.
EMPTY = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
SELF = f"{PATH},,\n"


def read(text: str) -> Mapping[str, Row]:
    return read_rows(text.encode(), PATH, "x.whl")


def test_a_hash_is_written_as_installers_write_it() -> None:
    assert record_hash(b"") == EMPTY
    assert row_of(b"") == Row(EMPTY, 0)
    assert record_hash(b"", "sha512").startswith("sha512=z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg_SpIdNs6")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_a_row_holds_for_its_own_bytes_only(algorithm: str) -> None:
    row = Row(record_hash(b"bytes", algorithm), 5)
    assert read(f"a,{row.digest},5\n{SELF}")["a"] == row
    assert row.holds_for(b"bytes")
    assert not row.holds_for(b"other")
    assert not Row(row.digest, 6).holds_for(b"bytes")


@given(
    st.dictionaries(
        st.text("ab,\"' äß/.", min_size=1).filter(lambda name: name != PATH),
        st.binary(max_size=9),
        max_size=6,
    )
)
def test_what_is_written_is_read(files: dict[str, bytes]) -> None:
    rows = {**{name: row_of(data) for name, data in files.items()}, PATH: Row("", None)}
    written = write_rows(rows.items())
    assert read_rows(written, PATH, "x.whl") == rows
    # The standard library's reader, as pip uses it.
    lines = list(csv.reader(io.StringIO(written.decode(), newline="")))
    assert [line[0] for line in lines] == list(rows)
    for name, digest, size in lines[:-1]:
        assert size == str(len(files[name]))
        value = base64.urlsafe_b64decode(digest.removeprefix("sha256=") + "=")
        assert value == hashlib.sha256(files[name]).digest()


def test_names_with_commas_are_quoted() -> None:
    assert write_rows([("a,b", Row(EMPTY, 0))]) == f'"a,b",{EMPTY},0\n'.encode()


def test_windows_line_ends_are_read() -> None:
    assert set(read(f"a,{EMPTY},0\r\n{PATH},,\r\n")) == {"a", PATH}


@pytest.mark.parametrize(
    "row",
    [
        "a",
        f"a,{EMPTY}",
        f"a,{EMPTY},0,more",
        "a,,",  # only RECORD itself has no hash
        f"a,{EMPTY},",
        "a,,0",
        f"a,{EMPTY},-1",
        f"a,{EMPTY},0x0",
        f"a,{EMPTY},1e3",
        f"a,{EMPTY},\u0661",  # a digit, but none of ASCII
        f"a,{EMPTY},99999999999999999999",
        f"a,{EMPTY}=,0",
        f"a,{EMPTY[:-1]},0",
        f"a,sha256={'ä' * 43},0",
        f"a,{EMPTY.replace('-', '+')},0",
        "a,sha256,0",
        "a,md5=1B2M2Y8AsgTpgAmY7PhCfg,0",
        "a,sha1=2jmj7l5rSw0yVb_vlWAYkK_YBwk,0",
        f"{PATH},{EMPTY},0",
        "",
    ],
)
def test_a_malformed_row_is_refused(row: str) -> None:
    text = f"{row}\n" if row.startswith(PATH) else f"{row}\n{SELF}"
    with pytest.raises(ArtifactError, match=r"x\.whl has a RECORD that is of no use: a row is mal"):
        read(text)


def test_a_second_row_is_refused() -> None:
    with pytest.raises(ArtifactError, match="it names 'a' twice"):
        read(f"a,{EMPTY},0\na,{EMPTY},0\n{SELF}")


@pytest.mark.parametrize("data", [b"\xff,,\n", b'"a\n', b'"a"b,,\n'])
def test_what_is_no_csv_in_utf_8_is_refused(data: bytes) -> None:
    with pytest.raises(ArtifactError, match="it cannot be read") as caught:
        read_rows(data, PATH, "x.whl")
    assert "source=sdist" in caught.value.next_step
