// Bug hunt: one equation of a patient's backpropagation may be wrong. Ask gradient checks, name it.
"use strict";

{
  const { fixed, raised, element, text, symbol, letter, axes, randomNumbers, normalNumbers } = live;
  const { randomNetwork, times, transposed, forward, quadratic, sigmoidPrime } = live;
  const SIZES = [2, 3, 3, 2];
  const BATCHES = [1, 3, 8];
  const product = (u, v) => u.map((value, j) => value * v[j]);
  const outer = (u, v) => u.map((value) => v.map((other) => value * other));

  // A healthy backpropagation for one example. Index i is that of w[i], the weights into layer
  // i + 2: delta[i] and slopes[i] belong to this layer, a[i] to the one before it.
  const HEALTHY = {
    BP1: ({ a, y, slopes }) =>
      product(
        a[3].map((value, j) => value - y[j]),
        slopes[2],
      ),
    BP2: ({ w, delta, slopes, i }) => product(times(transposed(w[i + 1]), delta[i + 1]), slopes[i]),
    BP3: ({ delta, i }) => delta[i],
    BP4: ({ delta, a, i }) => outer(delta[i], a[i]),
    mean: (sum, m) => sum / m,
  };

  // What may be wrong: the equation, what the patient computes in its place, and how that reads.
  const BUGS = {
    sign: ["BP1", "an output error with the wrong sign, y − a", (s) => HEALTHY.BP1(s).map((error) => -error)],
    outputSlope: [
      "BP1",
      "an output error without the slope σ′(z⁴)",
      ({ a, y }) => a[3].map((value, j) => value - y[j]),
    ],
    hiddenSlope: [
      "BP2",
      "hidden errors without the slope σ′(z)",
      ({ w, delta, i }) => times(transposed(w[i + 1]), delta[i + 1]),
    ],
    otherSlope: [
      "BP2",
      "the slope of layer 3 in the errors of layer 2",
      (s) => (s.i === 0 ? product(times(transposed(s.w[1]), s.delta[1]), s.slopes[1]) : HEALTHY.BP2(s)),
    ],
    transpose: [
      "BP2",
      "w³ without its transpose, which a square matrix lets pass",
      (s) => (s.i === 0 ? product(times(s.w[1], s.delta[1]), s.slopes[0]) : HEALTHY.BP2(s)),
    ],
    notPassedOn: [
      "BP2",
      "the errors of layer 3 in layer 2, not sent back through w³",
      (s) => (s.i === 0 ? product(s.delta[1], s.slopes[0]) : HEALTHY.BP2(s)),
    ],
    oneExample: [
      "BP3",
      "the bias gradient of the first example only",
      ({ delta, i, example, m }) => delta[i].map((error) => (example === 0 ? m * error : 0)),
    ],
    nextLayer: [
      "BP3",
      "the errors of layer 3 as the bias gradient of layer 2",
      ({ delta, i }) => delta[i === 0 ? 1 : i],
    ],
    weightedInput: [
      "BP4",
      "weighted inputs z of the sending layer in place of activations a",
      ({ delta, a, z, i }) => outer(delta[i], i === 0 ? a[0] : z[i - 1]),
    ],
    ownActivation: [
      "BP4",
      "layer 3's own activations in the gradient of w³, in place of layer 2's",
      ({ delta, a, i }) => outer(delta[i], i === 1 ? a[2] : a[i]),
    ],
    turned: [
      "BP4",
      "row and column exchanged in the gradient of w³",
      ({ delta, a, i }) => (i === 1 ? outer(a[1], delta[1]) : outer(delta[i], a[i])),
    ],
    sum: ["mean", "the sum over the examples, not their mean: the 1/m is forgotten", (sum) => sum],
    twice: ["mean", "a division by m², not m", (sum, m) => sum / m ** 2],
  };
  const NAMES = { BP1: "BP1", BP2: "BP2", BP3: "BP3", BP4: "BP4", mean: "the 1/m", healthy: "healthy" };

  /** The gradient {w, b} that a patient with this bug computes, over the given examples. */
  function gradient({ w, b }, examples, bug = "healthy") {
    const [equation, , wrong] = BUGS[bug] ?? [];
    const use = { ...HEALTHY, ...(equation && { [equation]: wrong }) };
    const m = examples.length;
    const zero = (rows) => rows.map((row) => row.map(() => 0));
    const sums = { w: w.map(zero), b: zero(b) };
    for (const [example, { x, y }] of examples.entries()) {
      const { z, a } = forward({ w, b }, x);
      const s = { w, y, z, a, slopes: z.map((layer) => layer.map(sigmoidPrime)), delta: [], example, m };
      s.delta[2] = use.BP1(s);
      for (const i of [1, 0]) s.delta[i] = use.BP2({ ...s, i });
      for (const i of [0, 1, 2]) {
        sums.b[i] = sums.b[i].map((value, j) => value + use.BP3({ ...s, i })[j]);
        const one = use.BP4({ ...s, i });
        sums.w[i] = sums.w[i].map((row, j) => row.map((value, k) => value + one[j][k]));
      }
    }
    const mean = (rows) => rows.map((row) => row.map((sum) => use.mean(sum, m)));
    return { w: sums.w.map(mean), b: mean(sums.b) };
  }

  /** The mean cost over examples. */
  const costOf = (net, examples) =>
    examples.reduce((sum, { x, y }) => sum + quadratic(forward(net, x).a[3], y), 0) / examples.length;

  const PARTS = ["w2", "w3", "w4", "b2", "b3", "b4", "all"];
  const ofPart = ({ w, b }, part) => {
    if (part === "all") return [...w.flat(), ...b];
    const i = Number(part[1]) - 2;
    return part[0] === "w" ? w[i] : [b[i]];
  };

  const norm = (v) => Math.hypot(...v);
  function relativeError(g, d) {
    const size = norm(g) + norm(d);
    return size ? norm(g.map((value, i) => value - d[i])) / size : 0;
  }

  /** A gradient check: central differences of the cost for one part, entry by entry or along one
   *  random direction. Returns the relative error, and how often the cost was evaluated. */
  function check(patient, { part, way, h, m, seed = 1 }) {
    const { net, bug } = patient;
    const examples = patient.examples.slice(0, m);
    const rows = ofPart(net, part);
    const g = ofPart(gradient(net, examples, bug), part).flat();
    const places = rows.flatMap((row) => row.map((value, k) => ({ row, k, value })));
    const costAt = (step, along) => {
      for (const [i, { row, k, value }] of places.entries()) if (along[i]) row[k] = value + step * along[i];
      const cost = costOf(net, examples);
      for (const { row, k, value } of places) row[k] = value;
      return cost;
    };
    const difference = (along) => (costAt(h, along) - costAt(-h, along)) / (2 * h);
    if (way === "direction") {
      const drawn = places.map(normalNumbers(seed));
      const along = drawn.map((value) => value / norm(drawn));
      const slope = g.reduce((sum, value, i) => sum + value * along[i], 0);
      return { error: relativeError([slope], [difference(along)]), costs: 2 };
    }
    const d = places.map((_, i) => difference(places.map((_, other) => Number(i === other))));
    return { error: relativeError(g, d), costs: 2 * places.length };
  }

  /** What the bug does to each part, by exact formulas: {part: relative error}. */
  function damage({ net, examples, bug }, m) {
    const [right, found] = ["healthy", bug].map((one) => gradient(net, examples.slice(0, m), one));
    return Object.fromEntries(
      PARTS.map((part) => [part, relativeError(ofPart(right, part).flat(), ofPart(found, part).flat())]),
    );
  }

  /** The patient with this number: the same on every machine. One in seven is healthy. */
  function admit(number) {
    const next = randomNumbers(number);
    const keys = Object.keys(BUGS);
    const bug = next() < 1 / 7 ? "healthy" : keys[Math.floor(next() * keys.length)];
    for (let attempt = 0; ; attempt++) {
      const normal = normalNumbers(1000 * number + attempt);
      const net = randomNetwork(SIZES, normal);
      const uniform = randomNumbers(1000 * number + attempt);
      const examples = Array.from({ length: 8 }, () => ({ x: [normal(), normal()], y: [uniform(), uniform()] }));
      const patient = { number, bug, equation: BUGS[bug]?.[0] ?? "healthy", net, examples };
      // A bug that happens to do next to nothing would be no fair game.
      const fair = BATCHES.slice(1).every((m) =>
        Object.values(damage(patient, m)).every((error) => error === 0 || error > 0.04),
      );
      if (fair) return patient;
    }
  }

  const patients = {};
  const patientOf = ({ number }) => {
    patients[number] ??= admit(number);
    return patients[number];
  };

  // Words and pictures

  const exponent = (power) => String(power).replace("-", "−");
  /** A relative error in two parts: its digits, and the power of ten or "". */
  function digits(error, places = 1) {
    if (error === 0) return ["0", ""];
    if (error >= 0.00995) return [error.toFixed(2), ""];
    const [mantissa, power] = error.toExponential(places).split("e");
    return [`${mantissa} · 10`, exponent(power)];
  }
  const inWords = (error) => {
    const [mantissa, power] = digits(error);
    return power ? `${mantissa}<sup>${power}</sup>` : mantissa;
  };
  const tenTo = (power) => `10<sup>${exponent(power)}</sup>`;
  const nameOf = (part) => (part === "all" ? "everything" : letter(part[0], part[1]));
  const said = (part) =>
    part === "all" ? "all parameters" : `${part[0] === "w" ? "weights into" : "biases of"} layer ${part[1]}`;

  const COLUMNS = [40, 121, 202, 283];
  const place = (layer, j) => [COLUMNS[layer - 1], 130 + 36 * (j - (SIZES[layer - 1] + 1) / 2)];
  const BOXES = {
    w2: [81, 32],
    w3: [162, 32],
    w4: [243, 32],
    all: [40, 226],
    b2: [121, 226],
    b3: [202, 226],
    b4: [283, 226],
  };

  const lastOf = (state, part) => state.asked.findLast((question) => question.part === part);

  function network(state) {
    const latest = state.asked.at(-1)?.part;
    const wrong = state.verdict ? damage(patientOf(state), 8) : {};
    const wires = [2, 3, 4].flatMap((layer) =>
      Array.from({ length: SIZES[layer - 1] * SIZES[layer - 2] }, (_, i) => {
        const ends = [place(layer - 1, 1 + (i % SIZES[layer - 2])), place(layer, 1 + Math.floor(i / SIZES[layer - 2]))];
        const lit = latest === `w${layer}` || latest === "all";
        return element("path", { d: `M${ends[0]}L${ends[1]}`, class: lit ? "wire s-blue" : "wire faint" });
      }),
    );
    const neurons = SIZES.flatMap((size, i) =>
      Array.from({ length: size }, (_, row) => {
        const [cx, cy] = place(i + 1, row + 1);
        const lit = i > 0 && (latest === `b${i + 1}` || latest === "all");
        return element("circle", { cx, cy, r: 10, class: lit ? "neuron asked" : "neuron" });
      }),
    );
    const boxes = Object.entries(BOXES).map(([part, [x, y]]) => {
      const last = lastOf(state, part);
      const [mantissa, power] = last ? digits(last.error, 0) : ["?", ""];
      const number = power ? mantissa.replace(" · ", "·") + symbol("", power) : mantissa;
      const mark = part in wrong ? (wrong[part] > 0 ? "✗ " : "✓ ") : "";
      const title = part === "all" ? `${mark}all` : mark + symbol(part[0], part[1]);
      const answer = last ? `${last.error.toPrecision(2)} was the last answer` : "not asked yet";
      const truth = mark && (wrong[part] > 0 ? ", wrong" : ", right");
      const handle = {
        role: "button",
        tabindex: 0,
        "data-part": part,
        "data-focus": part,
        "aria-label": `Check ${said(part)}: ${answer}${truth}`,
      };
      const look = `box${part === latest ? " current" : ""}${wrong[part] > 0 ? " sick" : ""}`;
      return element(
        "g",
        handle,
        element("rect", { x: x - 38, y: y - 25, width: 76, height: 50, rx: 6, class: look }),
        text(x, y - 5, title),
        text(x, y + 17, number, last ? "bold" : "name"),
      );
    });
    const content = element("g", { class: "roomy" }, ...wires, ...neurons, ...boxes);
    const label = `Patient ${state.number}: a network with layers of 2, 3, 3 and 2 neurons. Each part has a button that checks its gradient.`;
    return { width: 324, height: 256, role: "group", label, content };
  }

  function scale(state) {
    const ticks = [-16, -12, -8, -4, 0];
    const across = { low: -17, high: 0.5, ticks: [], label: "" };
    const frame = axes([14, 30, 296, 78], across, { low: 0, high: 4, ticks: [], label: "" }, { grid: false });
    const seen = {};
    const dots = state.asked.slice(-12).map(({ error }, i, all) => {
      const log = error > 0 ? Math.max(-16.6, Math.log10(error)) : -16.6;
      const bin = Math.round(log / 1.1);
      seen[bin] = (seen[bin] ?? 0) + 1;
      const y = 96 - 20 * ((seen[bin] - 1) % 4);
      const last = i === all.length - 1;
      const number = state.asked.length - all.length + i + 1;
      const circle = element("circle", { cx: frame.X(log), cy: y, r: 9.5, class: last ? "f-blue" : "neuron" });
      return circle + text(frame.X(log), y + 4.5, number, last ? "on bold" : "");
    });
    const rules = ticks.map((power) => {
      const x = frame.X(power);
      const name = power === 0 ? "1" : `10${symbol("", exponent(power))}`;
      return element("path", { class: "axis", d: `M${x} 108v5` }) + text(x, 130, name);
    });
    const title = text(14, 18, "relative error of your questions 1, 2, 3, …", "", "start");
    const line = element("path", { class: "axis", d: "M14 108H310" });
    const content = element("g", { class: "roomy" }, title, line, ...rules, ...dots);
    const list = state.asked.map(({ error }, i) => `question ${i + 1}: ${error.toPrecision(2)}`);
    const label = `Relative errors on a logarithmic scale. ${list.join("; ") || "Nothing has been asked yet"}.`;
    return { width: 324, height: 140, label, content };
  }

  /** Answers of right parts that looked wrong, or of wrong parts that looked right. */
  function lies(state) {
    return state.asked.filter(({ part, m, error }) => {
      const true_ = damage(patientOf(state), m)[part];
      return true_ === 0 && error > 1e-3;
    });
  }

  function whyItLied(state) {
    const lie = lies(state).at(-1);
    if (!lie) return "";
    const reason =
      lie.power <= -8
        ? "is so small that the two costs agree in nearly all their digits, and the difference is rounding"
        : "is so large that the cost bends between the two points, and a chord is no tangent";
    return ` One check lied to you: the gradient of ${nameOf(lie.part)} was right with <i>m</i> = ${lie.m}, and yet the check said ${inWords(lie.error)}, because <i>h</i> = ${tenTo(lie.power)} ${reason}.`;
  }

  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  function report(state) {
    const { asked, verdict, score } = state;
    const questions = asked.filter((question) => question.counts);
    const costs = questions.reduce((sum, question) => sum + question.costs, 0);
    const last = asked.at(-1);
    let sentence = `<b>Patient ${state.number}</b> has one wrong equation, or none. Press a part of it: a gradient check compares what the patient computes with differences of the cost. Then name the equation.`;
    if (last)
      sentence = `<b>Question ${asked.length}</b>, ${nameOf(last.part)}, <i>h</i> = ${tenTo(last.power)}, <i>m</i> = ${last.m}: the relative error is <b>${inWords(last.error)}</b>. Ask on, or name the equation.`;
    if (verdict) {
      const { equation, bug } = patientOf(state);
      const truth = bug === "healthy" ? "the patient is healthy" : `it is ${NAMES[equation]}: ${BUGS[bug][1]}`;
      const judged = verdict === equation ? "Right" : `Not ${NAMES[verdict]}`;
      const mean = score.questions / score.patients;
      sentence = `<b>${judged}: ${truth}.</b> You asked ${count(questions.length, "question")}, which took ${count(costs, "evaluation")} of the cost.${whyItLied(state)} So far you have named ${score.right} of ${count(score.patients, "patient")}, with ${fixed(mean, 1)} questions each.`;
    }
    const values = asked.slice(-8).map(({ part, way, power, m, error }, i, all) => {
      const number = asked.length - all.length + i + 1;
      const how = way === "each" ? "each entry" : "one direction";
      return [`${number}. ${nameOf(part)}, ${how}, <i>h</i> = ${tenTo(power)}, <i>m</i> = ${m}`, inWords(error)];
    });
    values.push(["questions, evaluations of the cost", `${questions.length}, ${costs}`]);
    return { sentence, values };
  }

  // Moves of the game

  function ask(state, part) {
    const { power, way } = state;
    const m = Number(state.m);
    const seed = 100 * state.number + state.asked.length;
    const answer = check(patientOf(state), { part, way, h: 10 ** power, m, seed });
    state.asked = [...state.asked, { part, way, power, m, ...answer, counts: !state.verdict }];
  }

  function name(state, verdict) {
    const right = verdict === patientOf(state).equation;
    const { score } = state;
    state.verdict = verdict;
    state.score = {
      patients: score.patients + 1,
      right: score.right + Number(right),
      questions: score.questions + state.asked.length,
    };
  }

  const fresh = (state, number) => Object.assign(state, { number, asked: [], verdict: "" });
  const anyNumber = () => 1 + Math.floor(999 * Math.random());

  const initial = { power: -14, m: "3", way: "each", score: { patients: 0, right: 0, questions: 0 } };
  fresh(initial, 26);
  const example = { ...initial, power: -5 };
  for (const part of ["w4", "w3", "w2"]) ask(example, part);

  live.define("bug_hunt", {
    initial: example,
    controls: [
      {
        type: "slider",
        key: "power",
        label: "step <i>h</i>",
        min: -15,
        max: 0,
        step: 1,
        write: (power) => `10${raised(power)}`,
      },
      { type: "choice", key: "m", label: "examples <i>m</i>", options: { 1: "1", 3: "3", 8: "8" } },
      {
        type: "choice",
        key: "way",
        label: "move",
        options: { each: "each entry by itself", direction: "all at once, in one random direction" },
      },
      {
        type: "buttons",
        key: "name",
        label: "The wrong equation is",
        options: NAMES,
        usable: (state) => !state.verdict,
        press: name,
      },
      { type: "button", id: "next", label: "Next patient", press: (state) => fresh(state, anyNumber()) },
    ],
    panels: (state) => [network(state), scale(state)],
    report,
    sentenceFirst: true,
    mounted({ panels, state, update }) {
      Object.assign(state, initial);
      fresh(state, anyNumber());
      const press = ({ target }) => {
        const part = target.closest("[data-part]")?.dataset.part;
        if (part) ask(state, part);
        return part;
      };
      panels.addEventListener("click", (event) => void (press(event) && update()));
      panels.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        if (!press(event)) return;
        event.preventDefault();
        update();
      });
    },
    SIZES,
    BUGS,
    PARTS,
    admit,
    check,
    damage,
    gradient,
    costOf,
    ask,
    name,
    fresh,
    lies,
    start: initial,
  });
}
