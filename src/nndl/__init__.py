"""A small NumPy package for the book: its networks, their training, the digits and the checks."""

from nndl.activations import identity, relu, sigmoid, sigmoid_prime, softmax, tanh
from nndl.costs import CrossEntropy, LogLikelihood, Quadratic, quadratic_cost
from nndl.digits.idx import read_idx
from nndl.digits.mnist import load_mnist
from nndl.gradient_check import check_gradient, numerical_gradient, relative_error
from nndl.layers import Convolution, Dense, Dropout, Layer, MaxPooling
from nndl.network import Network
from nndl.starts import glorot, he, scaled_normal, standard_normal
from nndl.support.exact import DivergenceError
from nndl.training import halve_when_stuck

__all__ = [
    "Convolution",
    "CrossEntropy",
    "Dense",
    "DivergenceError",
    "Dropout",
    "Layer",
    "LogLikelihood",
    "MaxPooling",
    "Network",
    "Quadratic",
    "check_gradient",
    "glorot",
    "halve_when_stuck",
    "he",
    "identity",
    "load_mnist",
    "numerical_gradient",
    "quadratic_cost",
    "read_idx",
    "relative_error",
    "relu",
    "scaled_normal",
    "sigmoid",
    "sigmoid_prime",
    "softmax",
    "standard_normal",
    "tanh",
]
