// The two lanes: forward from top to bottom on the left, beside each operation its backward, which runs upwards.
const slowest = Math.max(...DATA.records.map((r) => r.seconds), 1e-12);

function timeBar(seconds) { return make("span", { class: "bar", style: `width:${(100 * seconds / slowest).toFixed(1)}%`, "aria-hidden": "true" }); }

function forwardChip(index) {
  const record = DATA.records[index];
  const chip = opButton(index);
  const shape = shapeText(DATA.arrays[record.outputs[0]].shape);
  chip.append(`#${index} ${record.called}`, make("small", {}, `→ ${shape} · ${norm(record.outputs[0])}`), timeBar(record.seconds));
  return chip;
}

function norm(id) {
  const { nan, inf, norm: size } = DATA.arrays[id];
  return nan + inf ? t("notFinite", { count: whole(nan + inf) }) : t("norm", { value: number(size, 3) });
}

function flowChip(flow) {
  if (!flow.records.length) return make("div", { class: "chip quiet" }, `∂L/∂${flow.target}: ${flow.formula === "g" ? t("unchanged") : flow.text}`);
  const last = flow.records.at(-1);
  const record = DATA.records[last];
  const numbers = flow.records.length > 1 ? `#${flow.records[0]}–${last}` : `#${last}`;
  const chip = opButton(last, { "data-ops": flow.records.join(" ") });
  const text = flow.formula === "g" && record.part === "fit" ? t("summed") : flow.text;
  const seconds = flow.records.reduce((sum, n) => sum + DATA.records[n].seconds, 0);
  chip.append(`${numbers} ∂L/∂${flow.target}: ${text}`, make("small", {}, `→ ${shapeText(DATA.arrays[record.outputs[0]].shape)} · ${norm(record.outputs[0])}`), timeBar(seconds));
  return chip;
}

function sumChip(sum) {
  const chip = opButton(sum.record);
  chip.classList.add("sum");
  const record = DATA.records[sum.record];
  chip.append(`#${sum.record} += ${sum.terms}`, make("small", {}, `${t("fanOut")} · ${norm(record.outputs[0])}`));
  return chip;
}

function buildLanes() {
  const lanes = [make("div", { class: "lanehead" }, make("span", {}, `${t("forward")} ↓`), make("span", {}, `${t("backward")} ↑`))];
  let group = null;
  for (const pair of DATA.pairs) {
    const record = DATA.records[pair.record];
    const heading = record.layer || record.phase;
    if (heading !== group) lanes.push(groupHead(heading));
    group = heading;
    lanes.push(make("div", { class: "pair" }, make("div", { class: "lane" }, forwardChip(pair.record)),
      make("div", { class: "lane" }, ...pair.sums.map(sumChip), ...pair.flows.map(flowChip))));
  }
  if (DATA.unpaired.length) lanes.push(make("div", { class: "group" }, t("unpaired")), chipRow(DATA.unpaired));
  for (const update of DATA.updates) lanes.push(make("div", { class: "group" }, `${t("phase.update")} · `, make("span", { class: "code" }, updateName(update.path))), chipRow(update.records));
  if (DATA.metrics.length) lanes.push(make("div", { class: "group" }, t("phase.metrics")), chipRow(DATA.metrics.map((m) => m.record)));
  return lanes;
}

function updateName(path) {
  return { "shared by all weights": t("shared"), "the rest": t("rest") }[path] ?? path;
}

function groupHead(heading) {
  const kind = DATA.layers[heading];
  const text = kind === undefined ? t(`phase.${heading}`) : heading;
  return make("div", { class: "group" }, make("span", { class: kind === undefined ? null : "code" }, text), kind ? ` ${kind}` : "");
}

function chipRow(indices) {
  return make("div", { class: "steps" }, ...indices.map((n) => { const chip = opButton(n); chip.append(chipText(n)); return chip; }));
}

// Which operation is open, and which belong to it.
function markLanes() {
  const paired = new Set(partners(state.op));
  for (const chip of document.querySelectorAll("#lanes .chip[data-op]")) {
    const mine = (chip.dataset.ops ?? chip.dataset.op).split(" ").map(Number);
    if (mine.includes(state.op)) chip.setAttribute("aria-current", "true"); else chip.removeAttribute("aria-current");
    chip.classList.toggle("paired", mine.some((n) => paired.has(n)));
  }
}

function revealChip() {
  const lanes = document.getElementById("lanes");
  const chip = lanes.querySelector(".chip[aria-current]");
  if (!chip) return;
  const [box, frame] = [chip.getBoundingClientRect(), lanes.getBoundingClientRect()];
  if (box.top < frame.top + 40) lanes.scrollTop += box.top - frame.top - 40;
  if (box.bottom > frame.bottom) lanes.scrollTop += box.bottom - frame.bottom + 8;
}
