// Main: the state, which is in the URL's hash, and what keys and buttons do to it.
const VIEWS = ["operations", "weights", "samples"];
const built = {}; // which views stand, for which state
let open = null; // the detail that stands

function readHash() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  const op = Number(wanted.get("op"));
  const cell = (wanted.get("cell") ?? "").split(",").map(Number);
  return {
    view: VIEWS.includes(wanted.get("view")) ? wanted.get("view") : "operations",
    op: wanted.has("op") && Number.isInteger(op) && op >= 0 && op < DATA.records.length ? op : 0,
    cell: cell.length === 2 && cell.every((n) => Number.isInteger(n) && n >= 0) ? cell : null,
    sort: wanted.get("sort") === "place" ? "place" : "loss",
    lens: LENSES.includes(Number(wanted.get("lens"))) ? Number(wanted.get("lens")) : 0,
    theme: ["light", "dark"].includes(wanted.get("theme")) ? wanted.get("theme") : null,
    lang: wanted.get("lang"),
  };
}

// Browsers take few changes of the address in a second: a key that is held down writes only its last.
let writing = 0;
function writeHash() {
  clearTimeout(writing);
  writing = setTimeout(writeHashNow, 120);
}

function writeHashNow() {
  const hash = new URLSearchParams({ view: state.view, op: state.op });
  if (state.cell) hash.set("cell", state.cell.join(","));
  if (state.sort !== "loss") hash.set("sort", state.sort);
  if (state.lens) hash.set("lens", state.lens);
  hash.set("theme", document.documentElement.dataset.theme);
  hash.set("lang", language);
  const text = "#" + hash.toString().replaceAll("%2C", ",");
  if (text !== location.hash) history.replaceState(null, "", text);
}

// Change the state; `quiet` keeps the detail that stands and changes only lights and numbers.
function go(changes, quiet = false) {
  Object.assign(state, changes);
  render(quiet);
  writeHash();
}

function render(quiet = false) {
  for (const view of VIEWS) {
    document.getElementById(`view-${view}`).hidden = view !== state.view;
    document.getElementById(`tab-${view}`).setAttribute("aria-selected", String(view === state.view));
    document.getElementById(`tab-${view}`).tabIndex = view === state.view ? 0 : -1;
  }
  if (state.view === "operations") renderOperation(quiet);
  else renderOther(state.view);
}

function renderOperation(quiet) {
  if (!quiet || !open) {
    maps.clear();
    open = detail(state.op);
    document.getElementById("detail").replaceChildren(open.element);
    built.weights = built.samples = null;
    redrawAll(true);
    markLanes();
    revealChip();
  }
  open.show();
}

function renderOther(view) {
  const key = `${language} ${state.sort} ${state.lens}`;
  if (built[view] !== key) {
    built[view] = key;
    document.getElementById(`view-${view}`).replaceChildren(...(view === "weights" ? buildWeights() : buildSamples()));
  }
  redrawAll(true);
}

// Everything that has words in it, once more.
function speak() {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  const other = document.getElementById("language");
  [other.textContent, other.lang] = language === "en" ? ["中文", "zh-Hans"] : ["English", "en"];
  const { step } = DATA;
  document.title = t("title", { step: step.number, run: step.run });
  document.getElementById("headline").textContent = t("headline", { step: whole(step.number) });
  const parts = [t("epochBatch", { epoch: step.epoch + 1, batch: step.batch + 1 })];
  if (step.samples !== null) parts.push(t("samplesCount", { count: whole(step.samples) }));
  if (step.loss !== null) parts.push(t("lossOf", { value: number(step.loss, 7) }));
  parts.push(step.optimizer, step.run);
  document.getElementById("facts").textContent = parts.join(" · ");
  const verdict = document.getElementById("verdict");
  const kind = step.verdict.same ? "same" : step.verdict.difference ? "differs" : "unknown";
  verdict.className = `verdict ${kind}`;
  const sign = { same: "✓", differs: "✗", unknown: "?" }[kind];
  verdict.replaceChildren(make("b", {}, `${sign} ${t(`verdict.${kind}`)}`), ...verdictText(step.verdict));
  document.getElementById("tabs").replaceChildren(...VIEWS.map(tab));
  document.getElementById("lanes").replaceChildren(...buildLanes());
  document.getElementById("helptext").replaceChildren(...helpText());
  open = null;
  built.weights = built.samples = null;
  render();
}

function verdictText(verdict) {
  const said = [];
  const { difference, compiled } = verdict;
  if (difference) {
    const values = { what: difference.what, step: whole(difference.step), recorded: number(difference.recorded, 9), replayed: number(difference.replayed, 9), size: number(difference.size, 3) };
    said.push(t("verdict.difference", values) + (difference.record === null ? "" : t("verdict.at", { op: chipText(difference.record) })));
  } else said.push(t("verdict.compared", { losses: whole(verdict.losses), states: whole(verdict.states) }));
  said.push(t("verdict.way", { steps: whole(verdict.steps), start: whole(verdict.start) }));
  if (compiled) said.push(compiled[0] ? t("verdict.compiled", { size: number(compiled[0], 2), what: compiled[1] }) : t("verdict.compiledSame"));
  return [said.join(" "), verdict.notes.length ? make("span", { lang: "en" }, ` ${verdict.notes.join("; ")}`) : null].filter(Boolean);
}

function tab(view) {
  return make("button", { type: "button", role: "tab", id: `tab-${view}`, "aria-controls": `view-${view}`, onclick: () => go({ view }) }, t(`view.${view}`));
}

function helpText() {
  const keys = ["[ ]", "B", "1 2 3", "T", "L", "?", "← ↑ → ↓", "Enter"];
  return [make("p", {}, t("intro")), make("p", {}, t("colours")), make("dl", {}, ...keys.flatMap((key, n) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, t(`key.${n}`))]))];
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  memory.set("theme", theme);
  redrawAll();
  writeHash();
}

function setLanguage(wanted) {
  language = wanted;
  memory.set("language", wanted);
  speak();
  writeHash();
}

function toggleHelp() {
  const [text, button] = [document.getElementById("helptext"), document.getElementById("help")];
  text.hidden = !text.hidden;
  button.setAttribute("aria-expanded", String(!text.hidden));
}

const KEYS = {
  "[": () => go({ view: "operations", op: Math.max(0, state.op - 1), cell: null }),
  "]": () => go({ view: "operations", op: Math.min(DATA.records.length - 1, state.op + 1), cell: null }),
  b: () => { const found = partners(state.op); if (found.length) go({ view: "operations", op: found.at(-1), cell: null }); },
  t: () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
  l: () => setLanguage(language === "en" ? "zh-Hans" : "en"),
  "?": toggleHelp,
  1: () => go({ view: "operations" }), 2: () => go({ view: "weights" }), 3: () => go({ view: "samples" }),
};

function start() {
  const wanted = readHash();
  const dark = window.matchMedia?.("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = wanted.theme ?? memory.get("theme") ?? (dark ? "dark" : "light");
  language = startLanguage(wanted.lang);
  for (const name of ["view", "op", "cell", "sort", "lens"]) state[name] = wanted[name];
  document.getElementById("theme").addEventListener("click", KEYS.t);
  document.getElementById("language").addEventListener("click", KEYS.l);
  document.getElementById("help").addEventListener("click", toggleHelp);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("select, input")) return;
    const act = KEYS[event.key.toLowerCase()];
    if (act) { act(); event.preventDefault(); }
  });
  window.addEventListener("hashchange", () => { const { view, op, cell, sort, lens } = readHash(); Object.assign(state, { view, op, cell, sort, lens }); render(); });
  window.addEventListener("resize", () => { redrawAll(true); });
  speak();
  writeHash();
}

start();
