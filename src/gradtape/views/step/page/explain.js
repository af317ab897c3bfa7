// Explain: how one number of an operation's result came out of its inputs, with the step's own numbers.
// Each function returns {lines, lights}: text to show, and for each input what lights up.
const TERMS = 6;

// Which row or column of an operand of a product makes element (i, j): the part that runs along the sum.
const OPERANDS = [
  { plain: { light: (i) => ({ rows: [i] }), at: (A, i, k) => at(A, i, k), length: (A) => A.columns, name: (x, i) => `${x}[${i},k]` },
    turned: { light: (i) => ({ columns: [i] }), at: (A, i, k) => at(A, k, i), length: (A) => A.rows, name: (x, i) => `${x}[k,${i}]` } },
  { plain: { light: (j) => ({ columns: [j] }), at: (B, j, k) => at(B, k, j), name: (x, j) => `${x}[k,${j}]` },
    turned: { light: (j) => ({ rows: [j] }), at: (B, j, k) => at(B, j, k), name: (x, j) => `${x}[${j},k]` } },
];

function explain(record, i, j) {
  const inputs = record.inputs.map(arrayOf);
  const output = arrayOf(record.outputs[0]);
  const { kind, symbol, tree } = operationOf(record);
  const find = BY_SYMBOL[symbol] ?? BY_KIND[kind] ?? (kind === "elementwise" && tree ? computed : null);
  const found = find && (find === computed || inputs.every((a) => a.shape.length <= 2)) ? find(record, inputs, output, i, j) : null;
  return found ?? samePlace(record, inputs, output, i, j);
}

function cellName(output, i, j) { return output.shape.length ? `y[${indexOf(output, i, j).join(",")}]` : "y"; }

function recorded(output, i, j) {
  const value = at(output, i, j);
  return value === undefined ? t("outputNotSent") : t("recorded", { value: number(value, 7) });
}

// A product of two matrices, each of them turned round or not.
function product(record, inputs, output, i, j) {
  const { tree } = operationOf(record);
  if (tree?.[0] !== "@" || inputs.some((a) => a.shape.length !== 2)) return null;
  const places = [i, j];
  const [first, second] = OPERANDS.map((ways, n) => ways[Array.isArray(tree[n + 1]) ? "turned" : "plain"]);
  const names = [first, second].map((way, n) => way.name([tree[n + 1]].flat().at(-1), places[n]));
  const lights = { 0: first.light(i), 1: second.light(j) };
  const start = `y[${i},${j}] = Σₖ ${names[0]} · ${names[1]}`;
  const [A, B] = inputs;
  if (A.level !== "exact" || B.level !== "exact") return { lines: [start, t("termsNotSent")], lights };
  const terms = Array.from({ length: first.length(A) }, (_, k) => [k, first.at(A, i, k), second.at(B, j, k)]);
  return { lines: [start], table: sumTable(terms, names), lights, ...biased(record, output, i, j, total(terms)) };
}

function total(terms) { return terms.reduce((sum, [, a, b]) => sum + a * b, 0); }

// The largest terms of a sum of products, and what the others add up to.
function sumTable(terms, names) {
  const largest = [...terms].sort((p, q) => Math.abs(q[1] * q[2]) - Math.abs(p[1] * p[2])).slice(0, TERMS);
  const zeros = terms.filter(([, a, b]) => a * b === 0).length;
  const rest = terms.length - largest.length;
  const rows = largest.map(([k, a, b]) => [k, number(a), number(b), number(a * b)]);
  if (rest) rows.push([t("others", { count: whole(rest), zeros: whole(Math.min(zeros, rest)) }), "", "", number(total(terms) - total(largest))]);
  rows.push(["Σ", "", "", number(total(terms), 7)]);
  return { head: ["k", ...names, t("product")], rows };
}

// A product to which the next operation adds a bias: the whole of y = Σ x·w + b.
function biased(record, output, i, j, sum) {
  const next = DATA.records.findIndex((r) => operationOf(r).symbol === "x1 + x2" && r.phase === record.phase && r.made_by[0] === record.index && r.made_by[1] === null);
  const result = recorded(output, i, j);
  if (record.phase === "backward" || next < 0) return { result };
  const bias = arrayOf(DATA.records[next].inputs[1]);
  const value = bias.shape.length === 1 ? at(bias, 0, j) : undefined;
  if (value === undefined) return { result };
  return { result, after: t("thenBias", { op: `#${next}`, sum: number(sum), bias: `${DATA.records[next].labels[1]}[${j}]`, value: number(value), whole: number(sum + value, 7) }) };
}

function places(inputs, output, i, j) {
  const index = indexOf(output, i, j);
  return inputs.map((a) => broadcast(a, output.shape, index));
}

function cellLights(found) {
  return Object.fromEntries(found.map((place, n) => [n, place ? { cells: [place] } : {}]));
}

// An elementwise operation with a formula: the formula, with the numbers at the same place of each input.
function computed(record, inputs, output, i, j) {
  const { tree, arguments: names } = operationOf(record);
  const found = places(inputs, output, i, j);
  if (found.some((place) => !place)) return null;
  const numbers = Object.fromEntries(Object.entries(record.attributes).map(([name, text]) => [name, Number(text)]));
  inputs.forEach((array, n) => { numbers[names[n]] = at(array, ...found[n]); });
  const lights = cellLights(found);
  if (names.some((name) => numbers[name] === undefined)) return { lines: [t("termsNotSent")], lights, result: recorded(output, i, j) };
  const value = valueOf(tree, numbers);
  if (value === undefined || Object.values(numbers).some(Number.isNaN)) return null;
  return { lines: [`${cellName(output, i, j)} = ${withNumbers(tree, numbers)} = ${number(value, 7)}`], lights, result: recorded(output, i, j) };
}

// Sums over the rows: a bias gets one gradient for the whole batch.
function columnSum(record, [A], output, i, j) {
  if (A.shape.length !== 2 || A.columns !== output.columns || output.rows !== 1 || (record.attributes.axis ?? "0") !== "0") return null;
  const lights = { 0: { columns: [j] } };
  if (A.level !== "exact") return { lines: [t("termsNotSent")], lights };
  const [name] = operationOf(record).arguments;
  const column = Array.from({ length: A.rows }, (_, k) => [k, at(A, k, j), 1]);
  return { lines: [`${cellName(output, i, j)} = Σₖ ${name}[k,${j}]`, t("overBatch", { count: whole(A.rows) })], table: sumTable(column, [`${name}[k,${j}]`, ""]), lights, result: recorded(output, i, j) };
}

function sum(record, inputs, output, i, j) {
  const [A] = inputs;
  if (output.shape.length) return columnSum(record, inputs, output, i, j);
  if (A.level !== "exact") return null;
  return { lines: [`y = Σₖ x[k] = ${number(added(A), 7)}`], lights: wholeLight(A), result: recorded(output, i, j) };
}

function mean(record, [A], output, i, j) {
  if (output.shape.length || A.level !== "exact") return null;
  const count = A.values.length;
  return { lines: [`y = 1/n · Σₖ x[k] = ${number(added(A))} / ${count} = ${number(added(A) / count, 7)}`], lights: wholeLight(A), result: recorded(output, i, j) };
}

function added(A) { return A.values.reduce((a, b) => a + b, 0); }

function wholeLight(A) { return { 0: { rows: A.rows === 1 ? [0] : [] } }; }

function softmax(record, [X], output, i, j) {
  if (X.level !== "exact" || !["-1", String(X.shape.length - 1)].includes(record.attributes.axis)) return null;
  const row = Array.from({ length: X.columns }, (_, k) => at(X, i, k));
  const top = Math.max(...row);
  const sum = row.reduce((a, x) => a + Math.exp(x - top), 0);
  return { lines: [`${cellName(output, i, j)} = exp(x[${i},${j}]) / Σₖ exp(x[${i},k])`, `= exp(${number(at(X, i, j))} − ${number(top)}) / ${number(sum)} = ${number(Math.exp(at(X, i, j) - top) / sum, 7)}`, t("largestOff")], lights: { 0: { rows: [i] } }, result: recorded(output, i, j) };
}

function crossentropy(record, [logits, labels, shares], output, i, j) {
  if (output.shape.length !== 1 || logits.level !== "exact") return null;
  const label = at(labels, 0, j);
  const share = at(shares, j, label);
  return { lines: [`y[${j}] = −log(p[${j}, ${label}]) = −log(${number(share)}) = ${number(-Math.log(share), 7)}`, t("labelOf", { sample: j, label })], lights: { 0: { rows: [j] }, 1: { cells: [[0, j]] }, 2: { cells: [[j, label]] } }, result: recorded(output, i, j) };
}

function softmaxMinusOneHot(record, inputs, output, i, j) {
  const [g, labels, shares] = inputs;
  if (output.shape.length !== 2 || labels.shape.length !== 1 || shares.level !== "exact") return null;
  const [arrived, label, share] = [at(g, 0, i), at(labels, 0, i), at(shares, i, j)];
  const one = label === j ? 1 : 0;
  return { lines: [`${cellName(output, i, j)} = g[${i}] · (p[${i},${j}] − ${one})`, `= ${number(arrived)} · (${number(share)} − ${one}) = ${number(arrived * (share - one), 7)}`, t("labelOf", { sample: i, label })], lights: { 0: { cells: [[0, i]] }, 1: { cells: [[0, i]] }, 2: { cells: [[i, j]] }, 3: { rows: [i] } }, result: recorded(output, i, j) };
}

function assigned(record, [before, value], output, i, j) {
  const place = broadcast(value, output.shape, indexOf(output, i, j)) ?? [i, j];
  const [old, given] = [at(before, i, j), at(value, ...place)];
  const lights = { 0: { cells: [[i, j]] }, 1: { cells: [place] } };
  if (old === undefined || given === undefined) return { lines: [t("termsNotSent")], lights };
  const sign = { assign_add: "+", assign_sub: "−" }[record.name]; // what an assignment does is its name
  const text = sign ? `${number(old)} ${sign} ${number(given)} = ${number(sign === "+" ? old + given : old - given, 7)}` : number(given, 7);
  return { lines: [`${record.variable}: ${number(old)} → ${text}`], lights, result: recorded(output, i, j) };
}

const BY_KIND = { product, assign: assigned };
const BY_SYMBOL = {
  "sum(x)": sum, "sum(x) / n": mean, "exp(x) / sum(exp(x))": softmax, "-log(softmax(logits)[label])": crossentropy,
  "g * (softmax(logits) - one_hot(label))": softmaxMinusOneHot,
};

// Any other operation: the formula in words, and the numbers of the inputs at the same place.
function samePlace(record, inputs, output, i, j) {
  const found = places(inputs, output, i, j);
  const parts = inputs.map((a, n) => [record.labels[n], found[n] && at(a, ...found[n])]);
  const known = parts.filter(([, value]) => typeof value === "number");
  const lines = [t("inWords", { cell: cellName(output, i, j), formula: record.formula })];
  if (known.length) lines.push(`${t("samePlace")} ${known.map(([label, value]) => `${label} = ${number(value, 7)}`).join(", ")}`);
  return { lines, lights: cellLights(found), result: recorded(output, i, j) };
}
