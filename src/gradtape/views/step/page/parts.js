// Parts of the detail of one operation: heading, source, heat maps, numbers.
const state = { view: "operations", op: 0, cell: null, sort: "loss", lens: 0 };

function chipText(index) { return `#${index} ${DATA.records[index].name}`; }

function opButton(index, extra = {}) {
  return make("button", { type: "button", class: "chip", "data-op": index, onclick: () => go({ view: "operations", op: index, cell: null }), ...extra });
}

function facts(record) {
  const parts = [t(`phase.${record.phase}`)];
  if (record.layer) parts.push(`${record.layer} ${DATA.layers[record.layer] ?? ""}`);
  parts.push(record.flops === null ? "? FLOP" : scaled(record.flops, "FLOP"), scaled(record.bytes, "B"), duration(record.seconds));
  return make("div", { class: "lead" }, ...parts.map((text) => make("span", {}, text)));
}

function source(record) {
  if (!record.line) return null;
  const lines = [record.line, record.user_line].filter((line, n, all) => line && all.findIndex((l) => l?.at === line.at) === n);
  return make("div", { class: "source" }, ...lines.map((line) => make("div", {},
    `${line.at}, ${line.function}`, make("code", {}, line.text || t("noSource")))));
}

function attributes(record) {
  const entries = Object.entries(record.attributes).filter(([, value]) => value !== "None");
  return entries.length ? make("p", { class: "code" }, entries.map(([name, value]) => `${name} = ${value}`).join(", ")) : null;
}

// What goes with an operation: for a forward one its gradients, for a backward one its forward operation.
function partners(index) {
  const record = DATA.records[index];
  if (record.phase === "backward") return record.forward === null ? [] : [record.forward];
  const pair = pairOf(index);
  return pair ? [...pair.sums.map((s) => s.record), ...pair.flows.flatMap((f) => f.records)] : [];
}

function pairOf(index) { return DATA.pairs.find((pair) => pair.record === index); }

// The numbers from which the picked cell of the result came.
function numbersBox(record, found) {
  if (!found) return make("div", { class: "numbers" }, t("pickCell"));
  const children = found.lines.map((line) => make("div", { class: "num" }, line));
  if (found.table) {
    const row = (cells, tag) => make("tr", {}, ...cells.map((cell) => make(tag, {}, String(cell))));
    const label = (cells) => make("tr", {}, make("td", { colspan: found.table.head.length - 1 }, cells[0]), make("td", {}, cells.at(-1)));
    const body = found.table.rows.map((cells) => (cells[1] === "" ? label(cells) : row(cells, "td")));
    children.push(make("table", { class: "num" }, make("thead", {}, row(found.table.head, "th")), make("tbody", {}, ...body)));
  }
  if (found.after) children.push(make("div", { class: "num" }, found.after));
  if (found.result) children.push(make("div", { class: "result num" }, found.result));
  return make("div", { class: "numbers", role: "status" }, ...children);
}

// The detail of an operation: it is built once; picking a cell changes only lights and numbers.
function detail(index) {
  const record = DATA.records[index];
  const box = make("div", {});
  const maps = record.inputs.map((id, n) => new HeatMap(id, { title: inputTitle(record, n) }));
  const result = new HeatMap(record.outputs[0], { title: `${t("output")} #${index}`, pick: (i, j) => go({ cell: [i, j] }, true) });
  const show = () => {
    const cell = state.cell ?? (result.array.shape.length ? null : [0, 0]); // of a single number there is nothing to pick
    const exact = cell && result.array.columns > cell[1] && result.array.rows > cell[0];
    const found = exact ? explain(record, ...cell) : null;
    box.replaceChildren(numbersBox(record, found));
    result.light(exact ? { cells: [cell] } : {});
    maps.forEach((map, n) => map.light(found?.lights?.[n] ?? {}));
  };
  const others = record.outputs.slice(1).map((id, n) => new HeatMap(id, { title: `${t("output")} #${index}[${n + 1}]` }));
  const children = [
    make("h2", { id: "optitle" }, `#${index} `, make("code", {}, record.called)), facts(record),
    make("div", { class: "formula" }, formulaText(record)), attributes(record), pairedLine(index), source(record),
    record.body.length ? make("details", {}, make("summary", {}, t("body", { count: record.body.length })), bodyList(record.body, `#${index}`)) : null,
    make("h3", {}, t("result")), result.element, box, ...others.map((map) => map.element),
    record.inputs.length ? make("h3", {}, t("inputs")) : null, make("div", { class: "figures" }, ...maps.map((map) => map.element)), ...gradientOf(index),
  ];
  return { element: make("div", {}, ...children.filter(Boolean)), show };
}

// The operations that an operation is written with, as a list that unfolds.
function bodyList(body, owner) {
  return make("ol", { class: "code" }, ...body.map((inner) => make("li", {}, `${owner}.${inner.index} ${inner.called}: ${inner.formula}`, inner.body.length ? bodyList(inner.body, `${owner}.${inner.index}`) : "")));
}

function inputTitle(record, n) {
  const made = record.made_by[n];
  return made === null || record.labels[n] === `#${made}` ? record.labels[n] : `${record.labels[n]} (#${made})`;
}

function formulaText(record) {
  if (record.phase !== "backward" || record.forward === null) return record.formula;
  const forward = DATA.records[record.forward];
  const part = record.part === "sum" ? t("isSum") : record.part === "fit" ? t("isFit") : "";
  return `∂L/∂${record.argument}, ${forward.name} #${record.forward}: ${record.formula}${part ? ` · ${part}` : ""}`;
}

function pairedLine(index) {
  const found = partners(index);
  if (!found.length) return null;
  const key = DATA.records[index].phase === "backward" ? "itsForward" : "itsBackward";
  return make("div", { class: "steps" }, make("span", {}, t(key)), ...found.map((n) => { const b = opButton(n); b.append(chipText(n)); return b; }));
}

// For a forward operation: the gradient of its result, which arrives from below.
function gradientOf(index) {
  const pair = pairOf(index);
  if (!pair?.reached || pair.gradient === null) return [];
  const map = new HeatMap(DATA.records[pair.gradient].outputs[0], { title: `∂L/∂#${index}`, note: `#${pair.gradient}` });
  return [make("h3", {}, t("arriving")), map.element];
}
