// Arrays: decoded from their base64 when they are first looked at. "Not sent" is not 0.
const DATA = JSON.parse(document.getElementById("data").textContent);
const decoded = new Map();

function floats(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i += 1) bytes[i] = raw.charCodeAt(i);
  return new Float32Array(bytes.buffer);
}

// The array as rows and columns: {rows, columns, level, values, low, high, height, width, shape ...}.
// rows and columns are those of the array itself, height and width those of what was sent.
function arrayOf(id) {
  if (decoded.has(id)) return decoded.get(id);
  const info = DATA.arrays[id];
  const shape = info.shape;
  const rows = shape.length < 2 ? 1 : shape[0];
  const columns = shape.length < 2 ? (shape[0] ?? 1) : shape.slice(1).reduce((a, b) => a * b, 1);
  const [tall, wide] = info.block ?? [1, 1];
  const found = { id, ...info, rows, columns, tall, wide, height: Math.ceil(rows / tall), width: Math.ceil(columns / wide) };
  const element = document.getElementById(`array-${id}`);
  if (info.level === "exact") found.values = element ? floats(element.textContent) : new Float32Array(0);
  if (info.level === "blocks") {
    const text = element.textContent;
    // Three base64 texts of one length, each padded for itself, so that they can be cut apart and decoded.
    const third = text.length / 3;
    [found.values, found.low, found.high] = [0, 1, 2].map((i) => floats(text.slice(i * third, (i + 1) * third)));
    found.shownRms = meanSquare(found.values);
  }
  decoded.set(id, found);
  return found;
}

// The element at row i and column j, undefined where only blocks or a summary were sent.
function at(array, i, j) { return array.level === "exact" ? array.values[i * array.columns + j] : undefined; }

// The index of a place, with one number for each axis.
function indexOf(array, i, j) {
  const shape = array.shape;
  if (!shape.length) return [];
  if (shape.length === 1) return [j];
  const index = [];
  let rest = j;
  for (let axis = shape.length - 1; axis > 0; axis -= 1) {
    index.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return [i, ...index];
}

// The row and column in `array` that meets `index` of an output of shape `shape` when both are broadcast.
function broadcast(array, shape, index) {
  if (array.shape.length > shape.length) return null;
  const start = shape.length - array.shape.length;
  let flat = 0;
  for (let axis = 0; axis < array.shape.length; axis += 1) {
    const length = array.shape[axis];
    if (length !== 1 && length !== shape[start + axis]) return null;
    flat = flat * length + (length === 1 ? 0 : index[start + axis]);
  }
  return [Math.floor(flat / array.columns), flat % array.columns];
}

// What the scale of a picture goes by: blocks by their means, which are smaller than the values.
function rmsOf(array) { return array.shownRms ?? array.rms ?? 0; }

function meanSquare(values) {
  let [sum, count] = [0, 0];
  for (const value of values) if (Number.isFinite(value)) { sum += value * value; count += 1; }
  return count ? Math.sqrt(sum / count) : 0;
}

// An array that was sent whole, in blocks of the size of another's, so that the two can be compared.
function inBlocks(array, tall, wide) {
  if (array.level !== "exact") return array;
  const found = { ...array, level: "blocks", tall, wide, height: Math.ceil(array.rows / tall), width: Math.ceil(array.columns / wide) };
  const size = found.height * found.width;
  const counts = new Float32Array(size);
  [found.values, found.low, found.high] = [new Float32Array(size), new Float32Array(size).fill(Infinity), new Float32Array(size).fill(-Infinity)];
  for (let i = 0; i < array.rows; i += 1) {
    for (let j = 0; j < array.columns; j += 1) {
      const k = Math.floor(i / tall) * found.width + Math.floor(j / wide);
      const value = array.values[i * array.columns + j];
      found.values[k] += value;
      counts[k] += 1;
      found.low[k] = Math.min(found.low[k], value);
      found.high[k] = Math.max(found.high[k], value);
    }
  }
  found.values.forEach((sum, k) => { found.values[k] = sum / counts[k]; });
  found.shownRms = meanSquare(found.values);
  return found;
}
