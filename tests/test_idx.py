import gzip
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nndl import read_idx
from nndl.digits.idx import parse_idx

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def idx_bytes(array, code):
    """Encode an array as an IDX file, from the format's definition."""
    header = bytes([0, 0, code, array.ndim]) + struct.pack(
        f">{array.ndim}I", *array.shape
    )
    return header + array.astype(TYPES[code]).tobytes()


IMAGES = idx_bytes(np.arange(12).reshape(3, 2, 2), 0x08)


@given(st.data(), st.sampled_from(sorted(TYPES)))
def test_any_array_comes_back(data, code):
    shapes = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3)
    array = data.draw(arrays(np.dtype(TYPES[code]).newbyteorder("="), shapes))
    back = parse_idx(idx_bytes(array, code), "file")
    assert back.dtype == array.dtype
    assert back.dtype.isnative
    np.testing.assert_array_equal(back, array)


@given(st.binary(max_size=64))
def test_any_bytes_give_an_array_or_a_clear_error(content):
    try:
        assert isinstance(parse_idx(content, "some-file"), np.ndarray)
    except ValueError as error:
        assert str(error).startswith("some-file: ")


@given(
    st.sampled_from(sorted(TYPES)), st.binary(max_size=255 * 4 + 8), st.integers(0, 255)
)
def test_any_header_gives_an_array_or_a_clear_error(code, rest, ndim):
    try:
        assert parse_idx(bytes([0, 0, code, ndim]) + rest, "some-file").ndim == ndim
    except ValueError as error:
        assert str(error).startswith("some-file: ")


@given(st.binary(max_size=64))
def test_any_file_that_looks_gzipped_gives_an_array_or_a_clear_error(
    tmp_path_factory, content
):
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(b"\x1f\x8b" + content)
    with pytest.raises(ValueError, match="file: corrupt gzip"):
        read_idx(path)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_gzipped_or_not(tmp_path, compress):
    path = tmp_path / "images"
    path.write_bytes(compress(IMAGES))
    np.testing.assert_array_equal(read_idx(path), np.arange(12).reshape(3, 2, 2))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes are too short"),
        (IMAGES[:3], "3 bytes are too short"),
        (IMAGES[:10], "no complete list of 3 dimensions"),
        (b"\0\0\x08\0", "no complete list of 0 dimensions"),
        (
            IMAGES[:-1],
            r"truncated, 11 bytes of data where the shape \(3, 2, 2\) needs 12",
        ),
        (IMAGES + b"x", "1 trailing bytes after the 12"),
        (b"\x50\x4b" + IMAGES, "wrong magic number 504b0000"),
        (b"\0\0\x0a" + IMAGES[3:], "wrong magic number 00000a03"),
        (b"\0\0\x08\x02" + b"\xff" * 8, "truncated, 0 bytes"),
        (
            b"\0\0\x08\x41" + b"\0\0\0\1" * 65 + b"x",
            "impossible shape of 65 dimensions",
        ),
        (gzip.compress(IMAGES, mtime=0)[:-4], "corrupt gzip stream"),
        (gzip.compress(IMAGES, mtime=0)[:12], "corrupt gzip stream"),
        (b"\x1f\x8b\x08" + b"\0" * 20, "corrupt gzip stream"),
    ],
)
def test_each_broken_file_has_its_own_error(tmp_path, content, message):
    path = tmp_path / "broken-file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"broken-file: {message}"):
        read_idx(path)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent: there is no such file"):
        read_idx(tmp_path / "absent")
    with pytest.raises(
        IsADirectoryError, match="is a directory, but a file was expected"
    ):
        read_idx(tmp_path)
