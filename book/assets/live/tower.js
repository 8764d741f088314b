// Two inputs: a step in any direction, a slab, two slabs, and a tower; from above and as a surface.
"use strict";

{
  const { sigmoid, fixed, range, element, text, axes, heatmap, drag } = live;
  const W = 60;
  const HALF = 0.2;

  /** The steps of a stage, each {u, sign, at}: sign times sigma(W (u.x - at)). */
  function steps({ stage, angle, cx, cy }) {
    const turn = (angle * Math.PI) / 180;
    const along = [Math.cos(turn), Math.sin(turn)];
    const crosswise = [-along[1], along[0]];
    const pair = (u) =>
      [
        [1, -HALF],
        [-1, HALF],
      ].map(([sign, off]) => ({ u, sign, at: u[0] * cx + u[1] * cy + off }));
    if (stage === "step") return [{ u: along, sign: 1, at: along[0] * cx + along[1] * cy }];
    return stage === "slab" ? pair(along) : [...pair(along), ...pair(crosswise)];
  }

  /** Weighted sum of the hidden neurons, and the output: after the threshold for a tower, else the sum over 2h. */
  function value(state, x, y, list = steps(state)) {
    let sum = 0;
    for (const { u, sign, at } of list) sum += sign * sigmoid(W * (u[0] * x + u[1] * y - at));
    const z = state.h * sum;
    return { z, output: sigmoid(z - state.t * state.h) };
  }

  const shown = (state, x, y, list) => {
    const { z, output } = value(state, x, y, list);
    return state.stage === "tower" ? output : z / (2 * state.h);
  };

  const BOX = [38, 28, 240, 240];
  const CELLS = 80;
  const across = { low: 0, high: 1, ticks: [0, 0.5, 1], label: "input x₁" };

  function above(state) {
    const list = steps(state);
    const map = heatmap(BOX, CELLS, (i, j) => shown(state, (i + 0.5) / CELLS, (j + 0.5) / CELLS, list));
    const frame = axes(BOX, across, { ...across, label: "input x₂" }, { grid: false });
    const [cx, cy] = [frame.X(state.cx), frame.Y(state.cy)];
    const grab = { "data-grab": "c", style: "cursor:move;touch-action:none" };
    const content = [
      map,
      frame.svg,
      element(
        "g",
        grab,
        element("rect", { x: cx - 24, y: cy - 24, width: 48, height: 48, fill: "transparent" }),
        element("circle", { cx, cy, r: 7, class: "dot f-red" }),
      ),
      text(278, 15, state.stage === "tower" ? "dark 0, pale 1" : "dark 0, pale 2h", "tick", "end"),
    ].join("");
    const label = `From above: ${report(state).sentence.replace(/<[^>]*>/g, "")}`;
    return { width: 300, height: 308, label, content };
  }

  const LINES = 29;

  /** The surface as lines from back to front, each hiding what is behind it. */
  function surface(state) {
    const list = steps(state);
    const turn = (state.turn * Math.PI) / 180;
    const project = (x, y, z) => {
      const [p, q] = [x - 0.5, y - 0.5];
      const [right, back] = [p * Math.cos(turn) - q * Math.sin(turn), p * Math.sin(turn) + q * Math.cos(turn)];
      return { at: [150 + 190 * right, 200 - 75 * back - 110 * z], back };
    };
    const ticks = range(0, 1, LINES);
    const heights = ticks.map((x) => ticks.map((y) => shown(state, x, y, list)));
    const tiles = [];
    for (let i = 0; i + 1 < LINES; i++) {
      for (let j = 0; j + 1 < LINES; j++) {
        const corners = [
          [i, j],
          [i + 1, j],
          [i + 1, j + 1],
          [i, j + 1],
        ].map(([a, b]) => project(ticks[a], ticks[b], heights[a][b]));
        const back = corners.reduce((sum, corner) => sum + corner.back, 0);
        tiles.push([back, `M${corners.map(({ at }) => at.map((v) => v.toFixed(0)).join(" ")).join("L")}Z`]);
      }
    }
    tiles.sort((a, b) => b[0] - a[0]);
    const look = { fill: "var(--paper)", stroke: "var(--blue)", "stroke-width": 0.7, "stroke-linejoin": "round" };
    const edges = [
      [0.5, -0.06, "x₁"],
      [-0.06, 0.5, "x₂"],
    ].map(([x, y, name]) => {
      const [left, top] = project(x, y, 0).at;
      return text(left, top + 6, name);
    });
    const grab = { "data-grab": "turn", style: "cursor:ew-resize;touch-action:pan-y" };
    const content = [
      element("rect", { x: 0, y: 0, width: 300, height: 308, fill: "transparent", ...grab }),
      element("g", { ...look, ...grab }, ...tiles.map(([, d]) => element("path", { d }))),
      ...edges,
    ].join("");
    return { width: 300, height: 308, label: "The same as a surface over the two inputs; it can be turned.", content };
  }

  const names = {
    step: "One neuron steps across a line, in any direction.",
    slab: "Two parallel steps make a slab, 2·0.2 wide.",
    slabs: "Two crossed slabs: 2h where both are, h where one is (the plateau).",
    tower: "The output neuron asks whether the sum exceeds the threshold.",
  };

  /** The sum and the output in the middle, on an arm of the cross, and in a corner outside. */
  function places(state) {
    const turn = (state.angle * Math.PI) / 180;
    const at = (p, q) =>
      value(
        state,
        state.cx + p * Math.cos(turn) - q * Math.sin(turn),
        state.cy + p * Math.sin(turn) + q * Math.cos(turn),
      );
    return { centre: at(0, 0), arm: at(2, 0), outside: at(2, 2) };
  }

  function report(state) {
    const { centre, arm, outside } = places(state);
    const tower = state.stage === "tower";
    const digits = (v) => (v > 0 && v < 1e-4 ? v.toExponential(1).replace("-", "−") : fixed(v, 4));
    const numbers = tower
      ? ` In the middle it says <b>${digits(centre.output)}</b>, on the arms of the cross <b>${digits(arm.output)}</b>, outside <b>${digits(outside.output)}</b>.`
      : ` In the middle the sum is <b>${fixed(centre.z, 2)}</b>.`;
    const values = [
      ["sum in the middle", fixed(centre.z, 3)],
      ["sum on an arm", fixed(arm.z, 3)],
      ["threshold t·h", fixed(state.t * state.h, 2)],
      ["output in the middle", digits(centre.output)],
      ["output on an arm", digits(arm.output)],
    ];
    return { sentence: names[state.stage] + numbers, values };
  }

  function mounted({ panels, state, update }) {
    const within = (v) => Math.max(0, Math.min(1, Math.round(v * 50) / 50));
    drag(panels, 0, (x, y) => {
      Object.assign(state, { cx: within((x - BOX[0]) / BOX[2]), cy: within(1 - (y - BOX[1]) / BOX[3]) });
      update();
    });
    let from = 0;
    drag(panels, 1, (x, _, pressed) => {
      if (!pressed) state.turn = Math.max(-180, Math.min(180, Math.round(state.turn + (x - from) * 0.7)));
      from = x;
      update();
    });
  }

  live.define("tower", {
    initial: { stage: "tower", angle: 0, cx: 0.5, cy: 0.5, h: 10, t: 1.5, turn: 30 },
    controls: [
      {
        type: "choice",
        key: "stage",
        label: "show",
        options: { step: "a step", slab: "a slab", slabs: "two slabs", tower: "a tower" },
      },
      { type: "slider", key: "angle", label: "direction (degrees)", min: 0, max: 180, step: 5, digits: 0 },
      { type: "slider", key: "h", label: "height <i>h</i>", min: 1, max: 20, step: 0.5, digits: 1 },
      {
        type: "slider",
        key: "t",
        label: "threshold / <i>h</i>",
        min: 0,
        max: 2.5,
        step: 0.05,
        shown: ({ stage }) => stage === "tower",
      },
      { type: "slider", key: "cx", label: "place <i>x</i>₁", min: 0, max: 1, step: 0.02 },
      { type: "slider", key: "cy", label: "place <i>x</i>₂", min: 0, max: 1, step: 0.02 },
      { type: "slider", key: "turn", label: "turn the surface", min: -180, max: 180, step: 5, digits: 0 },
    ],
    panels: (state) => [above(state), surface(state)],
    report,
    mounted,
    value: (state, xs) => xs.map(([x, y]) => value(state, x, y)),
    steps,
    places,
  });
}
