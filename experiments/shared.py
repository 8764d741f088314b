"""What the programs of this folder share: the digits, and a file of rows."""

import json
import os
from functools import cache

from nndl import load_mnist


@cache
def data():
    """The digits, loaded once per process."""
    return load_mnist()


def write(file, rows):
    """Write the rows as JSON, one per line, under a temporary name first."""
    temporary = file.with_suffix(".tmp")
    lines = ",\n".join(json.dumps(row) for row in rows)
    temporary.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    os.replace(temporary, file)
