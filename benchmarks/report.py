"""What the measurements say: targets, a table, a figure, and the JSON of the page."""

import json
import statistics

SMALLEST = [784, 30, 10]

# Of `nndl` against another, in float64 at batch 10: at least so many times as fast,
# for each of the three networks.
SPEED = {
    "loop over examples": 7,
    "PyTorch, eager": 3,
    "scikit-learn": 3,
    "JAX, jit and scan": 1,
}
YARDSTICK = 1.15  # times as long as the preallocated loop, at most
REPRODUCIBLE = 1.08  # times as long as the plain mode, at most
FLOAT32 = 1.3  # times as fast as plain float64, at least
MEGABYTES = 450

# Of convolutional networks in float32: at batch 10 and 64 so many times as fast, at least.
CONVOLUTIONS = {
    ("20 maps, 100 neurons", 10): {"PyTorch, eager": 1.7},
    ("20 maps, 40 maps, 100 neurons", 10): {"PyTorch, eager": 1.5},
    ("20 maps, 100 neurons", 64): {"PyTorch, eager": 1},
    ("20 maps, 40 maps, 100 neurons", 64): {"PyTorch, eager": 1},
}
OTHER_PEERS = (
    "PyTorch, channels last",
    "PyTorch, compiled",
    "JAX, jit",
)  # 1 at batch 10
FLOAT64 = 2.1  # times as long as float32, at most
SECONDS = 1.5  # to evaluate 10 000 images
CONVOLUTION_MEGABYTES = 700


def seconds(found, contender, sizes, batch_size=10, dtype="float64"):
    """Seconds per round, None where it took no part; an empty list if it was skipped."""
    for row in found["epochs"]:
        key = (row["contender"], row["sizes"], row["batch_size"], row["dtype"])
        if key == (contender, sizes, batch_size, dtype):
            return row["seconds"]
    return []


def ratio(above, below):
    """Median over the rounds of the quotient of two times in the same round, or None."""
    pairs = zip(above, below, strict=False)
    quotients = [a / b for a, b in pairs if a is not None and b is not None]
    return statistics.median(quotients) if quotients else None


def quartiles(times):
    """Lowest, lower quartile, median and upper quartile of the rounds."""
    times = [t for t in times if t is not None]
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return min(times), low, middle, high


def targets(found):
    """Each target with its measured value, and whether it is met."""
    rows = []

    def add(what, sizes, value, limit, at_least):
        met = None if value is None else (value >= limit) == at_least or value == limit
        side = "at least" if at_least else "at most"
        target = f"{side} {limit}"
        rows.append(
            {"what": what, "sizes": sizes, "target": target, "value": value, "met": met}
        )

    for sizes in networks(found):
        ours = seconds(found, "nndl", sizes)
        plain = seconds(found, "nndl, plain", sizes)
        for peer, limit in SPEED.items():
            value = ratio(seconds(found, peer, sizes), ours)
            add(f"times as fast as: {peer}", sizes, value, limit, True)
        yardstick = seconds(found, "preallocated NumPy", sizes)
        add(
            "time, preallocated NumPy = 1",
            sizes,
            ratio(ours, yardstick),
            YARDSTICK,
            False,
        )
        add("plain, the same", sizes, ratio(plain, yardstick), YARDSTICK, False)
        add("reproducible, plain = 1", sizes, ratio(ours, plain), REPRODUCIBLE, False)
        single = seconds(found, "nndl", sizes, dtype="float32")
        add(
            "float32, times as fast as float64",
            sizes,
            ratio(ours, single),
            FLOAT32,
            True,
        )
    used = found["memory"]["training [784, 30, 10], float64"]
    add("megabytes to load and train", SMALLEST, used, MEGABYTES, False)
    for (network, batch_size), peers in CONVOLUTIONS.items():
        ours = convolution_seconds(found, "nndl", network, batch_size)
        where = f"{network}, batch {batch_size}"
        if batch_size == 10:
            peers = peers | dict.fromkeys(OTHER_PEERS, 1)
        for peer, limit in peers.items():
            times = convolution_seconds(found, peer, network, batch_size)
            add(f"times as fast as: {peer}", where, ratio(times, ours), limit, True)
        double = convolution_seconds(found, "nndl", network, batch_size, "float64")
        add("float64, float32 = 1", where, ratio(double, ours), FLOAT64, False)
    largest = list(CONVOLUTIONS)[-1][0]
    add(
        "seconds to evaluate 10 000 images",
        largest,
        found["other"]["evaluation_convolutions"],
        SECONDS,
        False,
    )
    used = found["memory"][f"training {largest}, float32"]
    add("megabytes to load and train", largest, used, CONVOLUTION_MEGABYTES, False)
    return rows


def convolution_seconds(found, contender, network, batch_size, dtype="float32"):
    """Seconds per round of a convolutional network; an empty list if it was skipped."""
    for row in found["convolutions"]:
        key = (row["contender"], row["network"], row["batch_size"], row["dtype"])
        if key == (contender, network, batch_size, dtype):
            return row["seconds"]
    return []


def networks(found):
    """The sizes that were measured, in their order."""
    sizes = []
    for row in found["epochs"]:
        if row["sizes"] not in sizes:
            sizes.append(row["sizes"])
    return sizes


def contenders(found):
    """The names of those that took part, in their order."""
    return list(dict.fromkeys(row["contender"] for row in found["epochs"]))


def small_operations(result):
    """Microseconds of pytest-benchmark's result: name, median and quartiles."""
    rows = []
    for row in result["benchmarks"]:
        values = {k: row["stats"][k] * 1e6 for k in ("q1", "median", "q3")}
        rows.append({"name": row["name"].removeprefix("test_"), **values})
    return rows


def round_numbers(value):
    """The same object with every float to four significant digits."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, list):
        return [round_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: round_numbers(item) for key, item in value.items()}
    return value


def as_json(found):
    """The object as text: one line for each row of a list."""
    parts = []
    for key, value in found.items():
        text = json.dumps(value)
        if isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]"
        parts.append(f"{json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def as_markdown(found):
    """The whole report as Markdown."""
    machine = found["machine"]
    blas = "; ".join(
        f"{b['internal_api']} {b['version']}, kernel {b['architecture']}"
        for b in machine["blas"]
    )
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items() if v)
    text = [
        "# Results of `make bench`",
        f"{machine['cpu']}, {machine['cores']} cores, one thread on one core; "
        f"{machine['system']}; BLAS of NumPy: {blas}; Python {machine['python']}, {versions}.",
        "Written by `benchmarks/run.py`; the page *How fast, and how sure* explains it.",
        "## Targets, float64, batch 10",
        table(
            ["what", "network", "target", "measured", "met"],
            [
                [
                    row["what"],
                    row["sizes"],
                    row["target"],
                    "skipped" if row["value"] is None else f"{row['value']:.2f}",
                    {True: "yes", False: "**no**", None: "-"}[row["met"]],
                ]
                for row in found["targets"]
            ],
        ),
        "## Milliseconds of an epoch (49 920 examples): median (lower to upper quartile)",
        "The loop is timed on a tenth of them. After the x: the multiple of the floor, see below.",
    ]
    configurations = [
        (batch_size, dtype)
        for batch_size in (10, 128)
        for dtype in ("float64", "float32")
    ]
    for sizes in networks(found):
        rows = []
        for name in contenders(found):
            cells = [name]
            for batch_size, dtype in configurations:
                times = seconds(found, name, sizes, batch_size, dtype)
                if not times or (name == "nndl" and dtype == "float32"):
                    cells.append("-")
                    continue
                _, low, middle, high = (1e3 * t for t in quartiles(times))
                limit = 1e3 * limits(found, sizes, batch_size, dtype)["floor"]
                cells.append(
                    f"{middle:.0f} ({low:.0f}-{high:.0f}), x{middle / limit:.1f}"
                )
            rows.append(cells)
        head = [str(sizes), *(f"batch {m}, {dtype}" for m, dtype in configurations)]
        text.append(table(head, rows))
    for name, why in found["skipped"].items():
        text.append(f"Skipped: {name}. {why}")
    text += [
        "## Convolutional networks: seconds of 50 000 examples, median, one thread",
        "Kernels of 5 x 5, each followed by max-pooling; ReLU, softmax, weight decay. Timed on "
        "1000 examples (batch 64: 1280).",
        table(
            ["network", "batch", "type", "contender", "seconds"],
            [
                [
                    *(
                        row["network"],
                        row["batch_size"],
                        row["dtype"],
                        row["contender"],
                    ),
                    f"{statistics.median(row['seconds']):.2f}",
                ]
                for row in found["convolutions"]
            ],
        ),
    ]
    text += [
        "## Limits: milliseconds of an epoch",
        "`products`: the step's matrix products, each alone; `memory`: taking the batches and "
        "one pass over the weights; `floor`: both, and a bare call for every other operation; "
        "`at peak`: the products at the speed of a product of 1024 by 1024.",
        table(
            ["network", "batch", "type", "products", "memory", "floor", "at peak"],
            [
                [row["sizes"], row["batch_size"], row["dtype"]]
                + [
                    f"{1e3 * row[k]:.0f}"
                    for k in ("products", "memory", "floor", "at_peak")
                ]
                for row in found["limits"]
            ],
        ),
        "## How an epoch grows (nndl, float64)",
        table(
            ["network", "batch", "seconds", "multiplications / ns"],
            [
                [
                    row["sizes"],
                    row["batch_size"],
                    f"{row['seconds']:.3f}",
                    f"{row['multiplications'] / row['seconds'] / 1e9:.2f}",
                ]
                for row in found["growth"]
            ],
        ),
        "## Other work",
        table(
            ["what", "measured"],
            [
                *(
                    [k.replace("_", " "), f"{1e3 * v:.1f} ms"]
                    for k, v in found["other"].items()
                ),
                *([f"memory: {k}", f"{v:.0f} MB"] for k, v in found["memory"].items()),
                *([row["name"], f"{row['median']:.1f} µs"] for row in found["small"]),
            ],
        ),
        "## BLAS threads: milliseconds of an epoch, median",
        "`busy`: one other spinning process per core.",
        table(
            ["network", "batch", "load", "all threads", "one thread"],
            [
                [sizes, m, load, *(f"{1e3 * t:.0f}" for t in times)]
                for sizes, m, load, *times in thread_rows(found)
            ],
        ),
    ]
    return "\n\n".join(text) + "\n"


def limits(found, sizes, batch_size, dtype):
    """The row of limits of one configuration."""
    key = (sizes, batch_size, dtype)
    return next(
        row
        for row in found["limits"]
        if (row["sizes"], row["batch_size"], row["dtype"]) == key
    )


def thread_rows(found):
    """Sizes, batch size, load, median seconds with all threads and with one."""
    rows = {}
    for row in found["threads"]:
        key = (tuple(row["sizes"]), row["batch_size"], row["load"])
        rows.setdefault(key, {})[row["threads"]] = statistics.median(row["seconds"])
    return [
        (list(sizes), m, load, times["all"], times["one"])
        for (sizes, m, load), times in rows.items()
    ]


def draw(found, path):
    """The time of an epoch of each contender and network, at batch 10 in float64."""
    import matplotlib.pyplot as plt

    plt.style.use("nndl.book")
    sizes_drawn = networks(found)
    figure, axes = plt.subplots(
        1, len(sizes_drawn), figsize=(10, 3.6), sharey=True, sharex=True
    )
    names = contenders(found)
    for sizes, ax in zip(sizes_drawn, axes, strict=True):
        for i, name in enumerate(names):
            times = seconds(found, name, sizes)
            if not times:
                continue
            _, low, middle, high = quartiles(times)
            ax.barh(i, middle, color="C1" if name.startswith("nndl") else "C0")
            ax.plot([low, high], [i, i], color="black", lw=1)
        ax.axvline(
            limits(found, sizes, 10, "float64")["floor"], color="0.4", ls="--", lw=1
        )
        ax.set(xscale="log", xlabel="seconds an epoch", title=str(sizes))
    axes[0].set(yticks=range(len(names)), yticklabels=names)
    figure.savefig(path, dpi=150, metadata={"Software": None})
    plt.close(figure)
