// Draw a digit: a trained network reads it while it is drawn.
"use strict";

{
  const { sigmoid, fixed, element, text, dom } = live;
  const { networks, digits } = liveData;
  const SIDE = 28;
  const PAD = 280;
  const PEN = 21;
  const STEP = 7;

  const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

  /** A network's layers {w, b}: w as rows, each stored as 16-bit multiples of the row's scale. */
  function decode({ sizes, layers }) {
    return layers.map(({ scales, weights, biases }, i) => {
      const stored = new DataView(bytes(weights).buffer);
      const w = scales.map((scale, j) =>
        Float64Array.from({ length: sizes[i] }, (_, k) => scale * stored.getInt16(2 * (j * sizes[i] + k), true)),
      );
      return { w, b: biases };
    });
  }

  /** Activations of the layers after the input x, equation (25). */
  function feedforward(layers, x) {
    let a = x;
    return layers.map(({ w, b }) => {
      const before = a;
      a = w.map((row, j) => sigmoid(row.reduce((z, weight, k) => z + weight * before[k], b[j])));
      return a;
    });
  }

  /** How much of each of `size` pixels, each 1 / size of the span, lies in each pixel of the source. */
  function shares(first, span, size) {
    return Array.from({ length: size }, (_, i) => {
      const [from, to] = [first + (i * span) / size, first + ((i + 1) * span) / size];
      const parts = [];
      for (let k = Math.floor(from); k < to - 1e-9; k++) {
        parts.push([k, (Math.min(to, k + 1) - Math.max(from, k)) / (to - from)]);
      }
      return parts;
    });
  }

  /** The 784 inputs that MNIST would make of a drawing: its ink (width * height values from 0 to
   *  255) scaled into 20 x 20, its centre of mass moved to the middle, as k/256. All 0 without ink. */
  function toMnist(ink, width, height) {
    const x = new Float64Array(SIDE * SIDE);
    let [left, right, top, bottom] = [width, -1, height, -1];
    ink.forEach((value, i) => {
      if (value === 0) return;
      const [row, column] = [Math.floor(i / width), i % width];
      [left, right] = [Math.min(left, column), Math.max(right, column)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    });
    if (right < 0) return x;
    const spans = [right - left + 1, bottom - top + 1];
    const [columns, rows] = spans.map((span) => Math.max(1, Math.round((20 * span) / Math.max(...spans))));
    const across = shares(left, spans[0], columns);
    const small = shares(top, spans[1], rows).map((down) =>
      across.map((along) => {
        let mean = 0;
        for (const [r, p] of down) for (const [c, q] of along) mean += p * q * ink[r * width + c];
        return mean;
      }),
    );
    let [mass, atRow, atColumn] = [0, 0, 0];
    small.forEach((line, r) => {
      line.forEach((value, c) => {
        mass += value;
        atRow += value * r;
        atColumn += value * c;
      });
    });
    // MNIST's centres of mass lie from 13.5, included, to 14.5.
    const [down, along] = [atRow, atColumn].map((moment) => Math.ceil(13.5 - moment / mass));
    small.forEach((line, r) => {
      line.forEach((value, c) => {
        const inside = r + down >= 0 && r + down < SIDE && c + along >= 0 && c + along < SIDE;
        if (inside) x[(r + down) * SIDE + c + along] = Math.round(value) / 256;
      });
    });
    return x;
  }

  const decoded = Object.fromEntries(Object.entries(networks).map(([name, net]) => [name, decode(net)]));
  const run = (state) => feedforward(decoded[state.network], state.x);
  const largest = (a) => a.indexOf(Math.max(...a));
  const pixelsOf = (digit) => Float64Array.from(bytes(digit.image), (k) => k / 256);

  function inputPanel({ x }) {
    const pixels = [...x].map((value, i) => {
      if (value === 0) return "";
      const at = { x: 2 + 6 * (i % SIDE), y: 26 + 6 * Math.floor(i / SIDE) };
      return element("rect", { ...at, width: 6, height: 6, class: "ink", "fill-opacity": value });
    });
    const frame = element("rect", { x: 2, y: 26, width: 168, height: 168, class: "frame" });
    const content = text(2, 16, "28 × 28 inputs", "", "start") + pixels.join("") + frame;
    return { width: 172, height: 204, label: "The image that the network gets, 28 by 28 pixels.", content };
  }

  function hiddenPanel(hidden) {
    const cells = hidden.map((a, i) => {
      const at = { x: 4 + 28 * (i % 5), y: 26 + 28 * Math.floor(i / 5), width: 24, height: 24, rx: 3 };
      const fill = element("rect", { ...at, class: "ink f-blue", "fill-opacity": a });
      return fill + element("rect", { ...at, class: "frame" });
    });
    const content = text(4, 16, "30 hidden", "", "start") + cells.join("");
    const label = `Activations of the 30 hidden neurons: ${hidden.filter((a) => a > 0.5).length} are above a half.`;
    return { width: 148, height: 204, label, content };
  }

  function outputPanel(outputs) {
    const best = largest(outputs);
    const bars = outputs.map((a, digit) => {
      const [x, look] = [4 + 32 * digit, digit === best ? "f-red" : "f-blue"];
      const bar = element("rect", { x: x + 2, y: 122 - 90 * a, width: 24, height: 1 + 90 * a, rx: 2, class: look });
      const value = text(x + 14, 117 - 90 * a, fixed(a, 2), digit === best ? "tick bold f-red" : "tick");
      return bar + value + text(x + 14, 138, digit, digit === best ? "bold f-red" : "");
    });
    const content = text(4, 12, "10 outputs", "", "start") + bars.join("");
    const label = `The ten outputs as bars; the largest, ${fixed(outputs[best], 2)}, belongs to ${best}.`;
    return { width: 330, height: 146, label, content };
  }

  function report(state) {
    const outputs = run(state).at(-1);
    const best = largest(outputs);
    const answer = `<b>${best}</b>, with the output ${fixed(outputs[best], 2)}`;
    const { digit } = state;
    let sentence = `It reads ${answer}.`;
    if (digit) {
      const verdict = best === digit.label ? "Right" : "Wrong";
      sentence = `Test image ${digit.index} is a <b>${digit.label}</b>. It reads ${answer}: <b>${verdict}</b>.`;
    } else if (state.x.every((value) => value === 0)) {
      sentence = `The paper is empty: draw a digit. (A network must always answer; to blank paper it says ${answer}.)`;
    }
    return { sentence, values: outputs.map((a, j) => [`output ${j}`, fixed(a, 4)]) };
  }

  /** The drawing pad before the panels and the buttons with test digits after the controls. */
  function mounted({ place, panels, controls, state, update }) {
    const help =
      "Drawing pad. Draw with mouse or finger; or move the pen with the arrow keys, and lower or lift it with the space bar.";
    const canvas = dom("canvas", { width: PAD, height: PAD, tabindex: 0, role: "application", "aria-label": help });
    const pen = dom("span", { class: "live-pen", "aria-hidden": "true" });
    const pad = dom("div", { class: "live-pad" }, canvas, pen);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    Object.assign(context, { lineWidth: PEN, lineCap: "round", lineJoin: "round" });
    const at = { x: PAD / 2, y: PAD / 4, down: false };

    function read() {
      const { data } = context.getImageData(0, 0, PAD, PAD);
      const ink = Uint8Array.from({ length: PAD * PAD }, (_, i) => data[4 * i + 3]);
      Object.assign(state, { digit: null, x: toMnist(ink, PAD, PAD) });
      update();
    }

    function clear() {
      context.clearRect(0, 0, PAD, PAD);
      read();
    }

    function moveTo(x, y) {
      if (state.digit) clear();
      context.beginPath();
      context.moveTo(at.x, at.y);
      if (at.down) context.lineTo(x, y);
      context.stroke();
      Object.assign(at, { x, y });
      pen.style.translate = `${(100 * x) / PAD - 50}cqw ${(100 * y) / PAD - 50}cqw`;
      pen.classList.toggle("down", at.down);
      if (at.down) read();
    }

    const position = (event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return [((event.clientX - left) / width) * PAD, ((event.clientY - top) / height) * PAD];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      at.down = false;
      moveTo(...position(event));
      at.down = true;
      moveTo(at.x, at.y);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      for (const moment of event.getCoalescedEvents()) moveTo(...position(moment));
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        at.down = false;
      });
    }
    const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
    canvas.addEventListener("keydown", (event) => {
      const way = ways[event.key];
      if (!way && event.key !== " ") return;
      event.preventDefault();
      if (event.key === " ") at.down = !at.down;
      const inside = (value) => Math.max(STEP, Math.min(PAD - STEP, value));
      const [x, y] = way ?? [0, 0];
      moveTo(inside(at.x + STEP * x), inside(at.y + STEP * y));
    });

    function show(digit) {
      const size = PAD / SIDE;
      context.clearRect(0, 0, PAD, PAD);
      Object.assign(state, { digit, x: pixelsOf(digit) });
      state.x.forEach((value, i) => {
        context.globalAlpha = value;
        context.fillRect(size * (i % SIDE), size * Math.floor(i / SIDE), size, size);
      });
      context.globalAlpha = 1;
      update();
    }

    const groups = { "Test digits": false, "Misread by chapter 1’s network": true };
    for (const [title, misread] of Object.entries(groups)) {
      const row = dom("div", { class: "live-digits", role: "group", "aria-label": title }, dom("span", {}, title));
      for (const digit of digits.filter((one) => one.misread === misread)) {
        const image = dom("canvas", { width: SIDE, height: SIDE });
        const data = new ImageData(SIDE, SIDE);
        bytes(digit.image).forEach((k, i) => {
          data.data[4 * i + 3] = k;
        });
        image.getContext("2d").putImageData(data, 0, 0);
        const words = { type: "button", "aria-label": `test image ${digit.index}, a ${digit.label}` };
        const button = dom("button", { ...words, class: "live-digit" }, image);
        button.addEventListener("click", () => show(digit));
        row.append(button);
      }
      controls.append(row);
    }
    place.insertBefore(pad, panels);
    place.querySelector("#draw_a_digit-clear").addEventListener("click", clear);
    show(digits[0]);
  }

  const words = (net) => `${net.title}: ${net.correct} of ${net.of} test digits`;
  live.define("draw_a_digit", {
    initial: { network: "original", x: pixelsOf(digits[0]), digit: digits[0] },
    controls: [
      {
        type: "choice",
        key: "network",
        label: "network",
        options: Object.fromEntries(Object.entries(networks).map(([name, net]) => [name, words(net)])),
      },
      { type: "button", id: "clear", label: "Clear the paper", press: () => {} },
    ],
    panels: (state) => {
      const [hidden, outputs] = run(state);
      return [inputPanel(state), hiddenPanel(hidden), outputPanel(outputs)];
    },
    report,
    sentenceFirst: true,
    mounted,
    decode,
    feedforward,
    toMnist,
  });
}
