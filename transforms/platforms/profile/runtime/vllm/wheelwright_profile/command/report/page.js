"use strict";
// Everything from the data is written with textContent: none of it can become markup.
const data = JSON.parse(document.getElementById("data").textContent);
const time = data.columns;
const figures = [...document.querySelectorAll("figure.plot")];
const timed = figures.filter((figure) => figure.querySelector("svg.time"));

function shown(value) {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}

function seconds(column) {
  const from = time.start + column * time.width;
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(time.width)));
  return `${from.toFixed(decimals)} to ${(from + time.width).toFixed(decimals)} s`;
}

function said(plot, column) {
  const parts = [];
  for (const series of plot.series) {
    const value = series.values[column];
    if (value === null) continue;
    const text = Array.isArray(value)
      ? `median ${shown(value[1])} (${shown(value[0])} to ${shown(value[2])})`
      : shown(value);
    parts.push(`${series.name} ${text} ${plot.unit}`);
  }
  return `${seconds(column)}: ${parts.join(", ") || "nothing"}`;
}

// One cursor for all plots over time: they show the same moment.
let current = null;
function point(column) {
  current = column;
  for (const figure of timed) {
    const cursor = figure.querySelector(".cursor");
    const x = `${(((column ?? 0) + 0.5) / time.count) * 100}%`;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.setAttribute("visibility", column === null ? "hidden" : "visible");
    const plot = data.plots[figure.dataset.plot];
    figure.querySelector(".readout").textContent = column === null ? "" : said(plot, column);
  }
}

for (const figure of timed) {
  const svg = figure.querySelector("svg.time");
  const follow = (event) => {
    const box = svg.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * time.count);
    point(Math.min(Math.max(column, 0), time.count - 1));
  };
  svg.addEventListener("pointermove", follow);
  svg.addEventListener("pointerdown", follow);
  svg.addEventListener("keydown", (event) => {
    const here = current ?? -1;
    const plot = data.plots[figure.dataset.plot];
    const filled = [...Array(time.count).keys()].filter((column) =>
      plot.series.some((series) => series.values[column] !== null),
    );
    const place = {
      ArrowLeft: filled.filter((column) => column < here).at(-1) ?? filled[0],
      ArrowRight: filled.find((column) => column > here) ?? filled.at(-1),
      Home: filled[0],
      End: filled.at(-1),
      Escape: null,
    }[event.key];
    if (place === undefined) return;
    event.preventDefault();
    point(place);
  });
  // Only the plot in use speaks: the others show the same moment.
  svg.addEventListener("focus", () => figure.querySelector(".readout").setAttribute("aria-live", "polite"));
  svg.addEventListener("blur", () => figure.querySelector(".readout").setAttribute("aria-live", "off"));
}

const heat = document.querySelector("svg.heat");
if (heat) {
  const map = data.plots.experts;
  const cell = heat.querySelector(".cell");
  const readout = heat.closest("figure").querySelector(".readout");
  const rows = map.counts.length;
  const width = Math.max(...map.counts.map((counts) => counts.length));
  let here = null;

  const choose = (x, y) => {
    here = [Math.min(Math.max(x, 0), width - 1), Math.min(Math.max(y, 0), rows - 1)];
    cell.setAttribute("x", here[0]);
    cell.setAttribute("y", here[1]);
    cell.setAttribute("visibility", "visible");
    const counts = map.counts[here[1]];
    const count = counts[here[0]];
    const total = counts.reduce((sum, one) => sum + one, 0);
    const first = here[0] * map.pool;
    const expert = map.pool > 1 ? `experts ${first} to ${first + map.pool - 1}` : `expert ${first}`;
    const load = count === undefined
      ? "not in this layer"
      : `${shown(count)} activations, ${shown(total ? (100 * count) / total : 0)} % of the layer, ` +
        `${shown(total ? (count * counts.length) / total : 0)} times an even load`;
    readout.textContent = `layer ${map.layers[here[1]]}, ${expert}: ${load} (${map.names[here[1]]})`;
  };
  const follow = (event) => {
    const box = heat.getBoundingClientRect();
    choose(
      Math.floor(((event.clientX - box.left) / box.width) * width),
      Math.floor(((event.clientY - box.top) / box.height) * rows),
    );
  };
  heat.addEventListener("pointermove", follow);
  heat.addEventListener("pointerdown", follow);
  heat.addEventListener("keydown", (event) => {
    const [x, y] = here ?? [-1, 0];
    const moves = {
      ArrowLeft: [x - 1, y], ArrowRight: [x + 1, y], ArrowUp: [x, y - 1], ArrowDown: [x, y + 1],
      Home: [0, y], End: [width - 1, y],
    };
    if (event.key === "Escape") {
      here = null;
      cell.setAttribute("visibility", "hidden");
      readout.textContent = "";
    } else if (moves[event.key]) {
      event.preventDefault();
      choose(...moves[event.key]);
    }
  });
  readout.setAttribute("aria-live", "polite");
}
