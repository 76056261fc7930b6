"use strict";
// Without this script everything is there: it opens, closes and finds.
const patches = [...document.querySelectorAll(".patch")];
const text = document.getElementById("text");
const all = document.getElementById("all");
const shown = document.getElementById("shown");
const words = patches.map((patch) =>
  [...patch.querySelectorAll("h2, h3, dd")].map((node) => node.textContent).join("\n").toLowerCase());

function filter() {
  const wanted = text.value.trim().toLowerCase();
  let count = 0;
  patches.forEach((patch, at) => {
    patch.hidden = !words[at].includes(wanted);
    count += !patch.hidden;
  });
  shown.textContent = `${count} of ${patches.length} patches`;
}

function openAll() {
  const open = all.getAttribute("aria-pressed") !== "true";
  all.setAttribute("aria-pressed", String(open));
  all.textContent = open ? "Close all" : "Open all";
  for (const patch of patches) patch.open = open;
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  const at = patches.filter((patch) => !patch.hidden);
  const here = at.findIndex((patch) => patch.firstElementChild === document.activeElement);
  if (step === undefined || here < 0) return;
  event.preventDefault();
  const next = at[Math.max(0, Math.min(at.length - 1, here + step))];
  next.firstElementChild.focus();
}

text.addEventListener("input", filter);
all.addEventListener("click", openAll);
addEventListener("hashchange", openNamed);
document.querySelector("main").addEventListener("keydown", move);
document.getElementById("filters").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("filters").hidden = false;
filter();
openNamed();
