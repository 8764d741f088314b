// Backpropagation, step by step, in the network [2, 2, 1] of the page "Backpropagation by hand".
"use strict";

{
  const { sigmoid, fixed, element, text } = live;

  // The parameters and the example, named w<layer><to><from>; the values are those of the page.
  const PAGE = { w211: 1.2, w212: -1.0, w221: 0.4, w222: 0.6, b21: 0.3, b22: 0.1, w311: 1.7, w312: -1.9, b31: -0.2 };
  const PARAMETERS = Object.keys(PAGE);
  const EXAMPLE = { x1: 0.5, x2: 1.5, y: 1 };

  /** "w212" as w²₁₂, and so on. */
  const pretty = (key) =>
    key.replace(/^([wbzaδ])(\d)/, (_, letter, layer) => letter + "⁰¹²³"[layer]).replace(/\d/g, (d) => "₀₁₂₃"[d]);

  function forward(s) {
    const z21 = s.w211 * s.x1 + s.w212 * s.x2 + s.b21;
    const z22 = s.w221 * s.x1 + s.w222 * s.x2 + s.b22;
    const [a21, a22] = [sigmoid(z21), sigmoid(z22)];
    const z31 = s.w311 * a21 + s.w312 * a22 + s.b31;
    const a31 = sigmoid(z31);
    return { z21, z22, a21, a22, z31, a31, C: (a31 - s.y) ** 2 / 2 };
  }

  /** The derivative of C by everything in the circuit but the example: (BP1) to (BP4). */
  function backward(s, { a21, a22, a31 }) {
    const z31 = (a31 - s.y) * a31 * (1 - a31); // BP1
    const by = { C: 1, a31: a31 - s.y, z31, a21: s.w311 * z31, a22: s.w312 * z31 };
    by.z21 = by.a21 * a21 * (1 - a21); // BP2
    by.z22 = by.a22 * a22 * (1 - a22);
    Object.assign(by, { b31: z31, b21: by.z21, b22: by.z22 }); // BP3
    Object.assign(by, { w311: a21 * z31, w312: a22 * z31 }); // BP4
    Object.assign(by, { w211: s.x1 * by.z21, w212: s.x2 * by.z21 });
    return Object.assign(by, { w221: s.x1 * by.z22, w222: s.x2 * by.z22 });
  }

  /** The largest distance of a derivative from its central difference. */
  function disagreement(s, by, h = 1e-5) {
    const cost = (key, step) => forward({ ...s, [key]: s[key] + step }).C;
    const gaps = PARAMETERS.map((key) => (cost(key, h) - cost(key, -h)) / (2 * h) - by[key]);
    return Math.max(...gaps.map(Math.abs));
  }

  const f = (value) => fixed(value);
  const plain = (value) => String(value).replace("-", "−");
  const signed = (value, write = f) => (value < 0 ? `(${write(value)})` : write(value));
  const slope = (a) => `${f(a)} · ${f(1 - a)}`;

  // Each step: what it does, its formula, and the numbers that it finds. The first five go
  // forward, the others backward.
  const TURN = 5;
  const STEPS = [
    ["Weighted inputs of the hidden layer", "z²ⱼ = Σₖ w²ⱼₖ xₖ + b²ⱼ", ["z21", "z22"]],
    ["Activations of the hidden layer", "a²ⱼ = σ(z²ⱼ)", ["a21", "a22"]],
    ["Weighted input of the output", "z³₁ = Σₖ w³₁ₖ a²ₖ + b³₁", ["z31"]],
    ["Output", "a³₁ = σ(z³₁)", ["a31"]],
    ["Cost", "C = ½ (a³₁ − y)²", ["C"]],
    ["How the cost answers to the output", "∂C/∂a³₁ = a³₁ − y", ["C", "a31"]],
    ["BP1, the error of the output", "δ³₁ = ∂C/∂a³₁ · σ′(z³₁)", ["z31"]],
    ["BP3, the bias of the output", "∂C/∂b³₁ = δ³₁", ["b31"]],
    ["BP4, the weights into the output", "∂C/∂w³₁ₖ = a²ₖ δ³₁", ["w311", "w312"]],
    ["BP2, first half: back through the weights", "∂C/∂a²ⱼ = w³₁ⱼ δ³₁", ["a21", "a22"]],
    ["BP2, second half: back through the sigmoid", "δ²ⱼ = ∂C/∂a²ⱼ · σ′(z²ⱼ)", ["z21", "z22"]],
    ["BP3, the hidden biases", "∂C/∂b²ⱼ = δ²ⱼ", ["b21", "b22"]],
    ["BP4, the weights into the hidden layer", "∂C/∂w²ⱼₖ = xₖ δ²ⱼ", ["w211", "w212", "w221", "w222"]],
  ];

  /** What the steps from `first` to before `end` find. */
  const findings = (first, end) => new Set(STEPS.slice(first, end).flatMap((step) => step[2]));

  /** The calculation of the forward number `key`, in numbers. */
  function forwardWords(key, s, n) {
    if (key === "C") return `½ (${f(n.a31)} − ${signed(s.y, plain)})²`;
    if (key[0] === "a") return `σ(${f(n[`z${key.slice(1)}`])})`;
    const [layer, j] = key.slice(1);
    const inputs = layer === "2" ? [plain(s.x1), plain(s.x2)] : [f(n.a21), f(n.a22)];
    const terms = inputs.map((a, k) => `${signed(s[`w${layer}${j}${k + 1}`], plain)} · ${a.replace(/^−.*/, "($&)")}`);
    return `${terms.join(" + ")} + ${signed(s[`b${layer}${j}`], plain)}`;
  }

  /** The calculation of the derivative by `key`, in numbers. */
  function backwardWords(key, s, n, d) {
    const [letter, layer, j, k] = key;
    if (key === "a31") return `${f(n.a31)} − ${signed(s.y, plain)}`;
    if (letter === "z") return `${signed(d[`a${layer}${j}`])} · ${slope(n[`a${layer}${j}`])}`;
    if (letter === "b") return pretty(`δ${layer}${j}`);
    if (letter === "a") return `${signed(s[`w31${j}`], plain)} · ${signed(d.z31)}`;
    const input = layer === "2" ? signed(s[`x${k}`], plain) : f(n[`a2${k}`]);
    return `${input} · ${signed(d[`z${layer}${j}`])}`;
  }

  // Middles of the boxes and labels, and the wires between them, in forward direction.
  const BOXES = {
    x1: [22, 92],
    x2: [22, 246],
    z21: [124, 92],
    a21: [178, 92],
    z22: [124, 246],
    a22: [178, 246],
    z31: [290, 169],
    a31: [344, 169],
    C: [344, 285],
  };
  const LABELS = {
    w211: [67, 78],
    w212: [84, 134],
    w221: [84, 190],
    w222: [67, 258],
    b21: [124, 20],
    b22: [124, 308],
    w311: [232, 112],
    w312: [232, 216],
    b31: [304, 84],
  };
  const WIRES = [
    [40, 92, 96, 92],
    [40, 108, 96, 230],
    [40, 230, 96, 108],
    [40, 246, 96, 246],
    [206, 98, 262, 154],
    [206, 240, 262, 184],
    [124, 40, 124, 61],
    [124, 295, 124, 277],
    [290, 104, 290, 138],
    [344, 200, 344, 254],
  ];

  function arrow(ends, back) {
    const [x0, y0, x1, y1] = back ? [...ends.slice(2), ...ends.slice(0, 2)] : ends;
    const angle = Math.atan2(y1 - y0, x1 - x0);
    const barb = (turn) =>
      `${(x1 - 7 * Math.cos(angle + turn)).toFixed(1)} ${(y1 - 7 * Math.sin(angle + turn)).toFixed(1)}`;
    const d = `M${x0},${y0}L${x1},${y1}M${barb(0.5)}L${x1},${y1}L${barb(-0.5)}`;
    return element("path", { d, class: back ? "wire s-red short" : "wire" });
  }

  function circuit(state) {
    const n = { ...state, ...forward(state) };
    const d = backward(state, n);
    const found = findings(0, Math.min(state.step, TURN));
    const back = findings(TURN, state.step);
    const current = new Set(STEPS[state.step - 1]?.[2]);
    const known = (key) => key in state || found.has(key);
    const boxes = Object.entries(BOXES).map(([key, [x, y]]) => {
      const half = key.startsWith("x") ? 18 : 27;
      const look = `box${current.has(key) ? " current" : ""}`;
      return [
        element("rect", { x: x - half, y: y - 30, width: 2 * half, height: 60, rx: 4, class: look }),
        text(x, y - 14, pretty(key), "name"),
        known(key) ? text(x, y + 4, (key in state ? plain : f)(n[key]), "f-blue") : "",
        back.has(key) ? text(x, y + 22, key === "C" ? "1" : f(d[key]), "f-red bold") : "",
      ].join("");
    });
    const labels = Object.entries(LABELS).map(([key, [x, y]]) => {
      const look = `halo f-blue${current.has(key) ? " underlined" : ""}`;
      const name = text(x, y, `${pretty(key)} ${plain(n[key])}`, look);
      return name + (back.has(key) ? text(x, y + 15, f(d[key]), "halo f-red bold") : "");
    });
    const reverse = state.step > TURN;
    const y = text(344, 330, `y = ${plain(state.y)}`, "f-blue");
    const parts = [...WIRES.map((wire) => arrow(wire, reverse)), ...boxes, ...labels, y];
    const content = element("g", { class: "small" }, ...parts);
    const label = `The network as a circuit after step ${state.step} of ${STEPS.length}; the numbers are in the text and list below.`;
    return { width: 374, height: 338, label, content };
  }

  function report(state) {
    const n = forward(state);
    const d = backward(state, n);
    const [title, formula, finds] = STEPS[state.step - 1] ?? [];
    const lines = finds?.map((key) => {
      if (state.step <= TURN) return `<br>${pretty(key)} = ${forwardWords(key, state, n)} = ${f(n[key])}`;
      const name = key[0] === "z" ? pretty(key.replace("z", "δ")) : `∂C/∂${pretty(key)}`;
      return key === "C" ? "" : `<br>${name} = ${backwardWords(key, state, n, d)} = ${f(d[key])}`;
    });
    const sentence = finds
      ? `<b>Step ${state.step} of ${STEPS.length}. ${title}:</b> <span class="live-formula">${formula}</span>${lines.join("")}`
      : "<b>The example is at the left.</b> Press <i>Next</i> to send it through the network.";
    const shown = findings(TURN, state.step);
    const values = PARAMETERS.map((key) => [`∂C/∂${pretty(key)}`, shown.has(key) ? f(d[key]) : "…"]);
    const gap = disagreement(state, d).toExponential(0).replace("-", "−");
    values.push(["check: all nine, and central differences", `at most ${gap} apart`]);
    return { sentence, values };
  }

  const go = (id, label, usable, target) => ({
    type: "button",
    id,
    label,
    usable,
    press: (state) => Object.assign(state, { step: target(state) }),
  });
  const backwards = (state) => state.step > 0;
  const onwards = (state) => state.step < STEPS.length;
  const field = (key) => {
    const bounds = { min: -20, max: 20, step: 0.1 };
    return { type: "number", key, label: key === "y" ? "target y" : pretty(key), ...bounds };
  };

  live.define("backprop_steps", {
    initial: { ...PAGE, ...EXAMPLE, step: STEPS.length },
    controls: [
      go("first", "Start", backwards, () => 0),
      go("back", "◀ Back", backwards, (state) => state.step - 1),
      go("next", "Next ▶", onwards, (state) => state.step + 1),
      go("last", "End", onwards, () => STEPS.length),
      ...[...Object.keys(EXAMPLE), ...PARAMETERS].map(field),
      {
        type: "button",
        id: "page",
        label: "The page's numbers",
        press: (state) => Object.assign(state, PAGE, EXAMPLE),
      },
    ],
    panels: (state) => [circuit(state)],
    report,
    sentenceFirst: true,
    mounted: ({ state }) => {
      state.step = 0;
    },
    forward,
    backward,
    disagreement,
  });
}
