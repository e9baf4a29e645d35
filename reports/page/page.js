"use strict";
// The page works without this script. It adds: what is packed (the inside of stories
// and of the kill matrix), search and filters, and printing one framework alone.
const $ = (selector, under = document) => [...under.querySelectorAll(selector)];
const packs = new Map();

// unpack gives the pieces of one pack: HTML that the report's own templates wrote.
function unpack(id) {
  if (!packs.has(id)) packs.set(id, (async () => {
    const text = atob(document.getElementById(id).textContent.trim().replace(/-/g, "+").replace(/_/g, "/"));
    const bytes = Uint8Array.from(text, c => c.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(plain).text());
  })());
  return packs.get(id);
}

async function fill(box) {
  if (box.dataset.filled) return;
  box.dataset.filled = "1";
  const [pack, at] = box.dataset.pack.split(":");
  try {
    box.innerHTML = (await unpack(pack))[Number(at)];
  } catch {
    box.textContent = "This browser cannot unpack what is stored here. The traces beside the report hold everything.";
  }
  box.setAttribute("aria-busy", "false");
}

const fillAll = under => Promise.all($("details[open] > [data-pack]", under).filter(b => !b.dataset.filled).map(fill));

document.addEventListener("toggle", e => {
  const box = e.target.open && e.target.querySelector(":scope > [data-pack]");
  if (box) fill(box);
}, true);

// reveal opens whatever hides the element that a link leads to, and goes there.
async function reveal(id) {
  const target = document.getElementById(id), inside = target?.closest("details");
  if (!inside) return;
  if (inside.closest("[hidden]")) showAll();
  for (let d = inside; d; d = d.parentElement.closest("details")) d.open = true;
  await fillAll(document);
  inside.scrollIntoView();
  inside.querySelector("summary").focus({preventScroll: true});
}

const revealHash = () => reveal(decodeURIComponent(location.hash.slice(1)));
document.addEventListener("click", e => {
  if (e.target.closest("a[href^='#']") && !e.ctrlKey && !e.metaKey && !e.shiftKey) setTimeout(revealHash);
});
addEventListener("hashchange", revealHash);

// Search and filters. What is searched of a row is what its line shows.
const find = document.getElementById("find"), words = document.getElementById("words-sought");
const verdict = document.getElementById("verdict-sought"), told = document.getElementById("found");
let rows;
function index() {
  rows ??= $("[data-kind]").map(el => ({el, kind: el.dataset.kind, is: el.dataset.is, text: ((el.querySelector("summary") || el).textContent + " " + (el.dataset.more || "")).toLowerCase()}));
  return rows;
}
function filter() {
  const sought = words.value.toLowerCase().split(/\s+/).filter(Boolean), is = verdict.value;
  const counts = new Map(), active = sought.length > 0 || is !== "";
  for (const r of index()) {
    const fits = (is === "" || r.is === is) && sought.every(w => r.text.includes(w));
    if (r.el.hidden === fits) r.el.hidden = !fits;
    if (fits) counts.set(r.kind, (counts.get(r.kind) || 0) + 1);
  }
  for (const g of $("[data-group]")) {
    const some = g.querySelector("[data-kind]:not([hidden])") !== null;
    g.hidden = active && !some;
    if (g.matches("details")) {
      g.dataset.was ??= g.open ? "open" : "shut";
      g.open = active ? some : g.dataset.was === "open";
      if (!active) delete g.dataset.was;
    }
  }
  document.getElementById("clear").disabled = !active;
  const parts = [...counts].map(([kind, n]) => n.toLocaleString("en") + " " + (n === 1 ? kind.replace(/s$/, "") : kind));
  told.textContent = !active ? "" : parts.length ? "Found " + parts.join(", ") : "Nothing found";
}
function showAll() { words.value = verdict.value = ""; filter(); }
let timer;
function soon() { clearTimeout(timer); timer = setTimeout(filter, 120); }

if (find) {
  find.hidden = false;
  find.addEventListener("submit", e => { e.preventDefault(); filter(); });
  words.addEventListener("input", soon);
  verdict.addEventListener("change", filter);
  document.getElementById("clear").addEventListener("click", () => { showAll(); words.focus(); });
  addEventListener("keydown", e => {
    if (e.key === "/" && !e.target.closest("input, select, textarea")) { e.preventDefault(); words.focus(); }
    if (e.key === "Escape" && e.target === words) showAll();
  });
}

// Printing: a framework alone, for a file.
for (const b of $("button[data-print]")) {
  b.hidden = false;
  b.addEventListener("click", () => {
    const only = document.getElementById(b.dataset.print).closest("details");
    document.body.classList.add("printing-one");
    const was = only.open;
    only.open = true;
    only.classList.add("printed");
    addEventListener("afterprint", () => {
      document.body.classList.remove("printing-one");
      only.classList.remove("printed");
      only.open = was;
    }, {once: true});
    print();
  });
}
fillAll(document);
revealHash();
