// Formulas: what an operation computes, as the trees that the page holds for each operation, done with numbers.
const SIGNS = {
  "+": [(a, b) => a + b, 1], "-": [(a, b) => a - b, 1], "*": [(a, b) => a * b, 2], "/": [(a, b) => a / b, 2], "**": [(a, b) => a ** b, 4],
};
const SHOWN = { "-": "−", "*": "·", "/": "÷", "**": "^" };
const FUNCTIONS = {
  exp: Math.exp, log: Math.log, sqrt: Math.sqrt, abs: Math.abs, sign: Math.sign, max: Math.max, min: Math.min, sin: Math.sin, cos: Math.cos, tan: Math.tan, sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh,
};
// How tightly a minus sign binds: more than a product, less than a power.
const NEGATIVE = 3;

function operationOf(record) { return DATA.operations[record.name] ?? { kind: record.kind, symbol: "", tree: null, arguments: [] }; }

// The value of a tree where each name has a number, undefined where something in it is no number of one element.
function valueOf(tree, numbers) {
  if (typeof tree === "number") return tree;
  if (typeof tree === "string") return numbers[tree];
  const [name, ...operands] = tree;
  const values = operands.map((operand) => valueOf(operand, numbers));
  if (values.includes(undefined)) return undefined;
  if (name === "-" && values.length === 1) return -values[0];
  return (SIGNS[name]?.[0] ?? FUNCTIONS[name])?.(...values);
}

// The tree with numbers in the places of the names, and the parentheses that it needs.
function withNumbers(tree, numbers, outer = 0) {
  if (typeof tree === "number") return String(tree);
  if (typeof tree === "string") return number(numbers[tree]);
  const [name, ...operands] = tree;
  if (FUNCTIONS[name]) return `${name}(${operands.map((operand) => withNumbers(operand, numbers)).join(", ")})`;
  const binds = operands.length === 1 ? NEGATIVE : SIGNS[name][1];
  // The right operand must bind more tightly than the sign: a − (b − c) keeps its parentheses.
  const [left, right] = [withNumbers(operands[0], numbers, binds), operands[1] === undefined ? "" : withNumbers(operands[1], numbers, binds + 1)];
  const text = operands.length === 1 ? `−${left}` : `${left} ${SHOWN[name] ?? name} ${right}`;
  return binds < outer ? `(${text})` : text;
}
