// Samples: each with its loss, its target and what the model answered; pictures where the inputs are pictures.
function buildSamples() {
  const samples = DATA.samples;
  if (!samples) return [make("p", {}, t("noSamples"))];
  const chooser = make("select", { id: "sort", onchange: (event) => go({ sort: event.target.value }) },
    ...["loss", "place"].map((way) => make("option", { value: way, selected: way === state.sort }, t(`sort.${way}`))));
  const note = samples.ids.length < samples.count ? t("firstSamples", { shown: whole(samples.ids.length), count: whole(samples.count) }) : t("allSamples", { count: whole(samples.count) });
  const order = samples.ids.map((_, n) => n);
  if (state.sort === "loss" && samples.losses) order.sort((a, b) => height(samples.losses[b]) - height(samples.losses[a]));
  const highest = Math.max(...(samples.losses ?? []).map(height).filter(Number.isFinite), 1e-12);
  return [make("div", { class: "choices" }, make("label", { for: "sort" }, t("sortBy")), chooser, make("span", {}, note)),
    make("div", { class: "cards" }, ...order.map((n) => card(samples, n, highest)))];
}

// A loss that is not finite came as text; it is sorted as the largest.
function height(loss) { return typeof loss === "number" ? loss : Infinity; }

function card(samples, n, highest) {
  const [target, answer] = [samples.targets?.[n], samples.predictions?.[n]];
  const wrong = Boolean(target && answer && answer[1] !== null && target[0] !== answer[0]);
  const loss = samples.losses?.[n];
  const lines = [make("span", { class: "num soft" }, t("sampleId", { id: samples.ids[n] }))];
  if (target) lines.push(make("span", { class: "num" }, t("target", { value: number(target[0]) })));
  if (answer) lines.push(make("span", { class: "num" }, t("answer", { value: number(answer[0]), score: answer[1] === null ? "" : `(${number(answer[1], 3)})` })));
  if (loss !== undefined) lines.push(make("span", { class: "num" }, t("lossOf", { value: number(loss) })), make("span", { class: "lossbar", style: `width:${Math.min(100, 100 * height(loss) / highest).toFixed(1)}%` }));
  return make("div", { class: wrong ? "card wrong" : "card" }, digit(samples, n), ...lines, wrong ? make("span", { class: "warn" }, t("wrong")) : null);
}

// A picture in grey, from its smallest to its largest value, as the model got it.
function digit(samples, n) {
  const inputs = arrayOf(samples.inputs);
  if (!samples.image || inputs.level !== "exact") return null;
  const [tall, wide] = samples.image;
  const values = inputs.values.subarray(n * inputs.columns, (n + 1) * inputs.columns);
  const [low, high] = [Math.min(inputs.min ?? 0, 0), inputs.max ?? 1];
  const canvas = make("canvas", { width: wide, height: tall, role: "img", "aria-label": t("pictureOf", { id: samples.ids[n] }) });
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, tall);
  values.forEach((value, k) => {
    const grey = Math.round((255 * (value - low)) / (high - low || 1));
    image.data.set(Number.isFinite(value) ? [grey, grey, grey, 255] : [242, 156, 255, 255], 4 * k);
  });
  context.putImageData(image, 0, 0);
  return canvas;
}
