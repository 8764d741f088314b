// A demon moves one weighted input, or one weight, by a little: the change spreads to the cost,
// along every path. Predicted against actual change; and what remembering the tails saves.
"use strict";

{
  const { fixed, element, text, symbol, letter, randomNetwork, randomNumbers, normalNumbers } = live;
  const { forward, quadratic, sigmoid, sigmoidPrime, times, transposed } = live;
  const SIZES = [2, 3, 3, 2];
  const COST = 5; // the column of the cost, after layer 4
  const WIDE = [784, 30, 30, 30, 10];
  const MOST = 2;

  function draw(seed) {
    const normal = normalNumbers(seed);
    const { w, b } = randomNetwork(SIZES, normal);
    const next = randomNumbers(seed);
    const net = { w: w.map((rows) => rows.map((row) => row.map((value) => 1.5 * value))), b };
    return { net, x: [normal(), normal()], y: [next(), next()] };
  }

  /** The network with this number and its one example: of those drawn, the first in which the six
   *  paths of neuron 1 of layer 2 all count, and partly cancel. */
  function example(number) {
    for (let seed = 1000 * number; ; seed++) {
      const given = draw(seed);
      const values = paths(backward(given), { kind: "neuron", layer: 2, j: 1 }).map(({ value }) => value);
      const reach = values.reduce((sum, value) => sum + Math.abs(value), 0);
      const sum = Math.abs(values.reduce((total, value) => total + value, 0));
      const least = Math.min(...values.map(Math.abs));
      if (reach > 0.02 && least > 0.02 * reach && sum > 0.2 * reach && sum < 0.6 * reach) return given;
    }
  }

  /** The cost and all activations after a nudge of size Δ; index i is that of w[i], of layer i + 2. */
  function nudged({ net, x, y }, { kind, layer, j, k }, size) {
    const a = [x];
    for (const [i, rows] of net.w.entries()) {
      const z = times(rows, a[i]).map((sum, row) => sum + net.b[i][row]);
      if (i + 2 === layer) z[j - 1] += kind === "wire" ? size * a[i][k - 1] : size;
      a.push(z.map(sigmoid));
    }
    return { a, C: quadratic(a[3], y) };
  }

  /** Tails dC/da and errors dC/dz of layers 2 to 4, by (BP1) and (BP2), and the rates between layers. */
  function backward({ net, x, y }) {
    const { z, a } = forward(net, x);
    const slopes = z.map((layer) => layer.map(sigmoidPrime));
    const tails = [];
    const errors = [];
    for (const i of [2, 1, 0]) {
      tails[i] = i === 2 ? a[3].map((value, j) => value - y[j]) : times(transposed(net.w[i + 1]), errors[i + 1]);
      errors[i] = tails[i].map((tail, j) => tail * slopes[i][j]);
    }
    // rates[i][q][j]: how activation q of layer i + 2 answers to activation j of the layer before.
    const rates = net.w.map((rows, i) => rows.map((row, q) => row.map((weight) => weight * slopes[i][q])));
    return { a, slopes, tails, errors, rates };
  }

  /** The derivative of the cost with respect to what is nudged. */
  const derivative = ({ a, errors }, { kind, layer, j, k }) =>
    errors[layer - 2][j - 1] * (kind === "wire" ? a[layer - 2][k - 1] : 1);

  /** Every path from neuron j of a layer to the cost: its neurons, and its part of the derivative. */
  function paths(back, chosen) {
    const { kind, layer, j, k } = chosen;
    const first = back.slopes[layer - 2][j - 1] * (kind === "wire" ? back.a[layer - 2][k - 1] : 1);
    let found = [{ nodes: [j], value: first }];
    for (let i = layer - 1; i <= 2; i++)
      found = found.flatMap(({ nodes, value }) =>
        back.rates[i].map((row, q) => ({ nodes: [...nodes, q + 1], value: value * row[nodes.at(-1) - 1] })),
      );
    return found.map(({ nodes, value }) => ({ nodes, value: value * back.tails[2][nodes.at(-1) - 1] }));
  }

  /** How often each layer is visited to find the tail of one neuron, counted by doing it. */
  function visits(sizes, layer, remember) {
    const counts = sizes.slice(layer - 1).map(() => 0);
    const known = counts.map(() => new Set());
    const visit = (depth, j) => {
      if (remember && known[depth].has(j)) return;
      known[depth].add(j);
      counts[depth]++;
      if (depth + 1 < counts.length) for (let q = 0; q < sizes[layer + depth]; q++) visit(depth + 1, q);
    };
    visit(0, 0);
    return counts;
  }

  const cache = {};
  function everything(state) {
    cache[state.number] ??= example(state.number);
    const given = cache[state.number];
    const back = backward(given);
    const before = nudged(given, state, 0);
    const after = nudged(given, state, state.size);
    const routes = paths(back, state).map(({ nodes, value }) => ({ nodes, value, part: value * state.size }));
    const slope = derivative(back, state);
    const reach = routes.reduce((sum, { value }) => sum + Math.abs(value), 0);
    return { back, before, after, routes, slope, reach, predicted: slope * state.size, actual: after.C - before.C };
  }

  // Pictures

  const COLUMNS = [22, 96, 168, 236, 292];
  const place = (layer, j) =>
    layer === COST ? [COLUMNS[4], 134] : [COLUMNS[layer - 1], 134 + 82 * (j - (SIZES[layer - 1] + 1) / 2)];
  const signed = (value, places = 3) => (Number(value.toFixed(places)) > 0 ? "+" : "") + fixed(value, places);
  const arrowed = (value) => (Math.abs(value) < 5e-5 ? "0" : `${value > 0 ? "▲" : "▼"} ${fixed(Math.abs(value), 3)}`);
  const tone = (value) => (value < 0 ? "s-blue short" : "s-orange");

  const nameOf = ({ kind, layer, j, k }, write) =>
    kind === "wire" ? write("w", layer, `${j}${k}`) : write("z", layer, j);
  const said = ({ kind, layer, j, k }) =>
    kind === "wire"
      ? `weight to neuron ${j} of layer ${layer} from neuron ${k} of layer ${layer - 1}`
      : `weighted input of neuron ${j} of layer ${layer}`;
  const idOf = ({ kind, layer, j, k }) => [kind, layer, j, ...(kind === "wire" ? [k] : [])].join(",");

  /** All that can be nudged, in columns from left to right: wires, then neurons, of each layer. */
  const columnsOfItems = [2, 3, 4].flatMap((layer) => {
    const rows = Array.from({ length: SIZES[layer - 1] }, (_, i) => i + 1);
    const senders = Array.from({ length: SIZES[layer - 2] }, (_, i) => i + 1);
    return [
      rows.flatMap((j) => senders.map((k) => ({ kind: "wire", layer, j, k }))),
      rows.map((j) => ({ kind: "neuron", layer, j })),
    ];
  });

  function handle(item, state) {
    const on = idOf(item) === idOf(state);
    return {
      role: "button",
      tabindex: on ? 0 : -1,
      "aria-pressed": on,
      "aria-label": said(item) + (on ? `, moved by ${fixed(state.size, 2)}` : ""),
      "data-item": idOf(item),
      "data-focus": idOf(item),
    };
  }

  /** The wires that carry the change, as ribbons: one for each path, or one for each wire. */
  function ribbons(state, { routes, reach }) {
    const scale = 44 / (MOST * reach || 1);
    const layers = (nodes) => [...nodes.map((node, at) => [state.layer + at, node]), [COST, 1]];
    if (state.remember === "on") {
      const flows = {};
      for (const { nodes, part } of routes)
        layers(nodes)
          .slice(1)
          .forEach((to, at) => {
            const ends = [layers(nodes)[at], to];
            flows[ends.join()] = { ends, part: (flows[ends.join()]?.part ?? 0) + part };
          });
      return Object.values(flows).map(({ ends, part }) => ({
        ends,
        part,
        shifts: [0, 0],
        width: Math.abs(part) * scale,
      }));
    }
    const total = {};
    const at = {};
    const width = ({ part }) => Math.max(1.2, Math.abs(part) * scale);
    for (const route of routes) for (const node of layers(route.nodes)) total[node] = (total[node] ?? 0) + width(route);
    return routes.flatMap((route) => {
      const shifts = layers(route.nodes).map((node) => {
        at[node] = (at[node] ?? -total[node] / 2) + width(route);
        return at[node] - width(route) / 2;
      });
      const stops = layers(route.nodes);
      return stops
        .slice(1)
        .map((to, i) => ({
          ends: [stops[i], to],
          part: route.part,
          shifts: shifts.slice(i, i + 2),
          width: width(route),
        }));
    });
  }

  function network(state) {
    const all = everything(state);
    const visited = visits(SIZES, state.layer, state.remember === "on");
    const each = (layer) => (layer === state.layer ? 1 : visited[layer - state.layer] / SIZES[layer - 1]);
    const wires = columnsOfItems
      .flat()
      .filter(({ kind }) => kind === "wire")
      .map((wire) => {
        const d = `M${place(wire.layer - 1, wire.k)}L${place(wire.layer, wire.j)}`;
        const on = idOf(wire) === idOf(state);
        const line = element("path", { d, class: on ? "thick s-red" : "wire faint" });
        return element("g", handle(wire, state), element("path", { d, class: "hit" }), line);
      });
    const toCost = [1, 2].map((j) => element("path", { d: `M${place(4, j)}L${place(COST, 1)}`, class: "wire faint" }));
    const flow = ribbons(state, all)
      .filter(({ ends }) => ends[1][0] <= state.stage)
      .map(({ ends, part, shifts, width }) => {
        const [[x0, y0], [x1, y1]] = ends.map((end) => place(...end));
        const d = `M${x0} ${(y0 + shifts[0]).toFixed(1)}L${x1} ${(y1 + shifts[1]).toFixed(1)}`;
        const look = `ribbon ${tone(part)}${ends[1][0] === state.stage && state.playing ? " pulse" : ""}`;
        return element("path", { d, class: look, "stroke-width": +Math.max(1.2, width).toFixed(2) });
      });
    const neurons = SIZES.flatMap((size, i) =>
      Array.from({ length: size }, (_, row) => {
        const [layer, j] = [i + 1, row + 1];
        const [cx, cy] = place(layer, j);
        const item = { kind: "neuron", layer, j };
        const start = layer === state.layer && j === state.j;
        const touched = start || (layer > state.layer && layer <= state.stage);
        const change = all.after.a[i][row] - all.before.a[i][row];
        const below = state.remember === "on" ? signed(all.back.tails[i - 1]?.[row] ?? 0) : arrowed(change);
        const marks = touched
          ? text(cx, cy + 32, below, "halo") + text(cx, cy - 20, `${each(layer)}×`, "halo name")
          : "";
        const look = `neuron${start ? " to" : ""}`;
        const disc = element("circle", { cx, cy, r: 15, class: look }) + text(cx, cy + 5, j);
        return layer === 1 ? disc : element("g", handle(item, state), disc) + marks;
      }),
    );
    const [x, y] = place(COST, 1);
    const square = element("rect", { x: x - 13, y: y - 15, width: 26, height: 30, rx: 4, class: "box" });
    const cost =
      square +
      text(x, y + 5, symbol("C")) +
      (state.stage === COST ? text(320, y + 34, signed(all.actual), "halo bold", "end") : "");
    const [hx, hy] = state.kind === "wire" ? middle(state) : place(state.layer, state.j);
    const hand = text(hx, hy - (state.kind === "wire" ? 10 : 36), `◀ ${signed(state.size, 2)} ▶`, "halo f-red bold");
    const titles = [1, 2, 3, 4].map((layer) => text(COLUMNS[layer - 1], 268, layer === 1 ? "layer 1" : layer, "name"));
    const below = state.remember === "on" ? `tail ${"∂C/∂a"}` : "change of the activation";
    const key = [
      text(4, 290, `below a neuron: its ${below};`, "", "start"),
      text(4, 308, "above: how often it is visited", "", "start"),
    ];
    const content = element(
      "g",
      { class: "roomy" },
      ...wires,
      ...toCost,
      ...flow,
      ...neurons,
      cost,
      hand,
      ...titles,
      ...key,
    );
    const label = `Network with layers of 2, 3, 3 and 2 neurons and its cost. Moved: the ${said(state)}, by ${fixed(state.size, 2)}.`;
    return { width: 324, height: 316, role: "group", label, content };
  }

  const middle = ({ layer, j, k }) => {
    const [[x0, y0], [x1, y1]] = [place(layer - 1, k), place(layer, j)];
    return [x0 + 0.5 * (x1 - x0), y0 + 0.5 * (y1 - y0)];
  };

  /** Each path's contribution starts where the last one ended; their sum is what is predicted. */
  function sums(state) {
    const { routes, predicted, actual } = everything(state);
    const zero = 190;
    let at = 0;
    const lines = routes.map(({ nodes, part }) => {
      const line = { name: `${nodes.join(" → ")} → C`, from: at, to: at + part, part };
      at += part;
      return line;
    });
    lines.push({ name: "sum = predicted", from: 0, to: predicted, part: predicted, strong: true });
    lines.push({ name: "actual Δ", from: 0, to: actual, part: actual, strong: true });
    // A scale of its own for each nudge would hide that the bars grow with the hand.
    const most = (Math.max(...lines.map(({ to }) => Math.abs(to))) * 0.75 * MOST) / (Math.abs(state.size) || 1);
    const clamp = (value) => Math.max(-74, Math.min(74, most ? (72 * value) / most : 0));
    const bars = lines.map(({ name, from, to, part, strong }, row) => {
      const y = 36 + 30 * row + (strong ? 10 : 0);
      const d = `M${(zero + clamp(from)).toFixed(1)} ${y}H${(zero + clamp(to)).toFixed(1)}`;
      const title = name === "actual Δ" ? `actual Δ${symbol("C")}` : strong ? name : name.replace("C", symbol("C"));
      return [
        text(4, y + 5, title, strong ? "bold" : "", "start"),
        element("path", { d, class: `ribbon ${tone(part)}`, "stroke-width": 13 }),
        text(320, y + 5, signed(part, 4), strong ? "bold" : "", "end"),
      ].join("");
    });
    const bottom = 36 + 30 * lines.length;
    const axis = element("path", { class: "axis", d: `M${zero} 22V${bottom + 4}` });
    const legend = text(4, 13, "━ raises the cost", "", "start") + text(178, 13, "╍ lowers it", "", "start");
    const content = element("g", { class: "roomy" }, legend, axis, ...bars);
    const words = routes.map(({ nodes, part }) => `${nodes.join(" to ")}: ${signed(part, 4)}`);
    const label = `Contribution of each path: ${words.join("; ")}. Predicted ${signed(predicted, 4)}, actual ${signed(actual, 4)}.`;
    return { width: 324, height: bottom + 12, label, content };
  }

  const list = (counts) => counts.map((n) => n.toLocaleString("en").replace(",", "\u202f")).join(" + ");

  function report(state) {
    const { slope, predicted, actual, routes } = everything(state);
    const what = nameOf(state, letter);
    const on = state.remember === "on";
    const off =
      actual === 0
        ? ""
        : ` The prediction is off by ${fixed((100 * Math.abs(predicted - actual)) / Math.abs(actual), 0)} %.`;
    const wide = visits(WIDE, 2, on);
    const last = wide.at(-1).toLocaleString("en").replace(",", "\u202f");
    const memory = on
      ? `Each neuron is visited once and remembers its tail. In a network [${WIDE.join(", ")}], one neuron of layer 2 needs ${last} visits to the last layer.`
      : `Every path is walked: ${routes.length} here. In a network [${WIDE.join(", ")}], one neuron of layer 2 needs ${last} visits to the last layer.`;
    const sentence = `${what} moves by <b>${signed(state.size, 2)}</b>. Predicted: ∂<i>C</i>/∂${what} times that = <b>${signed(predicted, 4)}</b>; actual Δ<i>C</i> = <b>${signed(actual, 4)}</b>.${off} ${memory}`;
    const from = state.layer;
    const values = [
      [`∂<i>C</i>/∂${what}`, fixed(slope, 6)],
      ["predicted ΔC", signed(predicted, 6)],
      ["actual ΔC", signed(actual, 6)],
      [`visits here, layers ${from} to 4, walking`, list(visits(SIZES, from, false))],
      [`visits here, layers ${from} to 4, remembering`, list(visits(SIZES, from, true))],
      [`[${WIDE.join(", ")}], layers 2 to 5, walking`, list(visits(WIDE, 2, false))],
      [`[${WIDE.join(", ")}], layers 2 to 5, remembering`, list(visits(WIDE, 2, true))],
    ];
    return { sentence, values };
  }

  // The hand

  const parse = (id) => {
    const [kind, layer, j, k] = id.split(",");
    return { kind, layer: Number(layer), j: Number(j), k: Number(k ?? 1) };
  };
  const round = (size) => Math.max(-MOST, Math.min(MOST, Math.round(20 * size) / 20));

  /** The item a key leads to: left and right between the columns, up and down within one. */
  function beside(item, key) {
    const column = columnsOfItems.findIndex((items) => items.some((one) => idOf(one) === idOf(item)));
    const row = columnsOfItems[column].findIndex((one) => idOf(one) === idOf(item));
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
    const items = columnsOfItems[Math.max(0, Math.min(columnsOfItems.length - 1, column + step))];
    const share =
      items === columnsOfItems[column]
        ? row
        : Math.round((row * (items.length - 1)) / Math.max(1, columnsOfItems[column].length - 1));
    const next = share + ({ ArrowUp: -1, ArrowDown: 1 }[key] ?? 0);
    return items[Math.max(0, Math.min(items.length - 1, next))];
  }

  function mounted({ panels, controls, state, update }) {
    let timer;
    let grip;
    const stop = () => {
      clearInterval(timer);
      state.playing = false;
    };
    const choose = (item) => {
      stop();
      Object.assign(state, { k: 1 }, item, { stage: COST });
      update();
    };
    panels.addEventListener("pointerdown", (event) => {
      const id = event.target.closest("[data-item]")?.dataset.item;
      if (!id) return;
      grip = {
        item: parse(id),
        x: event.clientX,
        y: event.clientY,
        size: idOf(state) === id ? state.size : 0,
        moved: false,
      };
      if (event.pointerType === "mouse") event.preventDefault();
    });
    panels.addEventListener("pointermove", (event) => {
      if (!grip) return;
      const across = event.clientX - grip.x;
      // A finger that moves up or down scrolls the page.
      const way = event.pointerType === "touch" ? across : across - (event.clientY - grip.y);
      if (!grip.moved && Math.abs(way) < 4) return;
      if (!grip.moved) panels.setPointerCapture(event.pointerId);
      grip.moved = true;
      state.size = round(grip.size + way / 50);
      choose(grip.item);
    });
    const drop = () => {
      grip = undefined;
    };
    for (const kind of ["pointerup", "pointercancel"]) panels.addEventListener(kind, drop);
    panels.addEventListener("click", ({ target }) => {
      const id = target.closest("[data-item]")?.dataset.item;
      if (id) choose(parse(id));
    });
    panels.addEventListener("keydown", (event) => {
      if (!event.target.dataset.item) return;
      const more = { "+": 0.1, "=": 0.1, "-": -0.1, "−": -0.1 }[event.key];
      if (more) state.size = round(state.size + more);
      else if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
      choose(more ? parse(idOf(state)) : beside(state, event.key));
      panels.querySelector(`[data-item="${idOf(state)}"]`).focus();
    });
    controls.querySelector("#demon-play").addEventListener("click", () => {
      clearInterval(timer);
      timer = setInterval(() => {
        state.stage += 1;
        if (state.stage >= COST) stop();
        update();
      }, 800);
    });
    for (const id of ["step", "other"]) controls.querySelector(`#demon-${id}`).addEventListener("click", stop);
  }

  live.define("demon", {
    initial: { number: 1, kind: "neuron", layer: 2, j: 1, k: 1, size: 1, remember: "off", stage: COST, playing: false },
    controls: [
      { type: "slider", key: "size", label: "nudge Δ", min: -MOST, max: MOST, step: 0.05 },
      {
        type: "choice",
        key: "remember",
        label: "the demon",
        options: { off: "walks every path", on: "remembers tails" },
      },
      {
        type: "button",
        id: "play",
        label: "▶ Play",
        press: (state) => Object.assign(state, { stage: state.layer, playing: true }),
      },
      {
        type: "button",
        id: "step",
        label: "One layer",
        press: (state) => Object.assign(state, { stage: state.stage === COST ? state.layer : state.stage + 1 }),
      },
      {
        type: "button",
        id: "other",
        label: "Another network",
        press: (state) => Object.assign(state, { number: state.number + 1, stage: COST }),
      },
    ],
    panels: (state) => [network(state), sums(state)],
    report,
    sentenceFirst: true,
    fold: "The numbers, and the visits",
    mounted,
    SIZES,
    WIDE,
    example,
    nudged,
    backward,
    derivative,
    paths,
    visits,
    everything,
    items: columnsOfItems.flat(),
  });
}
