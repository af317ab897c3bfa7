// Colours: 256 of them, symmetric around 0, which sinks into the background; blue is positive.
const BEND = 3; // of the asinh: small values stay visible beside large ones

function channels(hex) { return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)); }
function colourOf(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
function mixed(a, b, share) { return a.map((x, i) => Math.round(x + (b[i] - x) * share)); }

let palette = null;

function colours() {
  const theme = document.documentElement.dataset.theme;
  if (palette && palette.theme === theme) return palette;
  const [negative, zero, positive, ink, mark] = ["--negative", "--zero", "--positive", "--ink", "--mark"].map((n) => channels(colourOf(n)));
  const table = [];
  for (let i = 0; i < 256; i += 1) {
    const share = (i - 127.5) / 127.5;
    table.push(share < 0 ? mixed(zero, negative, -share) : mixed(zero, positive, share));
  }
  palette = { theme, table, zero, ink, nan: mark, inf: ink, over: mixed(positive, ink, 0.45), under: mixed(negative, ink, 0.45) };
  return palette;
}

// Which colour a value has when the scale ends at ±limit.
function paint(value, limit) {
  const { table, nan, inf, over, under } = colours();
  if (Number.isNaN(value)) return nan;
  if (!Number.isFinite(value)) return inf;
  if (value > limit) return over;
  if (value < -limit) return under;
  const share = limit > 0 ? Math.asinh((BEND * value) / limit) / Math.asinh(BEND) : 0;
  return table[Math.round(127.5 + 127.5 * share)];
}

// The end of the scale: 3 sigma around 0, or the largest value if that is less.
function limitOf(arrays) {
  const found = arrays.map((a) => Math.min(3 * rmsOf(a), Math.max(Math.abs(a.min ?? 0), Math.abs(a.max ?? 0))));
  return Math.max(...found, 0) || 1;
}

// How bright a colour seems to the eye, by the weights of Rec. 601.
function contrast([r, g, b]) { return r * 0.299 + g * 0.587 + b * 0.114 > 140 ? "#101216" : "#ffffff"; }
