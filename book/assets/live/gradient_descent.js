// Gradient descent on a bowl and in a curved valley, with all examples or with mini-batches.
"use strict";

{
  const { fixed, range, randomNumbers, axes, element, text } = live;
  const STEPS = 40;
  const EXAMPLES = 100;

  // Each has C, its gradient, its minimum, the curvature that sets the bound 2 / beta (of the
  // valley: at its minimum), and the line C = level for an angle.
  const landscapes = {
    bowl: {
      cost: ([v1, v2]) => v1 ** 2 + 10 * v2 ** 2,
      gradient: ([v1, v2]) => [2 * v1, 20 * v2],
      minimum: [0, 0],
      beta: 20,
      start: [-2, 1],
      line: (level, angle) => [Math.sqrt(level) * Math.cos(angle), Math.sqrt(level / 10) * Math.sin(angle)],
    },
    valley: {
      cost: ([v1, v2]) => (v1 - 1) ** 2 / 2 + (v2 - v1 ** 2) ** 2,
      gradient: ([v1, v2]) => [v1 - 1 - 4 * v1 * (v2 - v1 ** 2), 2 * (v2 - v1 ** 2)],
      minimum: [1, 1],
      beta: (11 + Math.sqrt(113)) / 2,
      start: [-1.2, 2],
      line: (level, angle) => {
        const v1 = 1 + Math.sqrt(2 * level) * Math.cos(angle);
        return [v1, v1 ** 2 + Math.sqrt(level) * Math.sin(angle)];
      },
    },
  };

  /** By how much each example's gradient differs from the mean of all: vectors that sum to 0. */
  function deviations() {
    const next = randomNumbers(1);
    const drawn = range(1, EXAMPLES, EXAMPLES).map(() => {
      const [size, angle] = [Math.sqrt(-2 * Math.log(1 - next())), 2 * Math.PI * next()];
      return [size * Math.cos(angle), size * Math.sin(angle)];
    });
    const mean = [0, 1].map((i) => drawn.reduce((sum, e) => sum + e[i], 0) / EXAMPLES);
    return drawn.map((e) => [e[0] - mean[0], e[1] - mean[1]]);
  }

  /** The examples of every step: each epoch in a new order, cut into batches of m. */
  function batches(m, seed) {
    const next = randomNumbers(seed);
    const all = [];
    while (all.length < STEPS) {
      const order = range(0, EXAMPLES - 1, EXAMPLES);
      for (let i = EXAMPLES - 1; i > 0; i--) {
        const j = Math.floor(next() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      for (let i = 0; i < EXAMPLES; i += m) all.push(order.slice(i, i + m));
    }
    return all.slice(0, STEPS);
  }

  /** STEPS steps from (v1, v2): all points, and the decreases predicted and found. */
  function descend({ landscape, v1, v2, eta, noise, m, seed }) {
    const { cost, gradient } = landscapes[landscape];
    const examples = deviations();
    const path = [{ v: [v1, v2], C: cost([v1, v2]) }];
    for (const batch of batches(noise === "on" ? m : EXAMPLES, seed)) {
      const now = path.at(-1);
      const full = gradient(now.v);
      const g = full.map((slope, i) => {
        const error = batch.reduce((sum, k) => sum + examples[k][i], 0) / batch.length;
        return noise === "on" ? slope + error : slope;
      });
      const v = now.v.map((value, i) => value - eta * g[i]);
      now.predicted = eta * (full[0] * g[0] + full[1] * g[1]);
      now.decrease = now.C - cost(v);
      path.push({ v, C: cost(v) });
      if (!(path.at(-1).C < 1e12)) break;
    }
    return path;
  }

  /** What the path does, in a word. */
  function verdict(path, noise) {
    const last = path.at(-1);
    if (last.C > path[0].C) return "diverges";
    if (noise === "on") return "wanders downhill";
    const steps = path.slice(1).map((p, i) => [p.v[0] - path[i].v[0], p.v[1] - path[i].v[1]]);
    const turns = steps.slice(1).filter((s, i) => s[0] * steps[i][0] + s[1] * steps[i][1] < 0);
    if (Math.abs(last.C - path.at(-2).C) < 1e-6 && last.C > 1) return "jumps for ever";
    const zigzag = turns.length > steps.length / 2;
    // Both landscapes have the minimum 0.
    if (last.C > 0.01 * path[0].C) return zigzag ? "zig-zags and is still on its way" : "is still on its way";
    return zigzag ? "zig-zags and converges" : "converges";
  }

  const bound = ({ landscape }) => 2 / landscapes[landscape].beta;
  const LEVELS = [0.1, 0.5, 1, 2, 4, 8, 16, 32, 64];
  const MAP = [58, 28, 250, 230]; // 50 pixels for 1 in both directions: steps leave level lines at right angles
  const V1 = { low: -2.5, high: 2.5, ticks: [-2, -1, 0, 1, 2], label: "v₁" };
  const V2 = { low: -1.6, high: 3, ticks: [-1, 0, 1, 2, 3], label: "v₂" };

  function map(state) {
    const { minimum, line } = landscapes[state.landscape];
    const frame = axes(MAP, V1, V2, { grid: false });
    const path = descend(state);
    const { X, Y } = frame;
    const angles = range(0, 2 * Math.PI, 121);
    const ring = (level) => angles.map((angle) => line(level, angle));
    const points = path.map(({ v }) => v);
    const inside = path.filter(({ v }) => Math.abs(v[0]) < 9 && Math.abs(v[1]) < 9);
    const dot = ({ v }, r) => element("circle", { cx: X(v[0]), cy: Y(v[1]), r, class: "dot f-blue" });
    const content = [
      frame.svg,
      ...LEVELS.map((level) => frame.line(ring(level), "level")),
      frame.line(points, "s-blue"),
      frame.clip(...inside.map((point) => dot(point, 3))),
      dot(path[0], 6),
      text(X(minimum[0]), Y(minimum[1]) + 6, "✚", "f-green mark"),
      text(90, 15, "● start and steps", "f-blue", "start"),
      text(232, 15, "✚ minimum", "f-green", "start"),
    ].join("");
    const label = `Level lines of the ${state.landscape} and the path from (${fixed(state.v1, 2)}, ${fixed(state.v2, 2)}): it ${verdict(path, state.noise)}.`;
    return { width: 340, height: 296, label, content };
  }

  function history(state) {
    const path = descend(state);
    const powers = { "-6": "10⁻⁶", "-4": "10⁻⁴", "-2": "0.01", 0: "1", 2: "100", 4: "10⁴" };
    const up = { low: -6, high: 4, ticks: [-6, -4, -2, 0, 2, 4], label: "cost C" };
    const across = { low: -1, high: STEPS, ticks: [0, 10, 20, 30, 40], label: "step" };
    const frame = axes([46, 28, 284, 230], across, up, { yText: (power) => powers[power] });
    const points = path.map(({ C }, i) => [i, Math.log10(Math.max(C, 1e-9))]);
    const mark = points[Math.min(state.step, path.length - 1)];
    const content = [
      frame.svg,
      frame.line(points, "s-blue"),
      frame.clip(
        ...points.map(([i, C]) => element("circle", { cx: frame.X(i), cy: frame.Y(C), r: 2.5, class: "f-blue" })),
        element("circle", { cx: frame.X(mark[0]), cy: frame.Y(mark[1]), r: 6, class: "dot ring" }),
      ),
      text(196, 15, "○ the step in the list below", "f-blue"),
    ].join("");
    const label = `Cost after each step, on a logarithmic axis: from ${fixed(path[0].C, 3)} to ${fixed(path.at(-1).C, 6)} in ${path.length - 1} steps.`;
    return { width: 340, height: 296, label, content };
  }

  function report(state) {
    const path = descend(state);
    const k = Math.min(state.step, path.length - 2);
    const now = path[k];
    const side = state.eta < bound(state) ? "below" : state.eta > bound(state) ? "above" : "at";
    const where = state.landscape === "bowl" ? "" : ", by the curvature at its minimum";
    const sentence = `With η = ${fixed(state.eta, 3)}, ${side} the bound 2/β = ${fixed(bound(state), 3)}${where}, the path <b>${verdict(path, state.noise)}</b>: C goes from ${fixed(path[0].C, 3)} to ${fixed(path.at(-1).C, 6)} in ${path.length - 1} steps.`;
    const values = [
      ["step", `${k} → ${k + 1}`],
      ["v", `(${now.v.map((value) => fixed(value, 3)).join(", ")})`],
      ["C", fixed(now.C)],
      [state.noise === "on" ? "predicted decrease η ∇C·g" : "predicted decrease η‖∇C‖²", fixed(now.predicted)],
      ["actual decrease", fixed(now.decrease)],
    ];
    return { sentence, values };
  }

  /** A press in the map is a new start. */
  function mounted({ panels, state, update }) {
    panels.addEventListener("click", (event) => {
      const svg = event.target.closest("svg.live-svg");
      if (!svg || svg.parentElement !== panels.firstElementChild) return;
      const { left, top, width } = svg.getBoundingClientRect();
      const scale = 340 / width;
      const share = [
        ((event.clientX - left) * scale - MAP[0]) / MAP[2],
        1 - ((event.clientY - top) * scale - MAP[1]) / MAP[3],
      ];
      if (share.some((s) => s < 0 || s > 1)) return;
      const place = ({ low, high }, s) => Math.round(20 * (low + s * (high - low))) / 20;
      Object.assign(state, { v1: place(V1, share[0]), v2: place(V2, share[1]) });
      update();
    });
  }

  live.define("gradient_descent", {
    initial: { landscape: "bowl", v1: -2, v2: 1, eta: 0.09, noise: "off", m: 10, seed: 1, step: 0 },
    controls: [
      {
        type: "choice",
        key: "landscape",
        label: "landscape",
        options: { bowl: "bowl v₁² + 10 v₂²", valley: "valley ½(v₁ − 1)² + (v₂ − v₁²)²" },
        changed: (state) => {
          [state.v1, state.v2] = landscapes[state.landscape].start;
        },
      },
      {
        type: "slider",
        key: "eta",
        label: "learning rate <i>η</i>",
        min: 0.005,
        max: 0.25,
        step: 0.005,
        digits: 3,
        mark: (state) => ({ at: bound(state), words: `2/β = ${fixed(bound(state), 3)}` }),
      },
      { type: "slider", key: "v1", label: "start <i>v</i>₁", min: -2.5, max: 2.5, step: 0.05 },
      { type: "slider", key: "v2", label: "start <i>v</i>₂", min: -1.6, max: 3, step: 0.05 },
      { type: "choice", key: "noise", label: "gradient", options: { off: "all examples", on: "mini-batch (SGD)" } },
      {
        type: "slider",
        key: "m",
        label: "batch size <i>m</i>",
        min: 1,
        max: EXAMPLES,
        step: 1,
        digits: 0,
        usable: ({ noise }) => noise === "on",
      },
      { type: "slider", key: "step", label: "look at step", min: 0, max: STEPS - 1, step: 1, digits: 0 },
      {
        type: "button",
        id: "again",
        label: "Other mini-batches",
        usable: (state) => state.noise === "on",
        press: (state) => Object.assign(state, { seed: state.seed + 1 }),
      },
    ],
    panels: (state) => [map(state), history(state)],
    report,
    mounted,
    descend,
    batches,
    deviations,
    landscapes,
    verdict,
    MAP,
    V1,
    V2,
  });
}
