// Weights: before, gradient, change, after; before, change and after on one scale, the change under a lens.
const LENSES = [0, 1, 10, 100, 1000]; // 0: for each weight the one that fits

function buildWeights() {
  const chooser = make("select", { id: "lens", onchange: (event) => go({ lens: Number(event.target.value) }) },
    ...LENSES.map((lens) => make("option", { value: lens, selected: lens === state.lens }, lens ? `× ${lens}` : t("lensAuto"))));
  const choices = make("div", { class: "choices" }, make("label", { for: "lens" }, t("lens")), chooser, make("span", {}, t("oneScale")));
  const shown = DATA.updates.filter((update) => update.arrays);
  return [choices, ...shown.map(weight), ...(shown.length ? [] : [make("p", {}, t("noWeights"))])];
}

// All whole, or all in blocks of one size.
function comparable(arrays) {
  const blocks = arrays.find((array) => array.level === "blocks");
  return blocks ? arrays.map((array) => inBlocks(array, blocks.tall, blocks.wide)) : arrays;
}

function lensFor(change, limit) {
  return [...LENSES].reverse().find((lens) => lens >= 1 && change * lens <= limit) ?? 1;
}

function weight(update) {
  const [before, change, after] = comparable([update.arrays.before, update.arrays.change, update.arrays.after].map(arrayOf));
  const { gradient } = update.arrays;
  const limit = limitOf([before, after]);
  const lens = state.lens || lensFor(limitOf([change]), limit);
  const share = before.norm ? change.norm / before.norm : null;
  const maps = [
    new HeatMap(before, { title: t("before"), limit }), new HeatMap(gradient, { title: t("gradient"), note: t("ownScale") }),
    new HeatMap(change, { title: t("change"), limit, lens, note: lens > 1 ? `× ${lens}` : "" }), new HeatMap(after, { title: t("after"), limit }),
  ];
  const facts = share === null ? "" : t("shareOf", { share: number(100 * share, 3) });
  return make("section", { class: "weight" }, make("h2", {}, make("code", {}, update.path)),
    make("p", { class: "lead" }, `${DATA.step.optimizer} · ${facts}`), make("div", { class: "figures" }, ...maps.map((map) => map.element)),
    make("h3", {}, t("updateOps")), chipRow(update.records));
}
