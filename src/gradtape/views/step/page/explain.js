// Explain: how one number of an operation's result came out of its inputs, with the step's own numbers.
// Each function returns {lines, lights}: text to show, and for each input what lights up.
const TERMS = 6;

const BINARY = {
  add: [(a, b) => a + b, "+"], subtract: [(a, b) => a - b, "−"], multiply: [(a, b) => a * b, "·"], divide: [(a, b) => a / b, "÷"],
  maximum: [Math.max, "max"], minimum: [Math.min, "min"], power: [(a, b) => a ** b, "^"], multiply_no_nan: [(a, b) => a * b, "·"],
  divide_no_nan: [(a, b) => a / b, "÷"],
};
const UNARY = {
  relu: (x) => Math.max(x, 0), negative: (x) => -x, square: (x) => x * x, sqrt: Math.sqrt, rsqrt: (x) => 1 / Math.sqrt(x), exp: Math.exp,
  log: Math.log, tanh: Math.tanh, sigmoid: (x) => 1 / (1 + Math.exp(-x)), absolute: Math.abs, reciprocal: (x) => 1 / x,
};
// Which row or column of each input makes element (i, j): the part that runs along the sum.
const PRODUCT = {
  matmul: { first: (i) => ({ rows: [i] }), second: (j) => ({ columns: [j] }), a: (A, i, k) => at(A, i, k), b: (B, k, j) => at(B, k, j), length: (A) => A.columns, names: ["x1[{i},k]", "x2[k,{j}]"] },
  matmul_transpose_a: { first: (i) => ({ columns: [i] }), second: (j) => ({ columns: [j] }), a: (A, i, k) => at(A, k, i), b: (B, k, j) => at(B, k, j), length: (A) => A.rows, names: ["x[k,{i}]", "g[k,{j}]"] },
  matmul_transpose_b: { first: (i) => ({ rows: [i] }), second: (j) => ({ rows: [j] }), a: (A, i, k) => at(A, i, k), b: (B, k, j) => at(B, j, k), length: (A) => A.columns, names: ["g[{i},k]", "w[{j},k]"] },
};

function explain(record, i, j) {
  const inputs = record.inputs.map(arrayOf);
  const output = arrayOf(record.output);
  const find = PRODUCT[record.name] ? product : SPECIAL[record.name] ?? (BINARY[record.name] ? binary : UNARY[record.name] ? unary : null);
  const found = find && inputs.every((a) => a.shape.length <= 2 || find === binary || find === unary) ? find(record, inputs, output, i, j) : null;
  return found ?? elementwise(record, inputs, output, i, j);
}

function cellName(output, i, j) { return output.shape.length ? `y[${indexOf(output, i, j).join(",")}]` : "y"; }

function recorded(output, i, j) {
  const value = at(output, i, j);
  return value === undefined ? t("outputNotSent") : t("recorded", { value: number(value, 7) });
}

function product(record, [A, B], output, i, j) {
  const kind = PRODUCT[record.name];
  if (A.shape.length !== 2 || B.shape.length !== 2) return null;
  const names = kind.names.map((name) => name.replace("{i}", i).replace("{j}", j));
  const lights = { 0: kind.first(i), 1: kind.second(j) };
  const start = `y[${i},${j}] = Σₖ ${names[0]} · ${names[1]}`;
  if (A.level !== "exact" || B.level !== "exact") return { lines: [start, t("termsNotSent")], lights };
  const terms = Array.from({ length: kind.length(A) }, (_, k) => [k, kind.a(A, i, k), kind.b(B, k, j)]);
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
  const next = DATA.records.findIndex((r) => r.name === "add" && r.phase === record.phase && r.made_by[0] === record.index && r.made_by[1] === null);
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

function binary(record, inputs, output, i, j) {
  const found = places(inputs, output, i, j);
  if (found.some((place) => !place)) return null;
  const [a, b] = inputs.map((array, n) => at(array, ...found[n]));
  const [compute, sign] = BINARY[record.name];
  const lights = cellLights(found);
  if (a === undefined || b === undefined) return { lines: [t("termsNotSent")], lights, result: recorded(output, i, j) };
  const text = sign.length === 1 ? `${number(a)} ${sign} ${number(b)}` : `${sign}(${number(a)}, ${number(b)})`;
  return { lines: [`${cellName(output, i, j)} = ${text} = ${number(compute(a, b), 7)}`], lights, result: recorded(output, i, j) };
}

function unary(record, inputs, output, i, j) {
  const [place] = places([inputs[0]], output, i, j);
  const value = place && at(inputs[0], ...place);
  if (value === undefined || value === null) return null;
  return { lines: [`${cellName(output, i, j)} = ${record.name}(${number(value, 7)}) = ${number(UNARY[record.name](value), 7)}`], lights: { 0: { cells: [place] } }, result: recorded(output, i, j) };
}

// Sums over the rows: a bias gets one gradient for the whole batch.
function columnSum(record, [A], output, i, j) {
  if (A.shape.length !== 2 || A.columns !== output.columns || output.rows !== 1) return null;
  const lights = { 0: { columns: [j] } };
  if (A.level !== "exact") return { lines: [t("termsNotSent")], lights };
  const column = Array.from({ length: A.rows }, (_, k) => [k, at(A, k, j), 1]);
  return { lines: [`${cellName(output, i, j)} = Σₖ g[k,${j}]`, t("overBatch", { count: whole(A.rows) })], table: sumTable(column, [`g[k,${j}]`, ""]), lights, result: recorded(output, i, j) };
}

function reduction(record, [A], output, i, j) {
  if (output.shape.length || A.level !== "exact") return null;
  const sum = A.values.reduce((a, b) => a + b, 0);
  const isMean = record.name === "mean";
  const lines = [`y = ${isMean ? "1/n · " : ""}Σₖ x[k] = ${number(sum)}${isMean ? ` / ${A.values.length} = ${number(sum / A.values.length, 7)}` : ""}`];
  return { lines, lights: { 0: { rows: A.rows === 1 ? [0] : [] } }, result: recorded(output, i, j) };
}

function spread(record, inputs, output, i, j) {
  const share = Number(record.attributes.share);
  const place = inputs[0].shape.length ? places(inputs, output, i, j)[0] ?? [0, inputs[0].columns === output.columns ? j : 0] : [0, 0];
  const g = at(inputs[0], ...place);
  if (g === undefined || Number.isNaN(share)) return null;
  return { lines: [`${cellName(output, i, j)} = g · 1/n = ${number(g)} · ${number(share)} = ${number(g * share, 7)}`], lights: { 0: { cells: [place] } }, result: recorded(output, i, j) };
}

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

function gate(record, [g, x], output, i, j) {
  const [arrived, kept] = [at(g, i, j), at(x, i, j)];
  if (arrived === undefined || kept === undefined) return null;
  const text = kept > 0 ? `${number(kept)} > 0: g = ${number(arrived, 7)}` : `${number(kept)} ≤ 0: 0`;
  return { lines: [`${cellName(output, i, j)}: ${text}`], lights: { 0: { cells: [[i, j]] }, 1: { cells: [[i, j]] } }, result: recorded(output, i, j) };
}

function assigned(record, [before, value], output, i, j) {
  const place = broadcast(value, output.shape, indexOf(output, i, j)) ?? [i, j];
  const [old, given] = [at(before, i, j), at(value, ...place)];
  const lights = { 0: { cells: [[i, j]] }, 1: { cells: [place] } };
  if (old === undefined || given === undefined) return { lines: [t("termsNotSent")], lights };
  const sign = { assign_add: "+", assign_sub: "−" }[record.name];
  const text = sign ? `${number(old)} ${sign} ${number(given)} = ${number(sign === "+" ? old + given : old - given, 7)}` : number(given, 7);
  return { lines: [`${record.variable}: ${number(old)} → ${text}`], lights, result: recorded(output, i, j) };
}

const SPECIAL = {
  sum_of_rows: columnSum, sum_to_shape: columnSum, mean: reduction, sum: reduction, spread, softmax, softmax_crossentropy: crossentropy,
  softmax_minus_one_hot: softmaxMinusOneHot, relu_gate: gate, assign: assigned, assign_add: assigned, assign_sub: assigned,
};

// Any other operation: the formula in words, and the numbers of the inputs at the same place.
function elementwise(record, inputs, output, i, j) {
  const found = places(inputs, output, i, j);
  const parts = inputs.map((a, n) => [record.labels[n], found[n] && at(a, ...found[n])]);
  const known = parts.filter(([, value]) => typeof value === "number");
  const lines = [t("inWords", { cell: cellName(output, i, j), formula: record.formula })];
  if (known.length) lines.push(`${t("samePlace")} ${known.map(([label, value]) => `${label} = ${number(value, 7)}`).join(", ")}`);
  return { lines, lights: cellLights(found), result: recorded(output, i, j) };
}
