"""The rooms of the package: what imports what, and where a stranger finds an idea."""

import ast
import graphlib
import inspect

from site_pages import ROOT

import nndl
from nndl import Network
from nndl.support.threads import map_on_all_cores

PACKAGE = ROOT / "src" / "nndl"


def imports():
    """For each module of the package the modules of the package that it imports."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        found[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "nndl"
            ):
                found[name] |= {node.module} | {
                    f"{node.module}.{alias.name}" for alias in node.names
                }
    return {name: targets & found.keys() for name, targets in found.items()}


def test_no_modules_import_each_other_in_a_circle():
    graph = imports()
    # A package's own name leads to all that it hands out, which is not what is meant.
    graph = {
        name: targets - {"nndl"} for name, targets in graph.items() if name != "nndl"
    }
    assert len(graph) > 15
    graphlib.TopologicalSorter(graph).prepare()


def test_each_idea_has_one_room():
    rooms = {
        "network": ["Network"],
        "layers": ["Dense", "Convolution", "MaxPooling", "Dropout", "Layer"],
        "activations": ["sigmoid", "tanh", "relu", "softmax", "identity"],
        "costs": ["Quadratic", "CrossEntropy", "LogLikelihood"],
        "starts": ["standard_normal", "scaled_normal", "glorot", "he"],
        "training": ["halve_when_stuck"],
        "gradient_check": ["check_gradient", "numerical_gradient", "relative_error"],
    }
    for room, names in rooms.items():
        for name in names:
            assert getattr(nndl, name).__module__ == f"nndl.{room}"
    assert Network.sgd.__module__ == "nndl.training"
    assert map_on_all_cores.__module__.startswith("nndl.support")


def test_every_public_name_is_documented_and_exported():
    for name in nndl.__all__:
        assert inspect.getdoc(getattr(nndl, name)), name
    assert sorted(nndl.__all__) == list(nndl.__all__)
