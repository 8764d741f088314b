"""Sums that come out the same to the bit on every CPU."""

ACTIVATION_BITS = 20
DELTA_BITS = 24


def round_to_bits(values, bits):
    """Round each entry of a float64 array to the nearest multiple of 2**-bits.

    Machines add the terms of a sum in different orders, and each order
    rounds differently. But where all terms are multiples of one power of two
    and the total fits into the 53 bits of a float64, every addition is
    exact, and then the order cannot matter. Multiples of 2**-20
    (activations) times multiples of 2**-24 (errors) are multiples of 2**-44:
    their sums are exact below 2**(53 - 44) = 512. Pixels k/256 need no
    rounding.

    Adding 1.5 * 2**(52 - bits) moves a value to where neighbouring floats
    are 2**-bits apart, so that the addition itself rounds; subtracting it
    again is exact. |values| must stay below 2**(51 - bits).
    """
    shift = 1.5 * 2.0 ** (52 - bits)
    return (values + shift) - shift


def round_for_exact_sums(activations, deltas):
    """Round the factors of a gradient: hidden activations, errors times eta / m.

    The inputs stay (pixels are coarse enough), and so do the outputs, which
    enter no sum. Returns the two lists, in which every product delta @ a.T
    is now free of rounding.
    """
    hidden = [round_to_bits(a, ACTIVATION_BITS) for a in activations[1:-1]]
    return (
        [activations[0], *hidden, activations[-1]],
        [round_to_bits(delta, DELTA_BITS) for delta in deltas],
    )
