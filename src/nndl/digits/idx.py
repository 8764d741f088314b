"""The IDX file format, in which MNIST and its relatives are published."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

GZIP_MAGIC = b"\x1f\x8b"
ELEMENT_TYPES = {
    0x08: ">u1",
    0x09: ">i1",
    0x0B: ">i2",
    0x0C: ">i4",
    0x0D: ">f4",
    0x0E: ">f8",
}


def read_idx(path):
    """Read an IDX file, gzipped or not, into an array of its own shape and element type.

    The format is two zero bytes, a byte for the element type, a byte for the
    number of dimensions, the dimensions as big-endian 32-bit integers, then
    the elements, big-endian, last index fastest.

    Raises FileNotFoundError or IsADirectoryError where there is no such
    file, and ValueError, naming the file, where its content is not exactly
    one IDX array.
    """
    return parse_idx(read_bytes(path), path)


def read_bytes(path):
    """Return the content of a file, decompressed if it is gzipped.

    Raises FileNotFoundError, IsADirectoryError, or ValueError for a corrupt
    gzip stream.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory, but a file was expected")
    if not path.exists():
        raise FileNotFoundError(f"{path}: there is no such file")
    content = path.read_bytes()
    if not content.startswith(GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: corrupt gzip stream ({error})") from error


def parse_idx(content, name):
    """Turn the bytes of an IDX file into an array; `name` is what the errors call the file."""
    if len(content) < 4:
        raise ValueError(
            f"{name}: {len(content)} bytes are too short for an IDX header"
        )
    zeros, element_type, ndim = content[:2], content[2], content[3]
    if zeros != b"\0\0" or element_type not in ELEMENT_TYPES:
        raise ValueError(
            f"{name}: wrong magic number {content[:4].hex()}, "
            "expected 0000, an element type of 08, 09, 0b, 0c, 0d or 0e, and a dimension count"
        )
    start = 4 + 4 * ndim
    if ndim == 0 or len(content) < start:
        raise ValueError(f"{name}: no complete list of {ndim} dimensions in its header")
    shape = tuple(np.frombuffer(content, ">u4", ndim, offset=4).tolist())
    dtype = np.dtype(ELEMENT_TYPES[element_type])
    expected, found = math.prod(shape) * dtype.itemsize, len(content) - start
    if found < expected:
        raise ValueError(
            f"{name}: truncated, {found} bytes of data where the shape {shape} needs {expected}"
        )
    if found > expected:
        raise ValueError(
            f"{name}: {found - expected} trailing bytes after the {expected} of the shape {shape}"
        )
    try:
        elements = np.frombuffer(content, dtype, offset=start).reshape(shape)
    except ValueError as error:
        raise ValueError(
            f"{name}: impossible shape of {ndim} dimensions ({error})"
        ) from error
    return elements.astype(dtype.newbyteorder("="))
