// The live figures' own functions, in Node: node --test tests/js/
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { FIGURES, FOLDER, load, pictureOf } = require("../../scripts/static_figures.js");

const { figures, fixed, sigmoid, sigmoidPrime, randomNumbers } = load();
const near = (actual, expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} within ${tolerance}`);

for (const name of FIGURES) {
  test(`${name}.svg is the figure's first state: run node scripts/static_figures.js`, () => {
    assert.equal(fs.readFileSync(path.join(FOLDER, `${name}.svg`), "utf8"), pictureOf(name));
  });

  test(`${name} describes its first state in words and numbers`, () => {
    const { initial, panels, report } = figures[name];
    for (const panel of panels({ ...initial })) assert.ok(panel.label.length > 20);
    const { sentence, values } = report({ ...initial });
    assert.ok(sentence.length > 20);
    for (const [term, value] of values) assert.ok(term && value && !`${term}${value}`.includes("undefined"));
  });
}

test("numbers have a real minus sign and no minus zero", () => {
  assert.deepEqual([fixed(-1.23456), fixed(-0.00001), fixed(2, 0)], ["−1.2346", "0.0000", "2"]);
  assert.deepEqual([fixed(Infinity), fixed(-Infinity), fixed(NaN)], ["∞", "−∞", "?"]);
  assert.equal(fixed(-1234567), "−1.23 · 10⁶");
});

test("the sigmoid and its slope", () => {
  assert.deepEqual([sigmoid(0), sigmoidPrime(0), sigmoid(1000), sigmoid(-1000)], [0.5, 0.25, 1, 0]);
  near(sigmoid(-0.6), 1 / (1 + Math.exp(0.6)), 1e-15);
});

test("random numbers depend on the seed only and fill [0, 1)", () => {
  const draw = (seed) => Array.from({ length: 1000 }, randomNumbers(seed));
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  near(draw(3).reduce((sum, u) => sum + u) / 1000, 0.5, 0.03);
  assert.ok(draw(4).every((u) => u >= 0 && u < 1));
});

test("one neuron: derivatives against central differences, and a first-order prediction", () => {
  const { compute } = figures.one_neuron;
  const at = { x: -1.3, w: 0.7, b: 0.4, c: 2.5, dw: 0, db: 0 };
  const slope = (key, h = 1e-6) =>
    (compute({ ...at, [key]: 1 * h }).actual - compute({ ...at, [key]: -h }).actual) / (2 * h);
  near(compute(at).byW, slope("dw"));
  near(compute(at).byB, slope("db"));
  const miss = (size) => {
    const { predicted, actual } = compute({ ...at, dw: 0.3 * size, db: -0.2 * size });
    return Math.abs(predicted - actual);
  };
  near(miss(0.01) / miss(0.001), 100, 5);
});

test("one neuron: the perceptron says 0 at a tie, and only beyond it 1", () => {
  const { compute } = figures.one_neuron;
  const says = (b) => compute({ x: 1, w: 1, b, c: 1, dw: 0, db: 0 }).perceptron;
  assert.deepEqual([says(-1), says(-0.999), says(-1.001)], [0, 1, 0]);
});

test("gradient descent: gradients, level lines and the bound of both landscapes", () => {
  for (const { cost, gradient, minimum, line, beta } of Object.values(figures.gradient_descent.landscapes)) {
    const slopes = (v, h = 1e-5) =>
      [0, 1].map((i) => {
        const moved = (step) => v.map((value, j) => value + (i === j ? step : 0));
        return (cost(moved(h)) - cost(moved(-h))) / (2 * h);
      });
    for (const i of [0, 1]) near(gradient([0.7, -1.1])[i], slopes([0.7, -1.1])[i], 1e-7);
    assert.deepEqual(gradient(minimum).map(Math.abs), [0, 0]);
    for (const angle of [0, 1, 2, 4]) near(cost(line(3, angle)), 3, 1e-12);
    const h = 1e-5;
    const row = (i) => gradient(minimum.map((value, j) => value + (i === j ? h : 0))).map((g) => g / h);
    const [[a, b], [, d]] = [row(0), row(1)];
    near((a + d + Math.hypot(a - d, 2 * b)) / 2, beta, 1e-3);
  }
});

test("gradient descent: deviations cancel, and an epoch uses each example once", () => {
  const { deviations, batches, descend, initial } = figures.gradient_descent;
  for (const i of [0, 1])
    near(
      deviations().reduce((sum, e) => sum + e[i], 0),
      0,
      1e-12,
    );
  const epoch = batches(30, 5).slice(0, 4);
  assert.deepEqual(
    epoch.map((batch) => batch.length),
    [30, 30, 30, 10],
  );
  assert.equal(new Set(epoch.flat()).size, 100);
  assert.notDeepEqual(batches(30, 5)[0], batches(30, 6)[0]);
  const all = descend({ ...initial, noise: "on", m: 100 }).at(-1);
  const exact = descend({ ...initial, noise: "off" }).at(-1);
  near(all.v[0], exact.v[0], 1e-12);
});

test("gradient descent: every step multiplies v2 of the bowl by 1 - 20 eta", () => {
  const { descend, initial } = figures.gradient_descent;
  const path = descend({ ...initial, eta: 0.09 });
  for (const [i, { v }] of path.entries()) near(v[1], (-0.8) ** i, 1e-12);
  assert.ok(descend({ ...initial, eta: 0.25 }).length < 41, "a runaway path is cut off");
});

test("gradient descent: who has not arrived does not converge", () => {
  const { descend, initial, verdict } = figures.gradient_descent;
  const said = (change) => verdict(descend({ ...initial, ...change }), "off");
  const valley = { landscape: "valley", v1: -1.2, v2: 2 };
  assert.equal(said({ ...valley, eta: 0.05 }), "is still on its way");
  assert.equal(said({ eta: 0.005 }), "is still on its way");
  assert.equal(said({ eta: 0.04 }), "converges");
  assert.equal(said({ eta: 0.09 }), "zig-zags and converges");
  assert.equal(said({ v1: 0, v2: 0 }), "converges");
});

test("gradient descent: one unit is as long in both directions of the map", () => {
  const { MAP, V1, V2 } = figures.gradient_descent;
  near(MAP[2] / (V1.high - V1.low), MAP[3] / (V2.high - V2.low), 1e-9);
});

test("backpropagation agrees with central differences, wherever it is", () => {
  const { forward, backward, disagreement, initial } = figures.backprop_steps;
  for (const change of [{}, { y: 0 }, { x1: -2, w312: 1.9 }, { w211: 12, b22: -3 }]) {
    const state = { ...initial, ...change };
    assert.ok(disagreement(state, backward(state, forward(state))) < 1e-9);
  }
});

test("which weight: 20 + 12 + 6 wires, each with a name of its own", () => {
  const { wiresInto, report } = figures.which_weight;
  assert.deepEqual(
    [2, 3, 4].map((layer) => wiresInto(layer).length),
    [20, 12, 6],
  );
  const names = [2, 3, 4].flatMap(wiresInto).map((wire) => report(wire).sentence);
  assert.equal(new Set(names).size, 38);
});

/** Ink of 280 x 280 points with a filled box. */
function box(left, top, width, height) {
  const ink = new Uint8Array(280 * 280);
  for (let r = top; r < top + height; r++) ink.fill(255, r * 280 + left, r * 280 + left + width);
  return ink;
}

test("a drawing is scaled into 20 x 20 and centred by its centre of mass", () => {
  const { toMnist } = figures.draw_a_digit;
  assert.ok(toMnist(new Uint8Array(280 * 280), 280, 280).every((value) => value === 0));
  const x = toMnist(box(10, 20, 60, 120), 280, 280);
  const inked = [...x].flatMap((value, i) => (value > 0 ? [i] : []));
  assert.equal(inked.length, 20 * 10);
  assert.ok(inked.every((i) => x[i] === 255 / 256));
  const centre = (at) => at.reduce((sum, k) => sum + k) / at.length;
  assert.equal(centre(inked.map((i) => Math.floor(i / 28))), 13.5);
  assert.equal(centre(inked.map((i) => i % 28)), 13.5);
  assert.deepEqual(toMnist(box(200, 100, 60, 120), 280, 280), x, "the place does not matter");
  assert.deepEqual(toMnist(box(3, 5, 120, 240), 280, 280), x, "nor does the size");
  assert.equal(toMnist(box(7, 7, 1, 1), 280, 280).filter((value) => value > 0).length, 400);
});

test("the stored networks read the buttons' digits as the page says", () => {
  const { decode, feedforward } = figures.draw_a_digit;
  const { networks, digits } = globalThis.liveData;
  const layers = decode(networks.original);
  for (const { image, label, misread } of digits) {
    const x = Array.from(Buffer.from(image, "base64"), (k) => k / 256);
    const outputs = feedforward(layers, x).at(-1);
    assert.equal(outputs.indexOf(Math.max(...outputs)) !== label, misread);
  }
});
