// Words: one text per key and language; t(key, values) fills in the values.
const WORDS = JSON.parse(document.getElementById("words").textContent);
const LANGUAGES = Object.keys(WORDS);
const memory = {
  get(name) { try { return localStorage.getItem("gradtape." + name); } catch { return null; } },
  set(name, value) { try { localStorage.setItem("gradtape." + name, value); } catch { /* private mode */ } },
};
let language = "en";

function t(key, values = {}) {
  const text = WORDS[language][key] ?? WORDS.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function knownLanguage(wanted) {
  if (!wanted) return null;
  const low = wanted.toLowerCase();
  if (low.startsWith("zh")) return "zh-Hans";
  return LANGUAGES.find((name) => low.split("-")[0] === name) ?? null;
}

function startLanguage(fromHash) {
  const asked = new URLSearchParams(location.search).get("lang");
  const wishes = [asked, fromHash, memory.get("language"), ...(navigator.languages ?? [])];
  return wishes.map(knownLanguage).find(Boolean) ?? "en";
}

// Numbers: four figures, in the form that Python and the table of the step use.
function number(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value.replace("inf", "∞").replace("nan", "NaN");
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  // Number() drops the zeros at the end that toPrecision writes.
  const text = size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(digits))) : value.toExponential(digits - 1);
  return text.replace("-", "−").replace("e+", "e").replace("e-", "e−");
}

function whole(value) { return new Intl.NumberFormat(language).format(value); }

function scaled(value, unit) {
  for (const [limit, prefix] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (value >= limit) return `${(value / limit).toPrecision(3)} ${prefix}${unit}`;
  }
  return `${whole(value)} ${unit}`;
}

function duration(seconds) {
  if (seconds >= 1) return `${seconds.toFixed(1)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(1)} ms` : `${Math.round(seconds * 1e6)} µs`;
}

function shapeText(shape) { return shape.length ? shape.join(" × ") : t("scalar"); }
