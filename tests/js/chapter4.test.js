// The live figures of chapter 4, in Node: node --test tests/js/
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const { FOLDER, load } = require("../../scripts/static_figures.js");

const { figures, stepped } = load();
const NAMES = ["sculpt", "staircase", "tower", "holes"];
const near = (actual, expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} within ${tolerance}`);

test("the chapter's scripts stay below 60 kB", () => {
  const bytes = NAMES.map((name) => fs.statSync(path.join(FOLDER, `${name}.js`)).size);
  assert.ok(bytes.reduce((a, b) => a + b) < 60000);
});

test("the reveals have the scores that the page prints", () => {
  const { score, initial } = figures.sculpt;
  near(score({ ...initial, mode: "medians" }), 0.3592, 1e-3);
  near(score({ ...initial, mode: "moved" }), 0.2314, 1e-3);
  near(score({ ...initial, mode: "trained" }), 0.0115, 1e-3);
});

test("a staircase is best at about w = 6N, and a step sits at -b/w", () => {
  const { errors, middles, initial, network } = figures.staircase;
  const mean = (w) => errors({ ...initial, stage: "many", w, n: 50, heights: middles(50) }).mean;
  assert.ok(mean(300) < mean(100) && mean(300) < mean(600));
  const { w, b } = network(initial);
  near(-b[0] / w[0], initial.s);
});

test("a tower: centre, arm and outside", () => {
  const { centre, arm, outside } = figures.tower.places(figures.tower.initial);
  near(centre.output, 0.9933, 1e-4);
  near(arm.output, 0.0067, 1e-4);
  assert.ok(outside.output < 1e-6);
});

test("the holes have a depth that no steepness changes, and copies fill them as 1/M", () => {
  const { worst, initial } = figures.holes;
  for (const w of [200, 400])
    near(
      1 - worst({ ...initial, w }),
      [5, 5, 5, 5, 10, 10, 10, 10, 15].reduce((s, z) => s + 1 / (1 + Math.exp(z)), 0),
      1e-6,
    );
  for (const M of [2, 4]) near(worst({ ...initial, w: 400, h: 20, M }), 1 / M, 1e-3);
});

test("keys step, jump and stay within their limits", () => {
  assert.equal(stepped("ArrowUp", 0.95, 0.1, 0, 1), 1);
  assert.equal(stepped("Home", 0.5, 0.1, 0, 1), 0);
  assert.equal(stepped("a", 0.5, 0.1, 0, 1), null);
});
