// The goal is 1 everywhere. A grid of towers, its holes at the corners, and M shifted copies that fill them.
"use strict";

{
  const { sigmoid, fixed, range, axes, element, text, heatmap, drag } = live;
  const N = 3;

  /** Edges of the cells of copy k of M along one axis; the outermost lie beyond the square. */
  function edges(k, M) {
    const inner = Array.from({ length: N }, (_, i) => (i + k / M) / N).filter((at) => at > 1e-9);
    return [-1, ...inner, 2];
  }

  /** For each x: the heights of all slabs there, with neighbours sharing their steps. */
  function slabs(places, w, xs) {
    return xs.map((x) => {
      const steps = places.map((at) => sigmoid(w * (x - at)));
      return steps.slice(1).map((step, i) => steps[i] - step);
    });
  }

  /** Weighted input of the output neuron at all pairs (x, y): the mean over M copies of a sum of towers. */
  function surface({ w, h, M }, xs, ys) {
    const sums = ys.map(() => new Float64Array(xs.length));
    for (let k = 0; k < M; k++) {
      const columns = slabs(edges(k, M), w, xs);
      const rows = slabs(edges(k, M), w, ys);
      rows.forEach((row, j) => {
        columns.forEach((column, i) => {
          for (const a of column) {
            for (const b of row) if (h * (a + b - 1.5) > -40) sums[j][i] += sigmoid(h * (a + b - 1.5)) / M;
          }
        });
      });
    }
    return sums;
  }

  const at = (state, x, y) => surface(state, [x], [y])[0][0];

  /** The worst error, looked for on the diagonal, where the corners are; every copy has some there. */
  function worst(state) {
    const corners = Array.from({ length: state.M }, (_, k) => edges(k, state.M).slice(1, -1)).flat();
    return Math.max(...corners.map((x) => Math.abs(1 - at(state, x, x))));
  }

  const BOX = [38, 28, 240, 240];
  const CELLS = 100;
  const across = { low: 0, high: 1, ticks: [0, 0.33, 0.67, 1], label: "input x₁" };

  function map(state) {
    const ticks = Array.from({ length: CELLS }, (_, i) => (i + 0.5) / CELLS);
    const values = surface(state, ticks, ticks);
    const frame = axes(BOX, across, { ...across, label: "input x₂" }, { grid: false });
    const [x, y] = [frame.X(state.x), frame.Y(state.y)];
    const content = [
      heatmap(BOX, CELLS, (i, j) => values[j][i]),
      frame.svg,
      element(
        "g",
        { "data-grab": "p", style: "cursor:move;touch-action:none" },
        element("rect", { x: x - 24, y: y - 24, width: 48, height: 48, fill: "transparent" }),
        element("circle", { cx: x, cy: y, r: 8, class: "line s-red", "stroke-width": 2.5 }),
      ),
      text(278, 15, "dark 0, pale 1", "tick", "end"),
    ].join("");
    const label = `The weighted sum over the square, from above; the goal is 1. ${report(state).sentence.replace(/<[^>]*>/g, "")}`;
    return { width: 300, height: 308, label, content };
  }

  function section(state) {
    const frame = axes(
      [38, 28, 252, 240],
      { ...across, label: "x₁ = x₂" },
      { low: 0, high: 1.3, ticks: [0, 0.25, 0.5, 0.75, 1, 1.25], label: "weighted sum on the diagonal" },
    );
    const line = range(0, 1, 601).map((x) => [x, at(state, x, x)]);
    const content = [
      frame.svg,
      frame.line(
        [
          [0, 1],
          [1, 1],
        ],
        "s-red dashes",
      ),
      frame.line(line, "s-blue"),
    ].join("");
    return {
      width: 300,
      height: 308,
      label: `Along the diagonal the sum falls to ${fixed(1 - worst(state), 3)} at the corners.`,
      content,
    };
  }

  function report(state) {
    const here = at(state, state.x, state.y);
    const error = worst(state);
    const sentence = `In the ring the sum is <b>${fixed(here, 4)}</b> in place of 1. At the corners it misses by <b>${fixed(error, 4)}</b>; with M = ${state.M}, 1/M = ${fixed(1 / state.M, 4)}.`;
    const towers = Array.from({ length: state.M }, (_, k) => (edges(k, state.M).length - 1) ** 2).reduce(
      (a, b) => a + b,
    );
    const values = [
      ["sum in the ring", fixed(here, 5)],
      ["error at the corners", fixed(error, 5)],
      ["1/M", fixed(1 / state.M, 5)],
      ["4 σ(−h/2)", fixed(4 * sigmoid(-state.h / 2), 5)],
      ["towers", String(towers)],
    ];
    return { sentence, values };
  }

  function mounted({ panels, state, update }) {
    const within = (v) => Math.max(0, Math.min(1, v));
    drag(panels, 0, (x, y) => {
      const place = [(x - BOX[0]) / BOX[2], 1 - (y - BOX[1]) / BOX[3]].map((v) => {
        const corner = Math.round(v * N) / N; // The ring snaps to a corner that is near.
        return within(Math.abs(v - corner) < 0.02 ? corner : Math.round(v * 100) / 100);
      });
      [state.x, state.y] = place;
      update();
    });
  }

  live.define("holes", {
    initial: { w: 60, h: 10, M: 1, x: 1 / 3, y: 1 / 3 },
    controls: [
      { type: "slider", key: "M", label: "copies <i>M</i>", min: 1, max: 8, step: 1, digits: 0 },
      { type: "slider", key: "w", label: "steepness <i>w</i>", min: 10, max: 400, step: 5, digits: 0 },
      { type: "slider", key: "h", label: "height <i>h</i>", min: 4, max: 30, step: 1, digits: 0 },
      { type: "slider", key: "x", label: "ring <i>x</i>₁", min: 0, max: 1, step: 0.01 },
      { type: "slider", key: "y", label: "ring <i>x</i>₂", min: 0, max: 1, step: 0.01 },
      {
        type: "button",
        id: "corner",
        label: "Ring to a corner",
        press: (state) => Object.assign(state, { x: 1 / 3, y: 1 / 3 }),
      },
    ],
    panels: (state) => [map(state), section(state)],
    report,
    mounted,
    surface: (state, xs, ys) => surface(state, xs, ys).map((row) => [...row]),
    worst,
    edges,
  });
}
