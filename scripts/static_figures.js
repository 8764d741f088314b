// Write the first state of each live figure as an SVG file, for print and for readers without
// JavaScript: node scripts/static_figures.js. A test confirms that the files are up to date.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const FOLDER = path.join(__dirname, "..", "book", "assets", "live");
const FIGURES = ["draw_a_digit", "one_neuron", "gradient_descent", "backprop_steps", "which_weight"];
const DATA = ["network_original", "network_scaled", "test_digits"];

/** Load all figures; returns the shared module, whose `figures` then holds them. */
function load() {
  for (const name of ["live", ...DATA, ...FIGURES]) require(path.join(FOLDER, `${name}.js`));
  return globalThis.live;
}

/** The SVG file of a figure, as text. */
function pictureOf(name) {
  const css = fs.readFileSync(path.join(FOLDER, "live.css"), "utf8");
  const drawing = css.slice(0, css.indexOf("/* The panels"));
  return load().staticPicture(globalThis.live.figures[name], drawing);
}

module.exports = { FIGURES, FOLDER, load, pictureOf };

if (require.main === module) {
  for (const name of FIGURES) {
    const file = path.join(FOLDER, `${name}.svg`);
    fs.writeFileSync(`${file}.tmp`, pictureOf(name));
    fs.renameSync(`${file}.tmp`, file);
  }
}
