"use strict";
// Everything from the data is written with textContent: none of it can become markup.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const rows = [...document.querySelectorAll("tr[data-row]")];
const dialog = byId("detail");
let current = null;

const outcomeOf = (row, column) => data.cells[data.grid[row][column]];
const buttonOf = (row, column) => rows[row].cells[column + 1].firstElementChild;

for (const tr of rows) {
  const row = Number(tr.dataset.row);
  data.columns.forEach((name, column) => {
    const button = buttonOf(row, column);
    const label = `${data.patches[row].name} on ${name}: ${outcomeOf(row, column).outcome}`;
    button.setAttribute("aria-label", label);
    button.title = label;
    button.tabIndex = -1;
    button.dataset.column = column;
  });
}

function place(button) {
  return [Number(button.closest("tr").dataset.row), Number(button.dataset.column)];
}

// One cell can be reached with Tab; the arrow keys move from there.
let reachable = null;
function reach(button) {
  if (reachable) reachable.tabIndex = -1;
  reachable = button;
  if (button) button.tabIndex = 0;
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function lineClass(line, inHunk) {
  if (line.startsWith("@@")) return "hunk";
  if (line.startsWith("diff --git") || (!inHunk && /^(---|\+\+\+|new file)/.test(line))) return "file";
  return { "+": "add", "-": "del" }[line[0]] ?? "";
}

function diffOf(number) {
  const pre = element("pre", undefined, "diff");
  pre.tabIndex = 0;
  const lines = data.diffs[number].map((piece) => data.pieces[piece]).join("").replace(/\n$/, "").split("\n");
  let inHunk = false;
  for (const line of lines) {
    if (line.startsWith("diff --git")) inHunk = false;
    pre.append(element("span", line, lineClass(line, inHunk)));
    if (line.startsWith("@@")) inHunk = true;
  }
  return pre;
}

function facts(pairs) {
  const list = element("dl");
  for (const [name, value] of pairs) {
    if (value) list.append(element("dt", name), element("dd", value));
  }
  return list;
}

function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

function describe(patch, cell) {
  const parts = [element("span", cell.outcome, `badge ${cell.outcome}`)];
  const sites = cell.outcome === "applied" && `${plural(cell.sites, "site")} in ${plural(cell.files, "file")}`;
  parts.push(facts([
    ["changes", sites], ["kind of error", cell.error], ["why", patch.why], ["drop it when", patch.drop_when],
    ["releases", patch.versions], ["upstream", patch.upstream], ["stopped to hold on", patch.stopped],
  ]));
  if (cell.message.length) {
    const pre = element("pre", cell.message.join("\n"), "message");
    pre.tabIndex = 0;
    parts.push(element("h3", "What is wrong"), pre);
  }
  if (cell.change) {
    parts.push(element("h3", `What upstream changed since ${cell.change.base}, where it was applied`));
    for (const note of cell.change.notes) parts.push(element("p", note));
    if (cell.change.diff !== null) parts.push(diffOf(cell.change.diff));
    else if (!cell.change.notes.length) parts.push(element("p", "Nothing in a scope that the failing edits name."));
  }
  if (cell.diff !== null) parts.push(element("h3", "What the patch changes"), diffOf(cell.diff));
  return parts;
}

function address(row, column) {
  return `#${data.patches[row].name}@${encodeURIComponent(data.columns[column])}`;
}

function show(row, column) {
  const patch = data.patches[row];
  current = [row, column];
  byId("title").textContent = `${patch.name} on ${data.columns[column]}`;
  byId("content").replaceChildren(...describe(patch, outcomeOf(row, column)));
  byId("link").href = address(row, column);
  byId("older").disabled = column === 0;
  byId("newer").disabled = column === data.columns.length - 1;
  if (!dialog.open) {
    const button = buttonOf(row, column);
    reach(button);
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: "nearest", inline: "center" });
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
  const [name, artifact] = decoded(location.hash.slice(1)).split("@");
  const row = data.patches.findIndex((patch) => patch.name === name);
  const column = data.columns.indexOf(artifact);
  if (row >= 0 && column >= 0) show(row, column);
  else if (dialog.open) dialog.close();
}

function go(row, column) {
  if (location.hash === address(row, column)) follow();
  else location.hash = address(row, column);
}

function step(by) {
  const [row, column] = current;
  if (column + by >= 0 && column + by < data.columns.length) go(row, column + by);
}

dialog.addEventListener("close", () => {
  // Without a jump to the top, which an empty fragment would be.
  history.replaceState(null, "", location.pathname + location.search);
  const button = buttonOf(...current);
  reach(button);
  button.focus();
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("keydown", (event) => {
  if (event.target.closest("pre") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowLeft") step(-1);
  if (event.key === "ArrowRight") step(1);
});
byId("close").addEventListener("click", () => dialog.close());
byId("older").addEventListener("click", () => step(-1));
byId("newer").addEventListener("click", () => step(1));

const table = document.querySelector("table");
table.addEventListener("click", (event) => {
  const button = event.target.closest("td button");
  if (button) go(...place(button));
});
table.addEventListener("keydown", (event) => {
  const button = event.target.closest("td button");
  if (!button) return;
  const visible = rows.filter((tr) => !tr.hidden);
  let [row, column] = [visible.indexOf(button.closest("tr")), Number(button.dataset.column)];
  const last = data.columns.length - 1;
  const moves = {
    ArrowLeft: () => { column -= 1; }, ArrowRight: () => { column += 1; },
    ArrowUp: () => { row -= 1; }, ArrowDown: () => { row += 1; },
    Home: () => { column = 0; }, End: () => { column = last; },
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
  if (!visible[row] || column < 0 || column > last) return;
  const next = buttonOf(Number(visible[row].dataset.row), column);
  reach(next);
  next.focus();
});

const chips = [...document.querySelectorAll(".chip")];
function filter() {
  const wanted = chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.dataset.outcome);
  const platform = byId("platform").value;
  const text = byId("text").value.trim().toLowerCase();
  for (const tr of rows) {
    const row = Number(tr.dataset.row);
    const patch = data.patches[row];
    const outcomes = data.columns.map((_, column) => outcomeOf(row, column).outcome);
    const named = `${patch.name}\n${patch.why}`.toLowerCase().includes(text);
    const held = !wanted.length || outcomes.some((outcome) => wanted.includes(outcome));
    tr.hidden = !(named && held && (!platform || patch.platform === platform));
    outcomes.forEach((outcome, column) => {
      tr.cells[column + 1].classList.toggle("faded", Boolean(wanted.length) && !wanted.includes(outcome));
    });
  }
  for (const body of table.tBodies) {
    body.hidden = ![...body.rows].some((tr) => tr.dataset.row && !tr.hidden);
  }
  const left = rows.filter((tr) => !tr.hidden);
  byId("shown").textContent = `${left.length} of ${plural(rows.length, "patch").replace(/patchs$/, "patches")}`;
  byId("none").hidden = left.length > 0;
  if (!reachable || reachable.closest("tr").hidden) {
    reach(left.length && data.columns.length ? buttonOf(Number(left[0].dataset.row), data.columns.length - 1) : null);
  }
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
