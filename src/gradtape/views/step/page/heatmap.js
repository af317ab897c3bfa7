// A heat map: a window on the array, drawn for what is in sight, with a read-out for every cell.
const NUMBERS_FROM = 22; // pixels a cell must have to hold its number
const maps = new Set(); // those that are on the page now

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

class HeatMap {
  // options: title, note, limit (of a shared scale), lens (a factor for the colours), pick(i, j).
  constructor(id, options = {}) {
    this.array = typeof id === "object" ? id : arrayOf(id);
    this.options = options;
    this.lens = options.lens ?? 1;
    this.zoom = 0; // 0: the whole array fits
    this.place = null; // the cell of the read-out, in what was sent
    this.lights = { rows: [], columns: [], cells: [] };
    this.element = this.build();
    maps.add(this);
  }

  get limit() { return (this.options.limit ?? limitOf([this.array])) / this.lens; }

  build() {
    const { array } = this;
    const caption = make("figcaption", {}, make("b", {}, this.options.title ?? ""),
      make("span", {}, `${shapeText(array.shape)} ${array.dtype}`), this.options.note ? make("span", {}, this.options.note) : null);
    if (!array.rows || !array.columns) return make("figure", {}, caption, make("p", { class: "notsent" }, t("empty")));
    if (array.level === "summary") return make("figure", {}, caption, make("p", { class: "notsent" }, t("summaryOnly", this.summary())));
    if (!array.shape.length) {
      const value = at(array, 0, 0);
      return make("figure", {}, caption, make("div", { class: "scalar num" }, number(value, 7)));
    }
    this.canvas = make("canvas", { tabindex: "0", role: "img", "aria-label": this.label() });
    this.room = make("div", { class: "room" }, this.canvas);
    this.scroll = make("div", { class: "scroll" }, this.room);
    this.readout = make("div", { class: "readout", "aria-live": "off" }, " ");
    this.bar = make("canvas", { width: "256", height: "1", "aria-hidden": "true" });
    this.ticks = make("div", { class: "ticks" });
    const under = make("div", { class: "under" },
      make("div", { class: "colourbar", title: t("colours") }, this.bar, this.ticks),
      make("button", { type: "button", "aria-label": t("smaller"), onclick: () => this.scale(-1) }, "−"),
      make("button", { type: "button", "aria-label": t("larger"), onclick: () => this.scale(1) }, "+"),
      ...this.notes(), this.readout);
    this.listen();
    return make("figure", {}, caption, this.scroll, under);
  }

  summary() {
    const { min, max, mean, norm } = this.array;
    return { min: number(min), max: number(max), mean: number(mean), norm: number(norm) };
  }

  label() { return `${this.options.title ?? ""} ${t("mapOf", { shape: shapeText(this.array.shape), ...this.summary() })}`; }

  // What the picture cannot show by itself: marks, blocks.
  notes() {
    const { array } = this;
    const said = [];
    if (array.level === "blocks") said.push(t("blocks", { rows: array.tall, columns: array.wide }));
    if (array.nan) said.push(t("nans", { count: whole(array.nan) }));
    if (array.inf) said.push(t("infs", { count: whole(array.inf) }));
    const clipped = this.clipped();
    if (clipped) said.push(t("clipped", { count: whole(clipped) }));
    return said.map((text) => make("span", { class: array.nan || array.inf ? "warn" : null }, text));
  }

  clipped() {
    const limit = this.limit;
    let count = 0;
    for (const value of this.array.values) if (Number.isFinite(value) && Math.abs(value) > limit) count += 1;
    return count;
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointermove", (event) => this.show(this.under(event)));
    canvas.addEventListener("pointerleave", () => this.show(this.place, true));
    canvas.addEventListener("click", (event) => { this.place = this.under(event); this.picked(); });
    canvas.addEventListener("focus", () => { this.place ??= [0, 0]; this.show(this.place); this.draw(); });
    canvas.addEventListener("keydown", (event) => this.key(event));
    this.scroll.addEventListener("scroll", () => this.draw());
  }

  key(event) {
    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const far = event.shiftKey ? 10 : 1;
    const [i, j] = this.place ?? [0, 0];
    if (event.key in moves) this.move(i + far * moves[event.key][0], j + far * moves[event.key][1]);
    else if (event.key === "Home") this.move(i, 0);
    else if (event.key === "End") this.move(i, this.array.width - 1);
    else if (event.key === "Enter") this.picked();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  move(i, j) {
    const { height, width } = this.array;
    this.place = [Math.min(Math.max(i, 0), height - 1), Math.min(Math.max(j, 0), width - 1)];
    this.show(this.place);
    say(this.readout.textContent);
    this.reveal();
    this.draw();
  }

  reveal() {
    const [[sx, sy], [i, j]] = [this.size, this.place];
    const { scroll } = this;
    if (j * sx < scroll.scrollLeft) scroll.scrollLeft = j * sx;
    if ((j + 1) * sx > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = (j + 1) * sx - scroll.clientWidth;
    if (i * sy < scroll.scrollTop) scroll.scrollTop = i * sy;
    if ((i + 1) * sy > scroll.scrollTop + scroll.clientHeight) scroll.scrollTop = (i + 1) * sy - scroll.clientHeight;
  }

  picked() {
    this.show(this.place);
    const { array } = this;
    this.options.pick?.(Math.min(this.place[0] * array.tall, array.rows - 1), Math.min(this.place[1] * array.wide, array.columns - 1));
    this.draw();
  }

  under(event) {
    const box = this.canvas.getBoundingClientRect();
    const [sx, sy] = this.size;
    const i = Math.floor((event.clientY - box.top + this.scroll.scrollTop) / sy);
    const j = Math.floor((event.clientX - box.left + this.scroll.scrollLeft) / sx);
    return [Math.min(Math.max(i, 0), this.array.height - 1), Math.min(Math.max(j, 0), this.array.width - 1)];
  }

  show(place) { this.readout.textContent = place ? this.text(...place) : " "; }

  text(i, j) {
    const { array } = this;
    const k = i * array.width + j;
    if (array.level === "exact") return `[${indexOf(array, i, j).join(", ")}] = ${number(array.values[k], 7)}`;
    const [top, left] = [i * array.tall, j * array.wide];
    const [bottom, right] = [Math.min(top + array.tall, array.rows) - 1, Math.min(left + array.wide, array.columns) - 1];
    return t("blockText", { rows: `${top}–${bottom}`, columns: `${left}–${right}`, mean: number(array.values[k]), min: number(array.low[k]), max: number(array.high[k]) });
  }

  scale(direction) {
    const sizes = [0, ...[2, 4, 8, 16, 26, 52].filter((s) => s > Math.min(...this.fit()))];
    const place = sizes.indexOf(this.zoom);
    this.zoom = sizes[Math.min(Math.max((place < 0 ? 0 : place) + direction, 0), sizes.length - 1)];
    this.layout();
    if (this.place) this.reveal();
    this.draw();
  }

  fit() {
    const { width, height } = this.array;
    const wide = this.scroll.clientWidth || 300;
    let side = Math.min(wide / width, 300 / height, 52);
    if (side > 1) side = Math.floor(side * 2) / 2;
    // Few rows or columns are stretched: a bias would be a line nobody can point at.
    return [width <= 32 ? Math.max(side, Math.min(wide / width, 14)) : side, height <= 16 ? Math.max(side, Math.min(300 / height, 20)) : side];
  }

  layout() {
    const { array } = this;
    this.size = this.zoom ? [this.zoom, this.zoom] : this.fit();
    const [wide, tall] = [array.width * this.size[0], array.height * this.size[1]];
    this.room.style.width = `${wide}px`;
    this.room.style.height = `${tall}px`;
    const shown = [Math.min(wide, this.scroll.clientWidth), Math.min(tall, 420)];
    const ratio = window.devicePixelRatio || 1;
    [this.canvas.style.width, this.canvas.style.height] = [`${shown[0]}px`, `${shown[1]}px`];
    [this.canvas.width, this.canvas.height] = shown.map((n) => Math.max(1, Math.round(n * ratio)));
    this.shown = shown;
    this.ratio = ratio;
  }

  draw() {
    if (!this.canvas?.isConnected) return;
    if (!this.size) this.layout();
    const context = this.canvas.getContext("2d");
    const [[sx, sy], array] = [this.size, this.array];
    const [left, top] = [this.scroll.scrollLeft, this.scroll.scrollTop];
    const from = [Math.floor(top / sy), Math.floor(left / sx)];
    const to = [Math.min(array.height, Math.ceil((top + this.shown[1]) / sy)), Math.min(array.width, Math.ceil((left + this.shown[0]) / sx))];
    const picture = this.picture(from, to);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, ...this.shown);
    context.imageSmoothingEnabled = sx < 1;
    context.drawImage(picture, from[1] * sx - left, from[0] * sy - top, (to[1] - from[1]) * sx, (to[0] - from[0]) * sy);
    this.marks(context, from, to, left, top);
    this.lit(context, left, top);
    this.drawBar();
  }

  picture(from, to) {
    const [height, width] = [Math.max(1, to[0] - from[0]), Math.max(1, to[1] - from[1])];
    const canvas = make("canvas", { width, height });
    const image = canvas.getContext("2d").createImageData(width, height);
    const { array, limit } = this;
    for (let i = 0, k = 0; i < height; i += 1) {
      for (let j = 0; j < width; j += 1, k += 4) {
        const [r, g, b] = paint(array.values[(from[0] + i) * array.width + from[1] + j], limit);
        image.data[k] = r; image.data[k + 1] = g; image.data[k + 2] = b; image.data[k + 3] = 255;
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas;
  }

  // Numbers where there is room, and a sign on what is clipped, NaN or infinite.
  marks(context, from, to, left, top) {
    const [[sx, sy], { array, limit }] = [this.size, this];
    if (Math.min(sx, sy) < 6) return;
    const numbers = Math.min(sx, sy) >= NUMBERS_FROM && sx >= NUMBERS_FROM;
    context.font = `${sx >= 48 ? 11 : 8}px ui-monospace, Menlo, Consolas, monospace`;
    [context.textAlign, context.textBaseline] = ["center", "middle"];
    for (let i = from[0]; i < to[0]; i += 1) {
      for (let j = from[1]; j < to[1]; j += 1) {
        const value = array.values[i * array.width + j];
        const [x, y] = [j * sx - left, i * sy - top];
        context.fillStyle = contrast(paint(value, limit));
        if (numbers) context.fillText(cellText(value, sx), x + sx / 2, y + sy / 2);
        else if (!Number.isFinite(value)) context.fillText(Number.isNaN(value) ? "N" : "∞", x + sx / 2, y + sy / 2);
        if (Math.abs(value) > limit) notch(context, x + sx, y, Math.min(sx, sy) / 3);
      }
    }
  }

  lit(context, left, top) {
    const [[sx, sy], { array }] = [this.size, this];
    const [wide, tall] = [array.width * sx, array.height * sy];
    const cell = (i, j) => [Math.floor(j / array.wide) * sx - left, Math.floor(i / array.tall) * sy - top, sx, sy];
    for (const i of this.lights.rows) outline(context, -left, Math.floor(i / array.tall) * sy - top, wide, sy);
    for (const j of this.lights.columns) outline(context, Math.floor(j / array.wide) * sx - left, -top, sx, tall);
    for (const [i, j] of this.lights.cells) outline(context, ...cell(i, j));
    if (this.place && document.activeElement === this.canvas) outline(context, ...cell(this.place[0] * array.tall, this.place[1] * array.wide), "--accent");
  }

  drawBar() {
    const context = this.bar.getContext("2d");
    const image = context.createImageData(256, 1);
    const { limit } = this;
    for (let i = 0; i < 256; i += 1) {
      const [r, g, b] = paint(((i - 127.5) / 127.5) * limit, limit);
      image.data.set([r, g, b, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
    this.ticks.replaceChildren(...[-1, -0.5, 0, 0.5, 1].map((share) => make("span", {}, (share > 0 ? "+" : "") + number(share * limit, 2))));
  }

  light(lights) {
    this.lights = { rows: [], columns: [], cells: [], ...lights };
    this.draw();
  }
}

function cellText(value, room) {
  if (room >= 48) return number(value, 3);
  if (!Number.isFinite(value)) return number(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size >= 99.5 || size < 0.005 ? value.toExponential(0) : value.toFixed(size >= 9.95 ? 0 : size >= 0.995 ? 1 : 2);
  return text.replace("0.", ".").replace("e+", "e");
}

function notch(context, x, y, side) {
  context.fillStyle = colourOf("--mark");
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - side, y);
  context.lineTo(x, y + side);
  context.fill();
}

function outline(context, x, y, width, height, colour = "--pick") {
  const more = Math.max(0, 5 - Math.min(width, height)) / 2; // a thin line is widened, to be seen
  for (const [style, line] of [["#101216", 3.5], [colourOf(colour), 1.75]]) {
    context.strokeStyle = style;
    context.lineWidth = line;
    context.strokeRect(x - more, y - more, width + 2 * more, height + 2 * more);
  }
}

let saying = 0;
function say(text) { // to a screen reader, not more than once in a while
  clearTimeout(saying);
  saying = setTimeout(() => { document.getElementById("live").textContent = text; }, 400);
}

function redrawAll(fresh = false) {
  for (const map of maps) {
    if (!map.canvas) continue;
    if (!map.canvas.isConnected) { maps.delete(map); continue; }
    if (fresh) map.layout();
    map.draw();
  }
}
