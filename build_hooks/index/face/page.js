"use strict";
(() => {
  const form = document.getElementById("filters");
  const platform = document.getElementById("platform");
  const text = document.getElementById("text");
  const rows = [...document.querySelectorAll("tbody tr")];
  if (rows.length < 2) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());

  const filter = () => {
    const word = text.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const here = !platform.value || row.dataset.platforms.split(" ").includes(platform.value);
      row.hidden = !(here && row.dataset.text.toLowerCase().includes(word));
      count += !row.hidden;
    }
    for (const section of document.querySelectorAll("section"))
      section.hidden = !section.querySelector("tbody tr:not([hidden])");
    document.getElementById("shown").textContent = `${count} of ${rows.length} files`;
    document.getElementById("none").hidden = count > 0;
  };
  platform.addEventListener("change", filter);
  text.addEventListener("input", filter);
  filter();
})();
