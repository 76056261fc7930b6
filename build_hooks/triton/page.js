"use strict";
// Everything from the data is written with textContent: none of it can become markup.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const rows = [...document.querySelectorAll("tr[data-row]")];
const dialog = byId("detail");
let current = null;

const buttonOf = (row) => rows[row].querySelector("button");
const rowOf = (button) => Number(button.closest("tr").dataset.row);
const visible = () => rows.filter((tr) => !tr.hidden).map((tr) => Number(tr.dataset.row));

// One row can be reached with Tab; the arrow keys move from there.
let reachable = null;
function reach(button) {
  if (reachable) reachable.tabIndex = -1;
  reachable = button;
  if (button) button.tabIndex = 0;
}
for (const tr of rows) buttonOf(Number(tr.dataset.row)).tabIndex = -1;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function facts(pairs) {
  const list = element("dl");
  for (const [name, value] of pairs) {
    if (value) list.append(element("dt", name), element("dd", value));
  }
  return list;
}

function said(title, stop) {
  if (!stop) return [];
  const pre = element("pre", stop.message, "message");
  pre.tabIndex = 0;
  return [element("h3", `${title}: ${stop.feature}`), pre];
}

function describe(one) {
  const compiled = one.configurations
    ? `${one.configurations} recorded${one.borrowed ? `, of release ${one.borrowed}` : ""}`
    : "none recorded";
  return [
    element("span", one.verdict, `badge ${one.verdict}`),
    facts([
      ["file", `${one.path}, line ${one.line}`], ["configurations", compiled],
      ["before", one.said[0]], ["after", one.said[1]],
    ]),
    ...said("After, it stops at", one.after.stop),
    ...said("After, a launch stops at", one.after.launch),
    ...said("Before, it stopped at", one.before.stop),
    ...said("Before, a launch stopped at", one.before.launch),
  ];
}

const nameOf = (row) => `${data[row].path}::${data[row].name}`;
const address = (row) => `#${encodeURIComponent(nameOf(row))}`;

// A permalink may lead to a function that the filters hide.
function neighbour(by) {
  return by > 0 ? visible().find((row) => row > current) : visible().findLast((row) => row < current);
}

function show(row) {
  current = row;
  byId("title").textContent = data[row].name;
  byId("content").replaceChildren(...describe(data[row]));
  byId("link").href = address(row);
  byId("previous").disabled = neighbour(-1) === undefined;
  byId("next").disabled = neighbour(1) === undefined;
  if (!dialog.open) {
    rows[row].scrollIntoView({ block: "nearest" });
    dialog.showModal();
    byId("title").focus({ preventScroll: true });
  }
  dialog.scrollTop = 0;
}

// What cannot be decoded was not written by this page, and names nothing.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function follow() {
  const name = decoded(location.hash.slice(1));
  const row = data.findIndex((_, each) => nameOf(each) === name);
  if (row >= 0) show(row);
  else if (dialog.open) dialog.close();
}

function go(row) {
  if (row === undefined) return;
  if (location.hash === address(row)) follow();
  else location.hash = address(row);
}

dialog.addEventListener("close", () => {
  // Without a jump to the top, which an empty fragment would be.
  history.replaceState(null, "", location.pathname + location.search);
  if (rows[current].hidden) return;
  reach(buttonOf(current));
  reachable.focus();
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("keydown", (event) => {
  if (event.target.closest("pre") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowLeft") go(neighbour(-1));
  if (event.key === "ArrowRight") go(neighbour(1));
});
byId("close").addEventListener("click", () => dialog.close());
byId("previous").addEventListener("click", () => go(neighbour(-1)));
byId("next").addEventListener("click", () => go(neighbour(1)));

const table = document.querySelector(".functions");
table.addEventListener("click", (event) => {
  const tr = event.target.closest("tr[data-row]");
  if (tr && !String(getSelection())) go(Number(tr.dataset.row));
});
table.addEventListener("keydown", (event) => {
  const button = event.target.closest("th button");
  if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
  const left = visible();
  const at = left.indexOf(rowOf(button));
  const page = 20;
  const to = {
    ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: left.length - 1,
    PageUp: Math.max(0, at - page), PageDown: Math.min(left.length - 1, at + page),
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (left[to] === undefined) return;
  reach(buttonOf(left[to]));
  reachable.focus();
});

const chips = [...document.querySelectorAll(".chip")];
const texts = data.map((one, row) => [
  nameOf(row), ...one.said, ...one.features,
  ...[one.before, one.after].flatMap((each) => [each.stop?.message ?? "", each.launch?.message ?? ""]),
].join("\n").toLowerCase());
function filter() {
  const wanted = chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.dataset.verdict);
  const feature = byId("feature").value;
  const text = byId("text").value.trim().toLowerCase();
  data.forEach((one, row) => {
    const held = !wanted.length || wanted.includes(one.verdict);
    const missing = !feature || one.features.includes(feature);
    rows[row].hidden = !(held && missing && texts[row].includes(text));
  });
  const left = visible();
  byId("shown").textContent = `${left.length} of ${rows.length} functions`;
  byId("none").hidden = left.length > 0;
  if (!reachable || reachable.closest("tr").hidden) reach(left.length ? buttonOf(left[0]) : null);
}
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.ariaPressed = chip.ariaPressed === "true" ? "false" : "true";
    filter();
  });
}
byId("filters").addEventListener("input", filter);
byId("filters").addEventListener("submit", (event) => event.preventDefault());

filter();
window.addEventListener("hashchange", follow);
follow();
