// Which weight is it? Light a wire, and its entry in the matrix lights; and the reverse.
"use strict";

{
  const { element, text } = live;
  const SIZES = [5, 4, 3, 2];
  const low = (n) => "₀₁₂₃₄₅"[n];
  const high = (n) => "⁰¹²³⁴⁵"[n];
  const nameOf = ({ layer, j, k }) => `w${high(layer)}${low(j)}${low(k)}`;
  const rows = (layer) => SIZES[layer - 1];
  const columns = (layer) => SIZES[layer - 2];

  /** All wires into a layer, {layer, j, k}: to neuron j of that layer, from neuron k before it. */
  const wiresInto = (layer) =>
    Array.from({ length: rows(layer) * columns(layer) }, (_, i) => ({
      layer: Number(layer),
      j: 1 + Math.floor(i / columns(layer)),
      k: 1 + (i % columns(layer)),
    }));

  const place = (layer, j) => [40 + 90 * (layer - 1), 118 + 44 * (j - (SIZES[layer - 1] + 1) / 2)];

  /** Attributes of something that stands for a wire: one of each panel takes part in tabbing. */
  function handle(wire, lit, kind) {
    const on = nameOf(wire) === nameOf(lit);
    const words = `${nameOf(wire)}, ${kind}`;
    const wireData = `${wire.layer},${wire.j},${wire.k}`;
    return {
      role: "button",
      "aria-label": words,
      "aria-pressed": on,
      tabindex: on ? 0 : -1,
      "data-wire": wireData,
      "data-focus": `${kind} ${wireData}`,
    };
  }

  function network(state) {
    const lit = { ...state, layer: Number(state.layer) };
    const all = [2, 3, 4].flatMap(wiresInto);
    all.sort((a, b) => (nameOf(a) === nameOf(lit)) - (nameOf(b) === nameOf(lit)));
    const wires = all.map((wire) => {
      const d = `M${place(wire.layer - 1, wire.k)}L${place(wire.layer, wire.j)}`;
      const on = nameOf(wire) === nameOf(lit);
      const look = on ? "s-red thick" : wire.layer === lit.layer ? "wire" : "wire faint";
      const line = element("path", { d, class: look });
      return element("g", handle(wire, lit, "wire"), element("path", { d, class: "hit" }), line);
    });
    const neurons = SIZES.flatMap((size, i) =>
      Array.from({ length: size }, (_, row) => {
        const [x, y] = place(i + 1, row + 1);
        const role =
          i + 1 === lit.layer && row + 1 === lit.j ? " to" : i + 2 === lit.layer && row + 1 === lit.k ? " from" : "";
        return element("circle", { cx: x, cy: y, r: 13, class: `neuron${role}` }) + text(x, y + 5, row + 1);
      }),
    );
    const titles = SIZES.map((_, i) => text(place(i + 1, 1)[0], 252, `layer ${i + 1}`, "tick"));
    const label = `Network with layers of 5, 4, 3 and 2 neurons; the wire ${nameOf(lit)} is lit.`;
    return { width: 350, height: 260, role: "group", label, content: [...wires, ...neurons, ...titles].join("") };
  }

  function matrix(state) {
    const lit = { ...state, layer: Number(state.layer) };
    const [left, top, size] = [70, 34, 44];
    const cells = wiresInto(lit.layer).map((wire) => {
      const [x, y] = [left + size * (wire.k - 1), top + size * (wire.j - 1)];
      const band = wire.j === lit.j || wire.k === lit.k ? " band" : "";
      const look = nameOf(wire) === nameOf(lit) ? "cell lit" : `cell${band}`;
      const square = element("rect", { x: x + 2, y: y + 2, width: size - 4, height: size - 4, rx: 4, class: look });
      return element("g", handle(wire, lit, "entry"), square, text(x + size / 2, y + size / 2 + 5, nameOf(wire)));
    });
    const numbered = (count, at) => Array.from({ length: count }, (_, i) => text(...at(i), i + 1, "tick"));
    const content = [
      ...cells,
      ...numbered(columns(lit.layer), (i) => [left + size * (i + 0.5), top - 5]),
      ...numbered(rows(lit.layer), (i) => [left - 9, top + size * (i + 0.5) + 5]),
      text(left, 12, "column k: sender", "", "start"),
      text(0, top + 22, "row j:", "", "start"),
      text(0, top + 38, "receiver", "", "start"),
    ].join("");
    const label = `Matrix w${high(lit.layer)}; the entry in row ${lit.j}, column ${lit.k} is lit.`;
    return { width: 300, height: 222, role: "group", label, content };
  }

  function report(state) {
    const { j, k } = state;
    const layer = Number(state.layer);
    const exists = k <= rows(layer) && j <= columns(layer);
    const other = nameOf({ layer, j: k, k: j });
    const swapped =
      j === k
        ? "Here both indices are equal, so swapping them changes nothing."
        : exists
          ? `Swapped, ${other} is another wire: to neuron ${k}, from neuron ${j}.`
          : `Swapped, ${other} does not exist: it would lead to neuron ${k} of layer ${layer}, from neuron ${j} of layer ${layer - 1}.`;
    const sentence = `<b>${nameOf({ layer, j, k })}</b> leads <b>to</b> neuron ${j} of layer ${layer} <b>from</b> neuron ${k} of layer ${layer - 1}. ${swapped}`;
    const values = [
      ["matrix", `w${high(layer)}, shape (${rows(layer)}, ${columns(layer)})`],
      ["row, column", `${j}, ${k}`],
      ["in code, from 0", `<code>w[${layer}][${j - 1}, ${k - 1}]</code>`],
      ["its term", `${nameOf({ layer, j, k })} a${high(layer - 1)}${low(k)} in z${high(layer)}${low(j)}`],
    ];
    return { sentence, values };
  }

  const within = (value, most) => Math.max(1, Math.min(most, value));
  const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  /** Hover or press lights a wire or entry; the arrow keys move along row and column. */
  function mounted({ panels, state, update }) {
    const light = (layer, j, k) => {
      if (Number(state.layer) === layer && state.j === j && state.k === k) return;
      Object.assign(state, { layer: String(layer), j, k });
      update();
    };
    let pointer = "";
    for (const kind of ["pointermove", "click"]) {
      panels.addEventListener(kind, ({ target, type, clientX, clientY }) => {
        // A new drawing under a pointer at rest counts as a move too, and must not undo the keyboard's.
        if (type === "pointermove" && pointer === `${clientX} ${clientY}`) return;
        if (type === "pointermove") pointer = `${clientX} ${clientY}`;
        const wire = target.closest("[data-wire]")?.dataset.wire;
        if (wire) light(...wire.split(",").map(Number));
      });
    }
    panels.addEventListener("keydown", (event) => {
      const step = KEYS[event.key];
      if (!step) return;
      event.preventDefault();
      const layer = Number(state.layer);
      light(layer, within(state.j + step[0], rows(layer)), within(state.k + step[1], columns(layer)));
      const kind = event.target.dataset.focus.split(" ")[0];
      panels.querySelector(`[data-focus="${kind} ${layer},${state.j},${state.k}"]`).focus();
    });
  }

  live.define("which_weight", {
    initial: { layer: "3", j: 1, k: 4 },
    controls: [
      {
        type: "choice",
        key: "layer",
        label: "matrix",
        options: { 2: "w²", 3: "w³", 4: "w⁴" },
        changed: (state) => {
          state.j = within(state.j, rows(state.layer));
          state.k = within(state.k, columns(state.layer));
        },
      },
    ],
    panels: (state) => [network(state), matrix(state)],
    report,
    sentenceFirst: true,
    mounted,
    wiresInto,
  });
}
