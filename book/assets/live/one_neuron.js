// One neuron: weight, bias and sharpening, and small changes of them predicted by the tangent.
"use strict";

{
  const { sigmoid, sigmoidPrime, fixed, range, axes, element, text } = live;

  /** All numbers of a neuron with one input x, output sigma(c (w x + b)), and of a small change. */
  function compute({ x, w, b, c, dw, db }) {
    const z = w * x + b;
    const output = sigmoid(c * z);
    const slope = sigmoidPrime(c * z);
    const byW = c * slope * x;
    const byB = c * slope;
    const dz = dw * x + db;
    return {
      z,
      output,
      perceptron: z > 0 ? 1 : 0,
      threshold: -b,
      crossing: w === 0 ? null : -b / w,
      slope,
      byW,
      byB,
      dz,
      predicted: byW * dw + byB * db,
      actual: sigmoid(c * (z + dz)) - output,
    };
  }

  const BOX = [38, 28, 292, 190];

  function curves(state) {
    const { w, b, c, x } = state;
    const now = compute(state);
    const across = { low: -3, high: 3, ticks: [-3, -2, -1, 0, 1, 2, 3], label: "input x" };
    const up = { low: -0.05, high: 1.05, ticks: [0, 0.25, 0.5, 0.75, 1], label: "output" };
    const frame = axes(BOX, across, up);
    const xs = range(-3, 3, 601);
    const along = (f) => xs.map((v) => [v, f(w * v + b)]);
    const step = along((z) => (z > 0 ? 1 : 0));
    const slope = along((z) => sigmoidPrime(c * z));
    const smooth = along((z) => sigmoid(c * z));
    const fires = `x ${w > 0 ? ">" : "<"} ${fixed(now.crossing ?? 0, 2)}`;
    const place = { cx: frame.X(x), cy: frame.Y(now.output), r: 6, class: "dot f-blue" };
    const content = [
      frame.svg,
      frame.line(step, "s-red dashes"),
      frame.line(slope, "s-green dots"),
      frame.line(smooth, "s-blue"),
      element("circle", place),
      text(70, 15, "━ sigmoid", "f-blue", "start"),
      text(138, 15, `╍ perceptron${w === 0 ? "" : `: ${fires}`}`, "f-red", "start"),
      text(335, 15, "┈ slope", "f-green", "end"),
    ].join("");
    const label = `Output against input x: the sigmoid neuron, a perceptron with the same weight and bias, and the slope. At x = ${fixed(x, 2)} the output is ${fixed(now.output)}.`;
    return { width: 340, height: 256, label, content };
  }

  function tangent(state) {
    const { c } = state;
    const now = compute(state);
    const across = { low: -6, high: 6, ticks: [-6, -4, -2, 0, 2, 4, 6], label: "z = wx + b" };
    const frame = axes(BOX, across, { low: -0.25, high: 1.25, ticks: [0, 0.5, 1], label: "output" });
    const { X, Y } = frame;
    const rise = (dz) => now.output + c * now.slope * dz;
    const end = now.z + now.dz;
    const truth = now.output + now.actual;
    const straight = [-20, 20].map((dz) => [now.z + dz, rise(dz)]);
    const curve = range(-6, 6, 601).map((z) => [z, sigmoid(c * z)]);
    const gap = [truth, rise(now.dz)].map((value) => [end, value]);
    const content = [
      frame.svg,
      frame.line(straight, "s-red dashes"),
      frame.line(curve, "s-blue"),
      frame.line(gap, "s-orange thick"),
      frame.clip(
        element("rect", { x: X(end) - 5, y: Y(rise(now.dz)) - 5, width: 10, height: 10, class: "dot f-red" }),
        element("circle", { cx: X(end), cy: Y(truth), r: 5, class: "dot ring" }),
        element("circle", { cx: X(now.z), cy: Y(now.output), r: 6, class: "dot f-blue" }),
      ),
      text(84, 15, "● now", "f-blue", "start"),
      text(140, 15, "■ predicted", "f-red", "start"),
      text(232, 15, "○ true", "f-blue", "start"),
    ].join("");
    const label = `Output against z with its tangent at z = ${fixed(now.z, 2)}. After the change the tangent predicts ${fixed(rise(now.dz))}; the true output is ${fixed(truth)}.`;
    return { width: 340, height: 256, label, content };
  }

  function report(state) {
    const now = compute(state);
    const says = now.perceptron ? "w x > −b, so it says 1" : "w x ≤ −b, so it says 0";
    const sentence = `The neuron puts out <b>${fixed(now.output)}</b>; a perceptron has the threshold −b = ${fixed(now.threshold, 2)}, and ${says}. For this change the tangent predicts <b>${fixed(now.predicted)}</b>, and the output changes by <b>${fixed(now.actual)}</b>.`;
    const values = [
      ["z = wx + b", fixed(now.z)],
      ["output σ(cz)", fixed(now.output)],
      ["slope σ′(cz)", fixed(now.slope)],
      ["∂output/∂w", fixed(now.byW)],
      ["∂output/∂b", fixed(now.byB)],
      ["predicted Δoutput", fixed(now.predicted)],
      ["true Δoutput", fixed(now.actual)],
      ["difference", fixed(now.predicted - now.actual)],
    ];
    return { sentence, values };
  }

  const initial = { x: 1, w: 1.5, b: -0.5, c: 1, dw: 0.4, db: 0.2 };
  const one = { type: "slider", step: 0.05 };
  live.define("one_neuron", {
    initial,
    controls: [
      { ...one, key: "w", label: "weight <i>w</i>", min: -3, max: 3 },
      { ...one, key: "b", label: "bias <i>b</i>", min: -3, max: 3 },
      { ...one, key: "c", label: "sharpening <i>c</i>", min: 0.5, max: 20, step: 0.5, digits: 1 },
      { ...one, key: "x", label: "input <i>x</i>", min: -2, max: 2 },
      { ...one, key: "dw", label: "change Δ<i>w</i>", min: -1, max: 1 },
      { ...one, key: "db", label: "change Δ<i>b</i>", min: -1, max: 1 },
      { type: "button", id: "reset", label: "Reset", press: (state) => Object.assign(state, initial) },
    ],
    panels: (state) => [curves(state), tangent(state)],
    report,
    compute,
  });
}
