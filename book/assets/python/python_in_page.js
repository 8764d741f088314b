// Run and edit the cells of a page, in the page. Nothing is loaded before the first Run.
//
// The page brings its cells as data (python_in_page.py). Python runs in a worker (worker.js),
// which gets its files from scripts that hold their bytes, so that all works from a disk too.
"use strict";

(() => {
  const page = JSON.parse(document.getElementById("python-in-page")?.textContent ?? "null");
  if (!page || typeof WebAssembly !== "object" || typeof DecompressionStream !== "function") return;

  const base = new URL(".", document.currentScript.src);
  const memory = `python-in-page:${page.page}`;
  const NAMES = { start: "Python and NumPy", matplotlib: "matplotlib", digits: "the digits" };

  // What a cell needs besides Python and NumPy shows in its text.
  function needs(text) {
    const parts = ["start", "package"];
    if (page.parts.files) parts.push("files");
    if (/\bmatplotlib\b|\bnndl\.figures\b|\bmpl_toolkits\b/.test(text)) parts.push("matplotlib");
    if (/\bload_mnist\b|\bMnist\b/.test(text)) parts.push("digits");
    return parts;
  }

  const megabytes = (bytes) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

  function make(tag, properties = {}, ...children) {
    const { className, ...rest } = properties;
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const [name, value] of Object.entries(rest)) {
      if (name in element && !name.startsWith("aria")) element[name] = value;
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  const button = (text, act, properties = {}) =>
    make("button", { type: "button", className: "python-button", ...properties, onclick: act }, text);

  // ---------------------------------------------------------------- Python, and what it has loaded

  const scripts = new Map(); // part -> promise of its files

  function fetchPart(part) {
    if (!scripts.has(part)) {
      const loading = new Promise((resolve, reject) => {
        const name = page.parts[part].name ?? part;
        const source = new URL(page.parts[part].address, base).href;
        const script = make("script", { src: source });
        script.onload = () => resolve(self.pythonParts[name]);
        script.onerror = () => reject(new Error(`${name}.js could not be loaded`));
        document.head.append(script);
      });
      loading.catch(() => scripts.delete(part));
      scripts.set(part, loading);
    }
    return scripts.get(part);
  }

  class Stopped extends Error {}

  class Python {
    constructor(worker) {
      this.worker = worker;
      this.asked = new Map();
      this.parts = new Set();
      this.count = 0;
      this.listen = () => {};
      worker.onmessage = ({ data }) => {
        if (data.send) return this.listen(data.send, data.value);
        const { resolve, reject } = this.asked.get(data.done);
        this.asked.delete(data.done);
        if (data.failed) reject(new Error(data.failed));
        else resolve(data.ok);
      };
      worker.onerror = (event) => this.end(new Error(event.message || "Python came to an end"));
    }

    ask(message) {
      const id = this.count++;
      return new Promise((resolve, reject) => {
        this.asked.set(id, { resolve, reject });
        this.worker.postMessage({ id, ...message });
      });
    }

    end(reason) {
      this.worker.terminate();
      for (const { reject } of this.asked.values()) reject(reason);
      this.asked.clear();
      if (python === this) python = null;
    }
  }

  let python = null;

  async function wake(text) {
    const turn = generation;
    const wanted = needs(text);
    const missing = wanted.filter((part) => !python?.parts.has(part));
    if (!missing.length) return python;
    const heavy = missing.filter((part) => NAMES[part]);
    const size = missing.reduce((sum, part) => sum + (scripts.has(part) ? 0 : page.parts[part].size), 0);
    const names = heavy.map((part) => NAMES[part]).join(", ");
    if (heavy.length) tell(size ? `Loading ${names}: ${megabytes(size)}, once.` : `Starting ${names} again.`);
    const files = await Promise.all(missing.map(fetchPart));
    if (turn !== generation) throw new Stopped();
    let rest = files;
    if (!python) {
      const [start, code] = files;
      rest = files.slice(2);
      const source = new Blob([code["worker.js"]], { type: "text/javascript" });
      python = new Python(new Worker(URL.createObjectURL(source)));
      progress("Python is starting");
      const folder = `/${page.page.split("/").slice(0, -1).join("/")}`;
      await python.ask({ start: { ...start, "package.tar": code["package.tar"] }, folder });
    }
    for (const part of rest) await python.ask({ add: part });
    for (const part of missing) python.parts.add(part);
    document.documentElement.classList.add("python-loaded");
    label();
    return python;
  }

  // ---------------------------------------------------------------- cells

  const cells = page.cells.map((data) => ({ ...data, text: data.source, ran: null }));
  const places = cells.filter((cell) => {
    cell.box = document.querySelector(`.python-cell-${cell.place}`);
    cell.input = cell.box?.querySelector(".cell_input");
    return cell.input;
  });
  if (!places.length) return;

  const changed = (cell) => cell.text !== cell.source;

  function equip(cell, number) {
    cell.number = number;
    cell.title = `cell ${number}`;
    cell.run = button("Run", () => (running === cell ? stop() : run(cell)), { "aria-label": `Run ${cell.title}` });
    cell.edit = button("Edit", () => openEditor(cell, true), { "aria-label": `Edit ${cell.title}` });
    cell.reset = button("Reset", () => reset(cell), { "aria-label": `Reset ${cell.title}`, hidden: true });
    cell.load = make("span", { className: "python-load" });
    cell.tools = make("div", { className: "python-tools", role: "group", "aria-label": `Python, ${cell.title}` });
    cell.tools.append(cell.run, cell.edit, cell.reset, cell.load);
    cell.input.after(cell.tools);
  }

  function openEditor(cell, focus) {
    if (!cell.editor) {
      cell.editor = make("textarea", { className: "python-editor", spellcheck: false, wrap: "off" });
      cell.editor.setAttribute("aria-label", `Code of ${cell.title}; Ctrl and Enter run it, Escape leaves it`);
      for (const name of ["autocapitalize", "autocomplete", "autocorrect"]) cell.editor.setAttribute(name, "off");
      cell.editor.addEventListener("input", () => change(cell, cell.editor.value));
      cell.editor.addEventListener("keydown", (event) => press(cell, event));
      cell.input.after(cell.editor);
    }
    cell.editor.value = cell.text;
    fit(cell);
    cell.input.hidden = true;
    cell.editor.hidden = false;
    cell.edit.hidden = true;
    if (focus) cell.editor.focus();
  }

  function fit(cell) {
    cell.editor.rows = Math.max(2, cell.editor.value.split("\n").length);
  }

  function closeEditor(cell) {
    if (!cell.editor) return;
    cell.editor.hidden = true;
    cell.input.hidden = false;
    cell.edit.hidden = false;
  }

  function change(cell, text) {
    cell.text = text;
    cell.reset.hidden = !changed(cell);
    if (cell.editor) fit(cell);
    remember();
  }

  function press(cell, event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run(cell);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (changed(cell)) return cell.run.focus();
      closeEditor(cell);
      cell.edit.focus();
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      // The next line begins where this one does, and further in after a colon.
      const before = cell.editor.value.slice(0, cell.editor.selectionStart).split("\n").pop();
      const indent = before.match(/^ */)[0] + (before.trimEnd().endsWith(":") ? "    " : "");
      if (indent && document.execCommand("insertText", false, `\n${indent}`)) event.preventDefault();
    }
  }

  function reset(cell) {
    change(cell, cell.source);
    closeEditor(cell);
    cell.edit.focus();
  }

  function resetAll() {
    stop();
    for (const cell of places) {
      cell.text = cell.source;
      cell.reset.hidden = true;
      closeEditor(cell);
      cell.yours?.remove();
      cell.yours = null;
      cell.box.classList.remove("python-ran");
    }
    remember();
    tell("All cells are as the book has them, and Python starts afresh.");
  }

  // Changes survive a reload, as long as the book's own cell is the same.
  function remember() {
    try {
      const kept = places.filter(changed).map((cell) => [cell.place, cell.source, cell.text]);
      if (kept.length) localStorage.setItem(memory, JSON.stringify(kept));
      else localStorage.removeItem(memory);
    } catch {
      // A browser that keeps nothing: changes last as long as the page.
    }
  }

  function recall() {
    let kept = [];
    try {
      kept = JSON.parse(localStorage.getItem(memory)) ?? [];
    } catch {
      return;
    }
    for (const [place, source, text] of kept) {
      const cell = places.find((other) => other.place === place && other.source === source);
      if (!cell) continue;
      change(cell, text);
      openEditor(cell, false);
    }
  }

  // ---------------------------------------------------------------- outputs

  class Output {
    constructor(cell) {
      this.cell = cell;
      this.text = "";
      this.box = make("div", {
        className: "python-yours",
        role: "group",
        "aria-label": `Your output of ${cell.title ?? "a cell"}`,
      });
      this.head = make("p", { className: "python-head" }, "yours");
      this.box.append(this.head);
      cell.yours?.remove();
      cell.yours = this.box;
      cell.box?.append(this.box);
    }

    take(kind, value) {
      if (kind === "text") this.write(value);
      else if (kind === "error") this.write(value, "python-error-text");
      else if (kind === "progress") progress(value);
      else if (kind === "html") this.writeHtml(value);
      else if (kind === "image") this.draw(value);
      else if (kind === "last line") this.fail(value);
      else if (kind === "traceback") this.box.lastChild.append(traceback(value));
    }

    write(value, style = "") {
      if (!style) this.text += value;
      let last = this.box.lastChild;
      if (last.tagName !== "PRE" || last.className !== style) {
        last = make("pre", { className: style });
        this.box.append(last);
      }
      last.append(value);
    }

    writeHtml(value) {
      this.text += `${value.trimEnd()}\n`;
      const place = make("div", { className: "text_html python-html" });
      place.innerHTML = value;
      this.box.append(place);
    }

    draw(bytes) {
      const image = make("img", { alt: `Your figure of ${this.cell.title ?? "a cell"}` });
      image.onload = () => {
        image.width = image.naturalWidth / 2;
        URL.revokeObjectURL(image.src);
      };
      image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
      this.box.append(image);
    }

    fail(line) {
      this.error = line;
      this.box.append(make("div", { className: "python-error" }, make("p", {}, line)));
    }

    // Say how it went, beside the output and in a sentence.
    close(before) {
      const { cell } = this;
      const own = changed(cell) || before;
      const same = this.text.trimEnd() === cell.stored.trimEnd();
      let verdict = "";
      if (this.error) verdict = "stopped by an error";
      else if (own) verdict = changed(cell) ? "with your change" : "after your changes above";
      else if (cell.stored.trim())
        verdict = same ? "the same text as stored, to the digit" : "not the text that is stored";
      else if (this.box.querySelector("img")) verdict = "your figure";
      this.verdict = verdict;
      this.equal = !this.error && same;
      this.head.textContent = verdict ? `yours: ${verdict}` : "yours";
      this.box.dataset.verdict = this.error ? "error" : own ? "own" : same ? "same" : "other";
      if (this.box.children.length === 1 && this.box.dataset.verdict === "same") {
        this.head.textContent = "yours: it ran, and shows nothing";
      }
      cell.box?.classList.add("python-ran");
      for (const part of this.box.querySelectorAll("pre, .python-html")) {
        if (part.scrollHeight > part.clientHeight || part.scrollWidth > part.clientWidth) part.tabIndex = 0;
      }
    }
  }

  function traceback(text) {
    return make("details", {}, make("summary", {}, "How it came about"), make("pre", {}, text));
  }

  // ---------------------------------------------------------------- running

  let running = null; // the cell that the reader asked for
  let generation = 0; // goes up with each Stop
  let chain = Promise.resolve();

  function run(cell) {
    openBar();
    const turn = generation;
    chain = chain.then(() => (turn === generation ? runWithAbove(cell) : null)).catch(() => {});
    return chain;
  }

  const runAll = () => run(places.at(-1), true);

  async function runWithAbove(target) {
    const above = cells.slice(0, cells.indexOf(target));
    const due = [...above.filter((cell) => cell.ran !== cell.text), target];
    const turn = generation;
    running = target;
    target.run.textContent = "Stop";
    target.run.setAttribute("aria-label", `Stop ${target.title}`);
    document.documentElement.classList.add("python-busy");
    bar.stop.hidden = false;
    const began = performance.now();
    let done = 0;
    try {
      await wake(due.map((cell) => cell.text).join("\n"));
      tell(due.length > 1 ? `Running ${due.length} cells.` : `Running ${target.title}.`);
      for (const cell of due) {
        progress(`${++done} of ${due.length}`);
        await execute(cell, turn);
      }
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      tell(`${summary(due)} ${seconds} s.`);
    } catch (error) {
      if (turn !== generation) return;
      if (!error.cell) python?.end(error);
      if (!error.cell) for (const cell of cells) cell.ran = null;
      tell(
        error.cell
          ? `${error.cell.title ?? "A cell"} stopped: ${error.message}`
          : `This did not work: ${error.message}`,
      );
    } finally {
      if (turn === generation) rest();
    }
  }

  async function execute(cell, turn) {
    const text = cell.text;
    const output = new Output(cell);
    const edited = cells.slice(0, cells.indexOf(cell)).some(changed);
    cell.box?.classList.add("python-running");
    python.listen = (kind, value) => output.take(kind, value);
    try {
      const ok = await python.ask({ run: text, name: `<${cell.title ?? `hidden cell ${cell.place}`}>` });
      if (ok) cell.ran = text;
    } finally {
      cell.box?.classList.remove("python-running");
      if (turn === generation) output.close(edited);
    }
    cell.verdict = output;
    if (output.error) throw Object.assign(new Error(output.error), { cell });
  }

  function summary(due) {
    const last = due.at(-1);
    if (due.length === 1) return `${last.title} ran${last.verdict.verdict ? `, ${last.verdict.verdict}` : ""}.`;
    const compared = due.filter(
      (cell) => cell.box && cell.stored.trim() && !cell.verdict.box.matches("[data-verdict=own]"),
    );
    const same = compared.filter((cell) => cell.verdict.equal).length;
    return `${due.length} cells ran; ${same} of the ${compared.length} that have a stored text print the same.`;
  }

  function rest() {
    if (running) {
      running.run.textContent = "Run";
      running.run.setAttribute("aria-label", `Run ${running.title}`);
    }
    running = null;
    bar.stop.hidden = true;
    progress("");
    document.documentElement.classList.remove("python-busy");
  }

  function stop() {
    const was = running;
    generation++;
    python?.end(new Stopped());
    python = null;
    for (const cell of cells) {
      cell.ran = null;
      cell.box?.classList.remove("python-running");
    }
    rest();
    if (was) tell("Stopped. The next Run starts Python afresh, with the cells above.");
  }

  // ---------------------------------------------------------------- the bar, and what the buttons say

  const bar = { status: make("p", { className: "python-status", role: "status" }) };
  bar.progress = make("span", { className: "python-progress", "aria-hidden": "true" });
  bar.stop = button("Stop", stop, { hidden: true });
  bar.box = make(
    "aside",
    { className: "python-bar", hidden: true, "aria-label": "Python in this page" },
    bar.status,
    bar.progress,
    make("div", { className: "python-buttons" }, bar.stop, button("Run all", runAll), button("Reset all", resetAll)),
  );

  function openBar() {
    bar.box.hidden = false;
    document.documentElement.classList.add("python-open");
  }

  function tell(sentence) {
    bar.status.textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  }

  function progress(text) {
    bar.progress.textContent = text;
  }

  // Each Run says what it would load, and Run all too.
  const all = { load: make("span", { className: "python-load" }) };

  function label() {
    let above = "";
    for (const cell of [...cells, { ...all, text: "" }]) {
      above += `\n${cell.text}`;
      if (!cell.load) continue;
      const parts = needs(above).filter((part) => !python?.parts.has(part) && !scripts.has(part));
      const size = parts.reduce((sum, part) => sum + page.parts[part].size, 0);
      const names = parts.map((part) => NAMES[part]).filter(Boolean);
      cell.load.textContent = names.length ? `loads ${names.join(", ")}: ${megabytes(size)}, once` : "";
    }
  }

  function introduce() {
    const notebook = `${page.page}.ipynb`;
    const other = make(
      "details",
      {},
      make("summary", {}, "Open in JupyterLab"),
      make(
        "p",
        {},
        "In a copy of this book's repository, ",
        make("code", {}, "make lab"),
        " opens all pages as notebooks, this one as ",
        make("code", {}, notebook),
        ". Python then runs on your machine itself, six to ten times as fast as in a page.",
      ),
    );
    const words =
      "The code of this page runs in your browser, without a network, and your output appears below the stored one. A cell runs those above it first.";
    const box = make(
      "div",
      { className: "python-intro", role: "group", "aria-label": "Run this page" },
      make("p", {}, words),
      make("div", { className: "python-buttons" }, button("Run all", runAll), button("Reset all", resetAll), all.load),
      other,
    );
    places[0].box.before(box);
  }

  places.forEach((cell, i) => {
    equip(cell, i + 1);
  });
  introduce();
  document.body.append(bar.box);
  recall();
  label();
})();
