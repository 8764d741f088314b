// Sculpt a function with five bumps: heights by dragging, a score, and three reveals.
"use strict";

{
  const { sigmoid, fixed, range, axes, element, text, drag, stepped } = live;

  const f = (x) => 0.2 + 0.4 * x * x + 0.3 * x * Math.sin(15 * x) + 0.05 * Math.cos(50 * x); // [N113]
  const goal = (x) => Math.log(f(x) / (1 - f(x)));
  const POINTS = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  const LOW = -3;
  const HIGH = 3;
  const EVEN = [0.2, 0.4, 0.6, 0.8];
  const MEDIANS = [-1.2655, -1.4127, -0.3384, -0.9879, 1.193];
  const MOVED = { edges: [0.4525, 0.6475, 0.8275, 0.87], heights: [-1.2823, -0.3034, -1.0313, 0.1251, 1.2767] };
  // Weights, biases, output weights and output bias of ten trained neurons (book/chapter4/experiments.json).
  const TRAINED = {
    w: [-28.9163, -12.8878, -22.6483, -31.0416, -31.9726, -21.1767, -56.2917, -49.6443, 12.9014, 22.1923],
    b: [19.4171, 9.73099, 19.0165, 14.3175, 9.24176, 14.4533, 54.3505, 4.77776, -4.08446, -6.55247],
    v: [49.642, 88.0361, -31.7124, -12.1487, 46.7347, -104.2, -2.66541, -3.70381, -78.4406, 107.682],
    c: -29.8674,
  };

  const shapes = {
    hand: (state) => ({ edges: EVEN, heights: state.heights }),
    medians: () => ({ edges: EVEN, heights: MEDIANS }),
    moved: () => MOVED,
  };

  /** The weighted input of the output neuron as a function of x. */
  function network(state) {
    if (state.mode === "trained") {
      const { w, b, v, c } = TRAINED;
      return (x) => w.reduce((sum, wj, j) => sum + v[j] * sigmoid(wj * x + b[j]), c);
    }
    const { edges, heights } = shapes[state.mode](state);
    return (x) => heights[edges.filter((edge) => x >= edge).length];
  }

  /** Mean distance between the weighted input and the goal. */
  function score(state) {
    const z = network(state);
    return POINTS.reduce((sum, x) => sum + Math.abs(z(x) - goal(x)), 0) / POINTS.length;
  }

  const BOX = [38, 28, 292, 216];
  const across = { low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], label: "input x" };
  const up = { low: LOW, high: HIGH, ticks: [-3, -2, -1, 0, 1, 2, 3], label: "weighted input z" };

  function sculpture(state) {
    const frame = axes(BOX, across, up);
    const { X, Y } = frame;
    const curve = frame.line(
      range(0, 1, 501).map((x) => [x, goal(x)]),
      "s-red dashes",
    );
    const z = network(state);
    const mine = [];
    if (state.mode === "trained")
      mine.push(
        frame.line(
          range(0, 1, 1001).map((x) => [x, z(x)]),
          "s-blue",
        ),
      );
    else {
      const { edges, heights } = shapes[state.mode](state);
      const places = [0, ...edges, 1];
      heights.forEach((h, i) => {
        const [left, right] = [X(places[i]), X(places[i + 1])];
        const bar = { x: left, y: Math.min(Y(h), Y(0)), width: right - left, height: Math.abs(Y(h) - Y(0)) };
        mine.push(element("rect", { ...bar, class: "f-blue", opacity: 0.15 }));
        mine.push(element("path", { class: "line s-blue thick", d: `M${left} ${Y(h)}H${right}` }));
        if (state.mode === "hand" || state.mode === "medians") mine.push(handle(i, h, left, right, Y(h)));
      });
    }
    const content = [
      frame.svg,
      ...mine,
      curve,
      text(150, 15, "━ network", "f-blue", "start"),
      text(228, 15, "╍ goal σ⁻¹(f)", "f-red", "start"),
    ].join("");
    const label = `Weighted input against input x: the goal, and the network's ${state.mode === "trained" ? "smooth curve" : "five bumps"}; mean deviation ${fixed(score(state), 3)}.`;
    return { width: 340, height: 284, role: "group", label, content };
  }

  function handle(i, h, left, right, y) {
    const middle = (left + right) / 2;
    const values = { "aria-valuemin": LOW, "aria-valuemax": HIGH, "aria-valuenow": h, "aria-valuetext": fixed(h, 2) };
    const look = { style: "cursor:ns-resize;touch-action:none", "data-focus": `h${i}`, "data-grab": i };
    const area = { x: left, y: y - 22, width: right - left, height: 44, fill: "transparent" };
    return element(
      "g",
      { role: "slider", tabindex: 0, "aria-label": `height of bump ${i + 1}`, ...values, ...look },
      element("rect", area),
      element("circle", { cx: middle, cy: y, r: 8, class: "dot f-blue" }),
      element("path", {
        d: `M${middle - 3} ${y - 1.5}l3 -3l3 3M${middle - 3} ${y + 1.5}l3 3l3 -3`,
        fill: "none",
        class: "dot",
      }),
    );
  }

  function outputs(state) {
    const frame = axes(BOX, across, { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1], label: "output" });
    const z = network(state);
    const along = (g) => range(0, 1, 1001).map((x) => [x, g(x)]);
    const content = [
      frame.svg,
      frame.line(
        along((x) => sigmoid(z(x))),
        "s-blue",
      ),
      frame.line(along(f), "s-red dashes"),
      text(150, 15, "━ network", "f-blue", "start"),
      text(228, 15, "╍ goal f", "f-red", "start"),
    ].join("");
    const label =
      "Output against input x: the function f of the chapter, and the network's output, the sigmoid of the first picture.";
    return { width: 340, height: 284, label, content };
  }

  const words = {
    hand: (s) => (s <= 0.4 ? "That meets the challenge of 0.40." : "The challenge is 0.40 or less."),
    medians: () => "Each height is the median of the goal on its fifth: with these edges, no heights do better.",
    moved: () => "The edges have moved to where the goal changes fast; for five bumps this is the best.",
    trained: () => "The same ten neurons, with all their weights and biases learned.",
  };

  function report(state) {
    const s = score(state);
    const z = network(state);
    const sentence = `The mean deviation is <b>${fixed(s, 3)}</b>. ${words[state.mode](s)}`;
    const output = POINTS.reduce((sum, x) => sum + Math.abs(sigmoid(z(x)) - f(x)), 0) / POINTS.length;
    const shape = shapes[state.mode]?.(state);
    const values = [
      ["mean deviation of z", fixed(s)],
      ["mean deviation of the output", fixed(output)],
    ];
    if (shape) values.push(["heights", shape.heights.map((h) => fixed(h, 2)).join(", ")]);
    return { sentence, values };
  }

  /** By hand from now on, beginning with the heights in sight. */
  function byHand(state) {
    if (state.mode === "medians") state.heights = [...MEDIANS];
    state.mode = "hand";
    state.heights = [...state.heights];
  }

  function mounted({ panels, state, update }) {
    let held = 0;
    drag(panels, 0, (x, y, pressed) => {
      const share = (x - BOX[0]) / BOX[2];
      if (pressed) {
        if (share < 0 || share > 1 || y < BOX[1] - 10 || y > BOX[1] + BOX[3] + 10) return false;
        if (state.mode === "moved" || state.mode === "trained") return false;
        held = Math.min(4, Math.floor(share * 5));
      }
      byHand(state);
      const h = HIGH - ((y - BOX[1]) / BOX[3]) * (HIGH - LOW);
      state.heights[held] = Math.max(LOW, Math.min(HIGH, Math.round(h * 20) / 20));
      update();
    });
    panels.addEventListener("keydown", (event) => {
      const i = event.target.dataset?.grab;
      if (i === undefined) return;
      const from = shapes[state.mode](state).heights[i];
      const next = stepped(event.key, from, 0.05, LOW, HIGH);
      if (next === null) return;
      event.preventDefault();
      byHand(state);
      state.heights[i] = next;
      update();
    });
  }

  const start = [0, 0, 0, 0, 0];
  live.define("sculpt", {
    initial: { mode: "hand", heights: start },
    sentenceFirst: true,
    controls: [
      {
        type: "choice",
        key: "mode",
        label: "heights",
        options: { hand: "by hand", medians: "1: best heights", moved: "2: edges moved", trained: "3: trained" },
      },
      {
        type: "button",
        id: "reset",
        label: "Flatten",
        press: (state) => Object.assign(state, { mode: "hand", heights: start }),
      },
    ],
    panels: (state) => [sculpture(state), outputs(state)],
    report,
    mounted,
    f,
    goal,
    network: (state, xs) => xs.map(network(state)),
    score,
    TRAINED,
  });
}
