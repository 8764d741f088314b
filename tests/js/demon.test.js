// The demon: derivatives, paths and visits.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { load } = require("../../scripts/static_figures.js");

const { demon } = load().figures;
const { SIZES, WIDE, backward, derivative, everything, example, initial, items, nudged, paths, panels, visits } = demon;
const near = (actual, expected, tolerance) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} within ${tolerance}`);

test("8 neurons and 21 wires can be nudged", () => {
  assert.equal(items.filter(({ kind }) => kind === "neuron").length, 8);
  assert.equal(items.filter(({ kind }) => kind === "wire").length, 21);
});

test("each derivative is its central difference, and the sum of its paths", () => {
  for (const number of [1, 2, 3]) {
    const given = example(number);
    const back = backward(given);
    for (const item of items) {
      const slope = derivative(back, item);
      const [above, below] = [1e-5, -1e-5].map((h) => nudged(given, item, h).C);
      near((above - below) / 2e-5, slope, 1e-9);
      const routes = paths(back, item);
      assert.equal(routes.length, { 2: 6, 3: 2, 4: 1 }[item.layer]);
      near(
        routes.reduce((sum, { value }) => sum + value, 0),
        slope,
        1e-15,
      );
      assert.equal(new Set(routes.map(({ nodes }) => String(nodes))).size, routes.length);
    }
  }
});

test("the prediction's error falls with the square of the nudge", () => {
  const miss = (size) => {
    const { predicted, actual } = everything({ ...initial, size });
    return Math.abs(predicted - actual);
  };
  near(miss(0.01) / miss(0.001), 100, 5);
  assert.ok(miss(1) > 1e-4, "a large nudge shows the difference");
});

test("visits: walking multiplies, remembering adds", () => {
  assert.deepEqual(visits(SIZES, 2, false), [1, 3, 6]);
  assert.deepEqual(visits(SIZES, 2, true), [1, 3, 2]);
  assert.deepEqual(visits(WIDE, 2, false), [1, 30, 900, 9000]);
  assert.deepEqual(visits(WIDE, 2, true), [1, 30, 30, 10]);
});

test("another network is one in which paths count and cancel in part", () => {
  for (const number of [1, 5, 12]) {
    const { routes, reach, predicted } = everything({ ...initial, number });
    assert.ok(routes.some(({ value }) => value > 0) && routes.some(({ value }) => value < 0));
    assert.ok(Math.abs(predicted) < 0.6 * reach);
  }
});

test("a larger nudge makes wider ribbons, one for each path or one for each wire", () => {
  const ribbons = (state) =>
    [...panels({ ...initial, ...state })[0].content.matchAll(/class="ribbon [^"]*" stroke-width="([\d.]+)"/g)].map(
      (m) => Number(m[1]),
    );
  const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
  assert.equal(ribbons({}).length, 6 * 3);
  assert.equal(ribbons({ remember: "on" }).length, 3 + 6 + 2);
  assert.ok(sum(ribbons({ size: 2 })) > 1.7 * sum(ribbons({ size: 1 })));
  assert.equal(ribbons({ stage: 3 }).length, 6, "the change has reached layer 3 only");
});
