// Shared by the live figures: numbers, pictures as SVG text, axes and controls. Each figure is
// a file of its own, a state with pure functions from it to pictures and words. All are classic
// scripts, because browsers load no modules from file://; Node loads them too, to test them.
"use strict";

globalThis.live = (() => {
  const figures = {};

  // Numbers

  const sigmoid = (z) => 0.5 * (1 + Math.tanh(0.5 * z));
  const sigmoidPrime = (z) => sigmoid(z) * (1 - sigmoid(z));

  const raised = (power) => [...String(power)].map((d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[d])).join("");

  function powerOfTen(value) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${digits} · 10${raised(Number(power))}`;
  }

  /** The number with so many decimals, a real minus sign, and no minus before zero. */
  function fixed(value, digits = 4) {
    if (!Number.isFinite(value)) return value > 0 ? "∞" : Number.isNaN(value) ? "?" : "−∞";
    const text = Math.abs(value) < 1e5 ? value.toFixed(digits) : powerOfTen(value);
    return (Number(text) === 0 ? text.replace("-", "") : text).replaceAll("-", "−");
  }

  /** Evenly spaced numbers, both ends included. */
  const range = (low, high, count) => Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

  /** Numbers in [0, 1) that a whole-number seed fixes (the generator mulberry32). */
  function randomNumbers(seed) {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** Numbers from N(0, 1) that a seed fixes. */
  function normalNumbers(seed) {
    const next = randomNumbers(seed);
    return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  }

  // A network {w, b}: the entries with index i belong to layer i + 2, and w[i] is a list of rows

  function randomNetwork(sizes, normal) {
    const rows = (count, width) => Array.from({ length: count }, () => Array.from({ length: width }, normal));
    const w = sizes.slice(1).map((size, i) => rows(size, sizes[i]));
    return { w, b: w.map((matrix) => matrix.map(normal)) };
  }

  const times = (rows, vector) => rows.map((row) => row.reduce((sum, value, k) => sum + value * vector[k], 0));
  const transposed = (rows) => rows[0].map((_, k) => rows.map((row) => row[k]));

  /** The forward pass: z[i] belongs to layer i + 2, a[i] to layer i + 1, and a[0] is x. */
  function forward({ w, b }, x) {
    const z = [];
    const a = [x];
    for (const [i, rows] of w.entries()) {
      z.push(times(rows, a[i]).map((sum, j) => sum + b[i][j]));
      a.push(z[i].map(sigmoid));
    }
    return { z, a };
  }

  /** The quadratic cost of one example. */
  const quadratic = (a, y) => a.reduce((sum, value, j) => sum + (value - y[j]) ** 2, 0) / 2;

  // Pictures

  /** An SVG element as text; numbers are rounded to a hundredth of a pixel. */
  function element(name, attributes, ...content) {
    const round = (value) => (typeof value === "number" ? +value.toFixed(2) : value);
    const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${round(value)}"`);
    return `<${name}${pairs.join("")}>${content.join("")}</${name}>`;
  }

  const text = (x, y, content, look = "", anchor = "middle") =>
    element("text", { x, y, class: look, "text-anchor": anchor }, content);

  /** A letter with its indices, as the formulas have them: for a picture, and for a sentence. */
  function symbol(letter, up = "", down = "", after = "") {
    const script = (dx, dy, content) => `<tspan class="script" dx="${dx}" dy="${dy}">${content}</tspan>`;
    const upper = up === "" ? "" : script(1, -6, up);
    const lower = down === "" ? "" : script(up === "" ? 1 : -7.4 * String(up).length, up === "" ? 5 : 11, down);
    const back = lower ? -5 : upper ? 6 : 0;
    return `<tspan class="letter">${letter}</tspan>${upper}${lower}<tspan dy="${back}">${after || "\u200b"}</tspan>`;
  }

  function letter(name, up = "", down = "") {
    return `<i>${name}</i>${up === "" ? "" : `<sup>${up}</sup>`}${down === "" ? "" : `<sub>${down}</sub>`}`;
  }

  /** Axes in box = [left, top, width, height]; x and y are {low, high, ticks, label}. X and Y give the
   *  place of a value, `line` draws within the box only, `svg` is the frame itself. */
  function axes(box, x, y, { grid = true, yText = String } = {}) {
    const [left, top, width, height] = box;
    const bottom = top + height;
    const X = (value) => left + ((value - x.low) / (x.high - x.low)) * width;
    const Y = (value) => top + ((y.high - value) / (y.high - y.low)) * height;
    const clamp = (place) => Math.max(-9999, Math.min(9999, place)).toFixed(1);
    const minus = (label) => label.replace("-", "−");
    const rule = (d) => (grid ? element("path", { class: "grid", d }) : "");
    const view = { x: left, y: top, width, height, viewBox: box.join(" ") };
    const svg = [
      ...x.ticks.map((v) => rule(`M${X(v)} ${top}V${bottom}`)),
      ...y.ticks.map((v) => rule(`M${left} ${Y(v)}h${width}`)),
      element("path", { class: "axis", d: `M${left} ${top}V${bottom}h${width}` }),
      ...x.ticks.map((v) => text(X(v), bottom + 16, minus(String(v)), "tick")),
      ...y.ticks.map((v) => text(left - 6, Y(v) + 4, minus(yText(v)), "tick", "end")),
      text(left + width, bottom + 32, x.label, "", "end"),
      text(left - 26, top - 9, y.label, "", "start"),
    ].join("");
    const clip = (...content) => element("svg", view, ...content);
    const line = (points, look) => {
      const places = points.map(([a, b]) => `${clamp(X(a))} ${clamp(Y(b))}`);
      return clip(element("path", { class: `line ${look}`, d: `M${places.join("L")}` }));
    };
    return { X, Y, svg, clip, line };
  }

  // Pale to dark in grey print, and told apart by all eyes (after the colour map cividis).
  const SHADES = [
    [0, 34, 78],
    [66, 78, 108],
    [125, 124, 120],
    [188, 175, 111],
    [254, 232, 56],
  ];

  /** A picture of n by n cells (n a multiple of 4) in box = [left, top, width, height]; shade(i, j) of
   *  column i and row j, counted from the lower left, runs from 0, dark, to 1, pale. A bitmap, as text. */
  function heatmap([x, y, width, height], n, shade) {
    const bytes = new Uint8Array(1078 + n * n);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0x424d);
    for (const [at, value] of [
      [2, bytes.length],
      [10, 1078],
      [14, 40],
      [18, n],
      [22, n],
      [34, n * n],
    ]) {
      view.setUint32(at, value, true);
    }
    view.setUint32(26, 0x00080001, true);
    for (let i = 0; i < 256; i++) {
      const k = Math.min(3, Math.floor(i / 64));
      const mix = (c) => Math.round(SHADES[k][c] + ((SHADES[k + 1][c] - SHADES[k][c]) * (i - 64 * k)) / 63.75);
      bytes.set([mix(2), mix(1), mix(0)], 54 + 4 * i);
    }
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        bytes[1078 + j * n + i] = Math.round(255 * Math.max(0, Math.min(1, shade(i, j))));
      }
    }
    const href = `data:image/bmp;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
    return element("image", { x, y, width, height, preserveAspectRatio: "none", href });
  }

  /** Follow a pointer from press to release on panel number `index`: move(x, y, pressed, target) in units of
   *  the panel's picture; a press for which it returns false is left alone. A finger must begin on something
   *  with `data-grab`, so that elsewhere it scrolls the page. */
  function drag(panels, index, move) {
    let held = null;
    const tell = ({ clientX, clientY, target }, pressed) => {
      const svg = panels.children[index].firstElementChild;
      const { left, top, width } = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / width;
      return move((clientX - left) * scale, (clientY - top) * scale, pressed, target);
    };
    panels.addEventListener("pointerdown", (event) => {
      if (!panels.children[index].contains(event.target) || event.button > 0) return;
      if (event.pointerType === "touch" && !event.target.closest("[data-grab]")) return;
      if (tell(event, true) === false) return;
      held = event.pointerId;
      panels.setPointerCapture(held);
      event.preventDefault();
    });
    panels.addEventListener("pointermove", (event) => event.pointerId === held && tell(event, false));
    for (const kind of ["pointerup", "pointercancel"]) panels.addEventListener(kind, () => (held = null));
  }

  /** What the arrow keys and their like do to a value from low to high; null for other keys. */
  function stepped(key, value, step, low, high) {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 };
    const next = { Home: low, End: high }[key] ?? (steps[key] ? value + steps[key] * step : null);
    return next === null ? null : Math.max(low, Math.min(high, Math.round(next * 1e6) / 1e6));
  }

  // Controls: each is made for a state and an `update` to call, and can show the state again

  function dom(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  /** A slider or, of type "number", a field to type into, for state[key]. `mark` labels a place below. */
  function slider({ type, key, label, min, max, step, digits = 2, mark, write, usable }, id, state, update) {
    const input = dom("input", { id, type: type === "number" ? type : "range", min, max, step });
    const name = dom("label", { for: id });
    name.innerHTML = label;
    const output = type === "number" ? "" : dom("output", { for: id });
    const tick = mark ? dom("span", { class: "live-mark", "aria-hidden": "true" }) : "";
    const bounds = dom("span", { class: "live-bounds", hidden: "" }, `from ${fixed(min, 0)} to ${fixed(max, 0)}`);
    input.addEventListener("input", () => {
      // The arrow keys go by steps, but a number between two steps is a number.
      const { badInput, rangeUnderflow, rangeOverflow } = input.validity;
      const wrong = badInput || rangeUnderflow || rangeOverflow || input.value === "";
      if (type === "number") input.setAttribute("aria-invalid", String(wrong));
      bounds.hidden = !wrong;
      if (wrong) return;
      state[key] = Number(input.value);
      update();
    });
    const show = () => {
      if (document.activeElement !== input || type !== "number") input.value = state[key];
      if (usable) input.disabled = !usable(state);
      if (output) {
        output.textContent = write ? write(state[key]) : fixed(state[key], digits);
        input.setAttribute("aria-valuetext", output.textContent);
      }
      if (mark) {
        const { at, words } = mark(state);
        const share = (at - min) / (max - min);
        tick.textContent = share < 0.5 ? `▲ ${words}` : `${words} ▲`;
        tick.classList.toggle("left", share >= 0.5);
        tick.style.setProperty("--share", share);
      }
    };
    return { node: dom("div", { class: `live-${type}` }, name, output, input, tick, bounds), show };
  }

  /** Radio buttons, one for each of `options` {value: words}. */
  function choice({ key, label, options, changed }, id, state, update) {
    const legend = dom("legend");
    legend.innerHTML = label;
    const node = dom("fieldset", { class: "live-choice" }, legend);
    const inputs = Object.entries(options).map(([value, words]) => {
      const input = dom("input", { type: "radio", name: id, id: `${id}-${value}`, value });
      input.addEventListener("change", () => {
        state[key] = value;
        changed?.(state);
        update();
      });
      node.append(dom("label", { for: input.id }, input, dom("span", {}, words)));
      return input;
    });
    const show = () => {
      for (const input of inputs) input.checked = input.value === state[key];
    };
    return { node, show };
  }

  function button({ label, press, usable = () => true }, id, state, update) {
    const node = dom("button", { type: "button", class: "live-button", id }, label);
    node.addEventListener("click", () => {
      if (!usable(state)) return;
      press(state);
      update();
    });
    // A disabled button would lose the keyboard's focus.
    return { node, show: () => node.setAttribute("aria-disabled", String(!usable(state))) };
  }

  /** Buttons side by side under one legend; `press` is told which. */
  function buttons({ label, options, press, usable }, id, state, update) {
    const node = dom("fieldset", { class: "live-choice live-buttons" }, dom("legend", {}, label));
    const made = Object.entries(options).map(([value, words]) => {
      const one = { label: words, usable, press: () => press(state, value) };
      return button(one, `${id}-${value}`, state, update);
    });
    node.append(...made.map((one) => one.node));
    return { node, show: () => made.forEach((one) => void one.show()) };
  }

  const makers = { slider, number: slider, choice, button, buttons };

  // Figures

  function picture({ width, height, role = "img", label, content }) {
    const view = { class: "live-svg", viewBox: `0 0 ${width} ${height}`, role };
    return element("svg", { ...view, "aria-label": label }, content);
  }

  /** Build the figure inside `place`: panels, controls, one sentence, and a list of values. */
  function mount(place, name, figure) {
    const state = { ...figure.initial };
    const panels = dom("div", { class: "live-panels" });
    const controls = dom("div", { class: "live-controls" });
    const sentence = dom("p", { class: "live-sentence" });
    const spoken = dom("p", { class: "live-spoken", role: "status" });
    const values = dom("dl", { class: "live-values" });
    const listed = figure.fold ? dom("details", {}, dom("summary", {}, figure.fold), values) : values;
    const made = [];
    let pause;

    function update() {
      const focused = panels.contains(document.activeElement) && document.activeElement.dataset.focus;
      figure.panels(state).forEach((panel, i) => {
        if (!panels.children[i]) panels.append(dom("div", { style: `--width: ${panel.width}px` }));
        panels.children[i].innerHTML = picture(panel);
      });
      if (focused) panels.querySelector(`[data-focus="${focused}"]`)?.focus();
      for (const control of made) {
        control.show();
        control.node.style.display = control.shown?.(state) === false ? "none" : "";
      }
      const report = figure.report(state);
      const before = sentence.textContent;
      sentence.innerHTML = report.sentence;
      // Spoken only when the hand rests, or it would be said anew at each step of a slider.
      if (before && sentence.textContent !== before) {
        clearTimeout(pause);
        pause = setTimeout(() => spoken.replaceChildren(sentence.textContent), 500);
      }
      values.innerHTML = report.values.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`).join("");
    }

    for (const control of figure.controls) {
      const id = `${name}-${control.key ?? control.id}`;
      made.push({ ...makers[control.type](control, id, state, update), shown: control.shown });
      controls.append(made.at(-1).node);
    }
    place.append(panels, ...(figure.sentenceFirst ? [sentence, controls] : [controls, sentence]), listed, spoken);
    figure.mounted?.({ place, panels, controls, state, update });
    update();
    place.parentElement.classList.add("live-on");
  }

  /** Announce a figure under the name that the pages use; in a browser, build it. */
  function define(name, figure) {
    figures[name] = figure;
    if (typeof document === "undefined") return;
    for (const place of document.querySelectorAll(`[data-figure="${name}"]`)) {
      mount(place, name, figure);
    }
  }

  const numbers = { sigmoid, sigmoidPrime, fixed, raised, range, randomNumbers, normalNumbers };
  const networks = { randomNetwork, times, transposed, forward, quadratic };
  const pictures = { element, text, symbol, letter, axes, heatmap, drag, stepped };
  return { ...numbers, ...networks, ...pictures, dom, define, figures };
})();
