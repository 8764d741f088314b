// Write the first state of each live figure as an SVG file, for print and for readers without
// JavaScript: node scripts/static_figures.js. A test confirms that the files are up to date.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const FOLDER = path.join(__dirname, "..", "book", "assets", "live");
const FIGURES = [
  "draw_a_digit",
  "one_neuron",
  "gradient_descent",
  "backprop_steps",
  "which_weight",
  "bug_hunt",
  "demon",
  "sculpt",
  "staircase",
  "tower",
  "holes",
];
const DATA = ["network_original", "network_scaled", "test_digits"];

/** Load all figures; returns the shared module, whose `figures` then holds them. */
function load() {
  for (const name of ["live", ...DATA, ...FIGURES]) require(path.join(FOLDER, `${name}.js`));
  return globalThis.live;
}

/** The SVG file of a figure, as text: the panels of its first state, side by side. */
function pictureOf(name) {
  const { element, figures } = load();
  const css = fs.readFileSync(path.join(FOLDER, "live.css"), "utf8");
  const style = `<style>${css.slice(0, css.indexOf("/* The panels"))}</style>`;
  const panels = figures[name].panels({ ...figures[name].initial });
  let width = 0;
  const parts = panels.map((panel) => {
    const part = element("svg", { x: width, width: panel.width, height: panel.height }, panel.content);
    width += panel.width;
    return part;
  });
  const height = Math.max(...panels.map((panel) => panel.height));
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const view = { xmlns: "http://www.w3.org/2000/svg", class: "live-svg", ...size };
  return `${element("svg", view, style, ...parts)}\n`;
}

module.exports = { FIGURES, FOLDER, load, pictureOf };

if (require.main === module) {
  for (const name of FIGURES) {
    const file = path.join(FOLDER, `${name}.svg`);
    fs.writeFileSync(`${file}.tmp`, pictureOf(name));
    fs.renameSync(`${file}.tmp`, file);
  }
}
