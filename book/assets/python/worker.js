// Python, in a worker of the page. It gets all files from the page and asks no network.
//
// From the page: {start: files, folder}, {add: files}, {run: source, name}, each with an id.
// To the page: {send: kind, value} while a cell runs, and {done: id, ok} or {done: id, failed}.
"use strict";

const BASE = "https://python.invalid/"; // Pyodide asks for its files by addresses: these are invented
const TYPES = { wasm: "application/wasm", zip: "application/zip" };
const served = new Map();
let python, runner, sitePackages;

// Pyodide takes a worker with importScripts for one that cannot import modules. This one can,
// and from a disk a worker has to be of this kind.
self.importScripts = undefined;

self.fetch = async (address) => {
  const name = String(address.url ?? address).replace(BASE, "");
  if (!served.has(name)) throw new TypeError(`${name}: Python in the page has no network`);
  return new Response(served.get(name), { headers: { "Content-Type": TYPES[name.split(".").pop()] } });
};

async function unpack(packed) {
  const text = atob(packed);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function load(bytes) {
  return import(URL.createObjectURL(new Blob([bytes], { type: "text/javascript" })));
}

async function add(files) {
  for (const [name, packed] of Object.entries(files)) {
    const folder = name === "files.tar" ? "/" : sitePackages;
    if (name.endsWith(".tar")) python.unpackArchive(await unpack(packed), "tar", { extractDir: folder });
  }
}

async function start(files, folder) {
  const names = ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"];
  const contents = await Promise.all(names.map((name) => unpack(files[name])));
  names.forEach((name, i) => {
    served.set(name, contents[i]);
  });
  const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([load(contents[0]), load(contents[1])]);
  const info = { abi_version: "2026_0", arch: "wasm32", platform: "emscripten_5_0_3", python: "3.14.0" };
  const lock = JSON.stringify({ info, packages: {} });
  python = await loadPyodide({ indexURL: BASE, createPyodideModule, lockFileContents: lock });
  served.clear();
  sitePackages = python.runPython("import site; site.getsitepackages()[0]");
  await add(files);
  python.registerJsModule("page", { send });
  python.runPython("import importlib; importlib.invalidate_caches()");
  runner = python.pyimport("runner");
  runner.start(folder);
}

function send(kind, value) {
  if (typeof value === "string") return self.postMessage({ send: kind, value });
  const bytes = value.toJs();
  value.destroy();
  self.postMessage({ send: kind, value: bytes }, [bytes.buffer]);
}

async function answer({ id, ...asked }) {
  try {
    let ok = true;
    if (asked.start) await start(asked.start, asked.folder);
    else if (asked.add) {
      await add(asked.add);
      python.runPython("import importlib; importlib.invalidate_caches()");
    } else ok = runner.run(asked.run, asked.name);
    self.postMessage({ done: id, ok });
  } catch (error) {
    self.postMessage({ done: id, failed: String(error?.message ?? error) });
  }
}

let work = Promise.resolve();
self.onmessage = ({ data }) => {
  work = work.then(() => answer(data));
};
