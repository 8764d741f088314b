// From a step to a function: one neuron, two neurons, then as many as you like.
"use strict";

{
  const { sigmoid, fixed, range, axes, element, text, drag, stepped } = live;

  const f = (x) => 0.2 + 0.4 * x * x + 0.3 * x * Math.sin(15 * x) + 0.05 * Math.cos(50 * x); // [N113]
  const goal = (x) => Math.log(f(x) / (1 - f(x)));
  const POINTS = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  const LIMITS = { one: [-0.1, 1.1], two: [-1.6, 1.6], many: [-3, 3] };
  const middles = (n) => Array.from({ length: n }, (_, i) => goal((i + 0.5) / n));

  /** Heights for another number of bumps: those of the goal again, unless the number is the same. */
  const fitted = ({ n, heights }) => (heights.length === n ? heights : middles(n));

  /** Weights w, biases b, output weights v and output bias c of the network in view. */
  function network({ stage, w, s, s2, h, heights }) {
    const steps = {
      one: [[s, 1]],
      two: [
        [s, h],
        [s2, -h],
      ],
    }[stage];
    if (steps) return { w: steps.map(() => w), b: steps.map(([at]) => -w * at), v: steps.map(([, v]) => v), c: 0 };
    const n = heights.length;
    const edges = heights.slice(1).map((_, i) => (i + 1) / n);
    const v = edges.map((_, i) => heights[i + 1] - heights[i]);
    return { w: edges.map(() => w), b: edges.map((at) => -w * at), v, c: heights[0] };
  }

  function output({ w, b, v, c }, x) {
    let sum = c;
    for (let j = 0; j < w.length; j++) sum += v[j] * sigmoid(w[j] * x + b[j]);
    return sum;
  }

  /** Mean and largest distance from the goal, of the weighted input. */
  function errors(state) {
    const net = network(state);
    const gaps = POINTS.map((x) => Math.abs(output(net, x) - goal(x)));
    return { mean: gaps.reduce((sum, gap) => sum + gap) / gaps.length, largest: Math.max(...gaps) };
  }

  const BOX = [38, 28, 292, 216];
  const across = { low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], label: "input x" };
  const up = (stage) => {
    const ticks = {
      one: [0, 0.25, 0.5, 0.75, 1],
      two: [-1.5, -1, -0.5, 0, 0.5, 1, 1.5],
      many: [-3, -2, -1, 0, 1, 2, 3],
    };
    const label = stage === "one" ? "output of the neuron" : "weighted input z";
    return { low: LIMITS[stage][0], high: LIMITS[stage][1], ticks: ticks[stage], label };
  };

  /** Something to grab at (x, y), of the size of a finger, that the keyboard can move too. */
  function handle({ name, words, value, low, high, x, y, width = 44, cursor = "ew-resize", dot = true }) {
    const values = { "aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": +value.toFixed(4) };
    const who = { role: "slider", tabindex: 0, "aria-label": words, ...values, "aria-valuetext": fixed(value, 2) };
    const area = { x: x - width / 2, y: y - 22, width, height: 44, fill: "transparent" };
    const mark = dot
      ? element("circle", { cx: x, cy: y, r: 8, class: "dot f-blue" })
      : element("circle", { cx: x, cy: y, r: 3.5, class: "dot f-blue" });
    const look = { style: `cursor:${cursor};touch-action:none`, "data-focus": name, "data-grab": name };
    return element("g", { ...who, ...look }, element("rect", area), mark);
  }

  function handles(state, { X, Y }) {
    const { stage, s, s2, h, heights } = state;
    const edge = { low: 0, high: 1 };
    if (stage === "one")
      return [handle({ name: "s", words: "place of the step", value: s, ...edge, x: X(s), y: Y(0.5) })];
    if (stage === "two") {
      return [
        handle({ name: "s", words: "left edge of the bump", value: s, ...edge, x: X(s), y: Y(h / 2) }),
        handle({ name: "s2", words: "right edge of the bump", value: s2, ...edge, x: X(s2), y: Y(h / 2) }),
        handle({
          name: "h",
          words: "height of the bump",
          value: h,
          low: -1.5,
          high: 1.5,
          x: X((s + s2) / 2),
          y: Y(h),
          cursor: "ns-resize",
        }),
      ];
    }
    const n = heights.length;
    return heights.map((height, i) =>
      handle({
        name: `bump${i}`,
        words: `height of bump ${i + 1} of ${n}`,
        value: height,
        low: -3,
        high: 3,
        x: X((i + 0.5) / n),
        y: Y(height),
        width: BOX[2] / n,
        cursor: "ns-resize",
        dot: n <= 12,
      }),
    );
  }

  function curve(state) {
    const frame = axes(BOX, across, up(state.stage));
    const net = network(state);
    const line = frame.line(
      range(0, 1, 1201).map((x) => [x, output(net, x)]),
      "s-blue",
    );
    const many = state.stage === "many";
    const content = [
      frame.svg,
      many
        ? frame.line(
            range(0, 1, 501).map((x) => [x, goal(x)]),
            "s-red dashes",
          )
        : "",
      line,
      ...handles(state, frame),
      many ? text(228, 15, "╍ goal σ⁻¹(f)", "f-red", "start") : "",
    ].join("");
    const what = {
      one: "The output of one neuron",
      two: "The sum of two neurons",
      many: "The weighted input of a network, and the goal,",
    };
    const label = `${what[state.stage]} against input x. ${report(state).sentence.replace(/<[^>]*>/g, "")}`;
    return { width: 340, height: 284, role: "group", label, content };
  }

  /** The network itself, for one or two neurons; for many, its output beside f. */
  function second(state) {
    if (state.stage === "many") {
      const frame = axes(BOX, across, { low: 0, high: 1, ticks: [0, 0.25, 0.5, 0.75, 1], label: "output" });
      const net = network(state);
      const along = (g) => range(0, 1, 1001).map((x) => [x, g(x)]);
      const content = [
        frame.svg,
        frame.line(
          along((x) => sigmoid(output(net, x))),
          "s-blue",
        ),
        frame.line(along(f), "s-red dashes"),
        text(150, 15, "━ network", "f-blue", "start"),
        text(228, 15, "╍ goal f", "f-red", "start"),
      ].join("");
      return { width: 340, height: 284, label: "Output of the network and the goal f against input x.", content };
    }
    const net = network(state);
    const n = net.w.length;
    const ys = n === 1 ? [142] : [82, 202];
    const wires = ys.map((y, j) => {
      const sign = j ? 18 : -8;
      const out = n === 1 ? "" : text(238, (y + 142) / 2 + sign, `v = ${fixed(net.v[j], 2)}`);
      return [
        element("path", { class: "wire", d: `M52 142L140 ${y}` }),
        n === 1 ? "" : element("path", { class: "wire", d: `M174 ${y}L276 142` }),
        text(84, (y + 142) / 2 + sign, `w = ${fixed(net.w[j], 0)}`),
        element("circle", { cx: 157, cy: y, r: 17, class: "neuron" }),
        text(157, y + 5, "σ"),
        text(157, y + (j || n === 1 ? 36 : -24), `b = −ws = ${fixed(net.b[j], 1)}`),
        out,
      ].join("");
    });
    const end =
      n === 1
        ? element("path", { class: "wire", d: "M174 142H250" }) + text(256, 146, "output", "", "start")
        : element("circle", { cx: 293, cy: 142, r: 17, class: "neuron" }) + text(293, 147, "Σ");
    const content = [text(40, 147, "x", "bold"), ...wires, end].join("");
    return {
      width: 340,
      height: 284,
      label: `The network: ${n} hidden neuron${n > 1 ? "s" : ""} of weight ${fixed(net.w[0], 0)}.`,
      content,
    };
  }

  function report(state) {
    const { stage, w, s, s2, h, heights } = state;
    const net = network(state);
    const width = 5.889 / w;
    if (stage === "one") {
      const sentence = `The neuron steps at s = −b/w = <b>${fixed(s, 2)}</b>, and takes <b>${fixed(width, 3)}</b> to go from 0.05 to 0.95.`;
      return {
        sentence,
        values: [
          ["weight w", fixed(w, 0)],
          ["bias b", fixed(net.b[0], 1)],
          ["width 5.89/w", fixed(width, 3)],
        ],
      };
    }
    if (stage === "two") {
      const top = output(net, (s + s2) / 2);
      const sentence = `Two steps of opposite sign make a bump from <b>${fixed(s, 2)}</b> to <b>${fixed(s2, 2)}</b>; in its middle the sum is <b>${fixed(top, 3)}</b>, where h = ${fixed(h, 2)}.`;
      return {
        sentence,
        values: [
          ["biases", net.b.map((b) => fixed(b, 1)).join(", ")],
          ["in the middle", fixed(top)],
          ["width 5.89/w", fixed(width, 3)],
        ],
      };
    }
    const { mean, largest } = errors(state);
    const n = heights.length;
    const sentence = `${n} bumps from ${n - 1} neurons: the mean error is <b>${fixed(mean, 4)}</b>, the largest ${fixed(largest, 3)}. The steepness is ${fixed(w / n, 1)} times N.`;
    const values = [
      ["mean error", fixed(mean, 5)],
      ["largest error", fixed(largest)],
      ["TV(g)/(4N)", fixed(2.7016 / n, 5)],
      ["neurons", String(n - 1)],
    ];
    return { sentence, values };
  }

  function set(state, name, value) {
    const within = (low, high) => Math.max(low, Math.min(high, value));
    if (name === "s") state.s = state.stage === "two" ? within(0, state.s2 - 0.02) : within(0, 1);
    else if (name === "s2") state.s2 = within(state.s + 0.02, 1);
    else if (name === "h") state.h = within(-1.5, 1.5);
    else {
      state.heights = [...state.heights];
      state.heights[Number(name.slice(4))] = within(-3, 3);
    }
  }

  function mounted({ panels, state, update }) {
    let held = "";
    drag(panels, 0, (x, y, pressed, target) => {
      const share = Math.max(0, Math.min(0.9999, (x - BOX[0]) / BOX[2]));
      const [low, high] = LIMITS[state.stage];
      const value = high - ((y - BOX[1]) / BOX[3]) * (high - low);
      if (pressed && (y < BOX[1] - 12 || y > BOX[1] + BOX[3] + 12 || x < BOX[0] - 12)) return false;
      if (state.stage === "many") held = `bump${Math.floor(share * state.heights.length)}`;
      else if (pressed) held = target.closest("[data-grab]")?.dataset.grab ?? (state.stage === "one" ? "s" : "h");
      const vertical = held.startsWith("bump") || held === "h";
      set(state, held, Math.round((vertical ? value : share) * 100) / 100);
      update();
    });
    panels.addEventListener("keydown", (event) => {
      const name = event.target.dataset?.grab;
      if (!name) return;
      const from = name.startsWith("bump") ? state.heights[Number(name.slice(4))] : state[name];
      const next = stepped(event.key, from, name.startsWith("s") ? 0.01 : 0.05, -3, 3);
      if (next === null) return;
      event.preventDefault();
      set(state, name, next);
      update();
    });
  }

  const many = (state) => state.stage === "many";
  live.define("staircase", {
    initial: { stage: "one", w: 40, s: 0.4, s2: 0.7, h: 1, n: 10, heights: middles(10) },
    sentenceFirst: true,
    controls: [
      {
        type: "choice",
        key: "stage",
        label: "how many neurons",
        options: { one: "one: a step", two: "two: a bump", many: "many: a function" },
      },
      { type: "slider", key: "w", label: "steepness <i>w</i>", min: 1, max: 600, step: 1, digits: 0 },
      { type: "slider", key: "n", label: "bumps <i>N</i>", min: 2, max: 60, step: 1, digits: 0, shown: many },
      {
        type: "button",
        id: "middles",
        label: "Heights from the goal",
        shown: many,
        press: (state) => {
          state.heights = middles(state.heights.length);
        },
      },
      {
        type: "button",
        id: "soften",
        label: "w = 6N",
        shown: many,
        press: (state) => {
          state.w = 6 * state.heights.length;
        },
      },
    ],
    panels: (state) => {
      state.heights = fitted(state);
      return [curve(state), second(state)];
    },
    report,
    mounted,
    network,
    errors,
    output: (state, xs) => xs.map((x) => output(network(state), x)),
    middles,
  });
}
