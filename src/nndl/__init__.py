"""A small NumPy package for the book: the network of chapters 1 and 2, its data and its checks."""

from nndl.activations import sigmoid, sigmoid_prime
from nndl.costs import quadratic_cost
from nndl.gradient_check import check_gradient
from nndl.idx import read_idx
from nndl.mnist import load_mnist
from nndl.network import Network

__all__ = [
    "Network",
    "check_gradient",
    "load_mnist",
    "quadratic_cost",
    "read_idx",
    "sigmoid",
    "sigmoid_prime",
]
