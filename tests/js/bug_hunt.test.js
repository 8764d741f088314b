// The bug hunt: its patients, its checks, and that the game can be won by thinking.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { load } = require("../../scripts/static_figures.js");

const { bug_hunt: game } = load().figures;
const { BUGS, PARTS, admit, ask, check, damage, fresh, lies, name, report, start } = game;
const numbers = Array.from({ length: 400 }, (_, i) => i + 1);
const play = (number, change = {}) => fresh({ ...start, power: -5, m: "3", ...change }, number);
const wrong = (error) => error > 0.01;

test("a patient's number fixes it, and every bug occurs, as do healthy ones", () => {
  assert.deepEqual(admit(17), admit(17));
  const bugs = numbers.map((number) => admit(number).bug);
  assert.deepEqual(new Set(bugs), new Set(["healthy", ...Object.keys(BUGS)]));
  const healthy = bugs.filter((bug) => bug === "healthy").length;
  assert.ok(healthy > 35 && healthy < 90, `${healthy} of 400 are healthy`);
});

test("with a good step each check agrees with the exact damage, for every part and m", () => {
  for (const number of numbers.slice(0, 60)) {
    const patient = admit(number);
    for (const m of [1, 3, 8]) {
      const exact = damage(patient, m);
      for (const part of PARTS) {
        const { error } = check(patient, { part, way: "each", h: 1e-5, m });
        assert.ok(Math.abs(error - exact[part]) < 1e-5, `${patient.bug} ${part}: ${error} and ${exact[part]}`);
      }
    }
  }
});

test("a check leaves the patient as it was", () => {
  const patient = admit(3);
  const before = structuredClone(patient);
  for (const part of PARTS) for (const way of ["each", "direction"]) check(patient, { part, way, h: 0.1, m: 3 });
  assert.deepEqual(patient, before);
});

/** A doctor with a plan: at most four questions, whatever the patient has. */
function diagnose(state) {
  const answer = (part, m) => {
    state.m = m;
    ask(state, part);
    return wrong(state.asked.at(-1).error);
  };
  if (answer("b4", "3")) {
    if (answer("b4", "1")) return "BP1";
    return answer("w4", "3") ? "mean" : "BP3";
  }
  if (answer("w2", "3")) return "BP2";
  if (answer("w3", "3")) return "BP4";
  return answer("b2", "3") ? "BP3" : "healthy";
}

test("four good questions name every patient's equation", () => {
  for (const number of numbers) {
    const state = play(number);
    const found = diagnose(state);
    assert.equal(found, admit(number).equation, `patient ${number}`);
    assert.ok(state.asked.length <= 4);
  }
});

test("the same questions with a bad step mislead, and the reason is told", () => {
  for (const [power, reason] of [
    [-15, "rounding"],
    [0, "bends"],
  ]) {
    const misled = numbers.filter((number) => diagnose(play(number, { power })) !== admit(number).equation);
    assert.ok(misled.length > 100, `h = 1e${power} misleads in ${misled.length} of 400`);
    const healthy = misled.find((number) => admit(number).bug === "healthy");
    const state = play(healthy, { power });
    name(state, diagnose(state));
    assert.ok(lies(state).length > 0);
    assert.match(report(state).sentence, new RegExp(reason));
  }
});

test("no check at a good step is called a lie", () => {
  for (const number of numbers.slice(0, 100)) {
    const state = play(number);
    diagnose(state);
    assert.deepEqual(lies(state), []);
  }
});

test("one random direction costs two evaluations, and sees nearly every bug", () => {
  const sick = numbers.map(admit).filter(({ bug }) => bug !== "healthy");
  const answers = sick.map((patient) => check(patient, { part: "all", way: "direction", h: 1e-5, m: 3, seed: 7 }));
  assert.ok(answers.every(({ costs }) => costs === 2));
  const seen = answers.filter(({ error }) => error > 1e-3).length / sick.length;
  assert.ok(seen > 0.95 && seen <= 1, `${seen}`);
  assert.equal(check(sick[0], { part: "all", way: "each", h: 1e-5, m: 3 }).costs, 2 * (6 + 9 + 6 + 3 + 3 + 2));
});

test("the score counts questions until the verdict, and rights of all patients", () => {
  const number = numbers.find((one) => admit(one).equation === "BP1");
  const state = play(number);
  ask(state, "w2");
  ask(state, "w3");
  name(state, "BP2");
  ask(state, "w4");
  assert.deepEqual(state.score, { patients: 1, right: 0, questions: 2 });
  assert.match(report(state).sentence, /Not BP2: it is BP1.*You asked 2 questions, which took 30 evaluations/);
  fresh(state, number);
  assert.deepEqual(state.asked, []);
  ask(state, "b4");
  name(state, "BP1");
  assert.deepEqual(state.score, { patients: 2, right: 1, questions: 3 });
  assert.match(report(state).sentence, /Right: it is BP1.*1 of 2 patients, with 1.5 questions each/);
});
