// What is known of the chosen stand, and the words at the top, in the key and at the foot of the page.
"use strict";

page.startDetails = () => {
  const {content} = page;
  const panel = document.getElementById("details");
  const fact = (name, value) => [page.element("dt", {}, name), page.element("dd", {}, value)];
  const has = (value) => value !== null && value !== undefined;

  const facts = (stand) => {
    const list = page.element("dl");
    const add = (name, value) => list.append(...fact(name, value));
    if (has(stand.rank)) add(page.say("details.rank"), page.say("details.rank.value", {rank: stand.rank, ranked: page.ranked}));
    if (has(stand.need_ha)) {
      add(page.say(`details.need_ha.${content.kind}`),
        page.say("details.hectares", {need: page.number(stand.need_ha, 2), area: page.number(stand.area_ha, 2)}));
      const ends = !has(stand.degree_low) ? "" : ` (${page.say("interval.short", {
        low: page.number(stand.degree_low, 2), high: page.number(stand.degree_high, 2)})})`;
      add(page.say("details.degree_mean"), `${page.number(stand.degree_mean, 2)}, ${page.say(page.word(stand.degree_mean))}${ends}`);
      add(page.say("details.degree_p90"), page.number(stand.degree_p90, 2));
    } else {
      add(page.say("column.area_ha"), page.number(stand.area_ha, 2));
    }
    if (has(stand.seen)) add(page.say("details.seen"), page.share(stand.seen));
    if (has(stand.last_clear)) add(page.say("details.last_clear"), stand.last_clear);
    if (stand.outside > 0) add(page.say("details.outside"), page.share(stand.outside));
    if (stand.trained_on > 0) add(page.say("details.trained_on"), page.share(stand.trained_on));
    for (const [name, value] of stand.more) {
      const isNumber = /^-?[\d.]+$/.test(value);
      add(page.sayOr(`more.${name}`, name), isNumber ? page.asWritten(value) : page.sayOr(`value.${value}`, value));
    }
    return list;
  };

  page.openDetails = (title, ...children) => {
    const close = page.element("button", {type: "button", class: "close", "aria-label": page.say("details.close")}, "×");
    close.addEventListener("click", () => (page.chosen === null ? page.choose(null) : page.closeDetails()));
    panel.replaceChildren(page.element("h2", {id: "details-title"}, title), close, ...children);
    panel.hidden = false;
    panel.scrollTop = 0;
    // On a narrow screen the panel covers the lower half: the map moves to the upper one.
    const top = document.getElementById("frame").getBoundingClientRect().top;
    if (getComputedStyle(panel).position === "fixed" && top > 0) scrollBy(0, top);
  };
  page.closeDetails = () => { panel.hidden = true; };

  const noteWords = (note) => note.split("; ").map((part) => {
    const cleared = part.match(/^looks cleared between (\S+) and (\S+)$/);
    return cleared ? page.say("note.cleared", {before: cleared[1], after: cleared[2]}) : page.sayOr(`note.${part}`, part);
  }).join(" ");

  const write = () => {
    if (page.chosen === null) return page.closeDetails();
    const stand = content.stands[page.chosen];
    const note = stand.note ? [page.element("p", {class: "note"}, noteWords(stand.note))] : [];
    page.openDetails(page.say("details.title", {region: stand.region}), ...note, facts(stand), page.markButtons({stand}));
  };
  page.writeDetails = write;
  page.onChoice.push(write);
  page.onLanguage.push(write);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") page.choose(null); });
};

page.startWords = () => {
  const {content} = page;
  const set = (id, text) => { document.getElementById(id).textContent = text; };
  const paragraph = (text) => page.element("p", {}, text);

  const regions = (count) => page.say(count === 1 ? "regions.one" : "regions.many", {count});
  const verdict = () => {
    const {verdict, interval, sums, notes} = content;
    set("finding", page.say(`verdict.${verdict.key}`));
    const more = [];
    if (verdict.key === "text") more.push(paragraph(verdict.text));
    if (verdict.leak) more.push(page.element("p", {class: "finding"}, page.say("verdict.leak")));
    if ("metric" in verdict) {
      const written = Object.fromEntries(Object.entries(verdict).map(([name, value]) => [name, page.asWritten(String(value))]));
      written.regions = regions(Number(verdict.regions));
      written.predictor = page.sayOr(`predictor.${verdict.predictor}`, verdict.predictor);
      const text = page.say("verdict.numbers", written) + page.say("low" in verdict ? "verdict.interval" : "verdict.few", written);
      more.push(paragraph(verdict.metric === "R²" ? `${text} ${page.say("verdict.r2")}` : text));
    }
    const written = {...interval, regions: regions(interval.regions), level: page.share(interval.level ?? 0), half: page.number(interval.half ?? 0, 2)};
    if (interval.key === "sizes") {
      [written.least_ha, written.most_ha] = interval.hectares.map((hectares) => hectares.toLocaleString(page.language));
      [written.widest, written.narrowest] = interval.halves.map((half) => page.number(half, 2));
    }
    more.push(paragraph(page.say(`interval.${interval.key}`, written)));
    if (sums.outside_share) more.push(paragraph(page.say("outside", {share: page.share(sums.outside_share)})));
    const repeated = sums.trained_on_stands;
    const trained = repeated === null ? "unknown" : repeated ? "some" : "none";
    more.push(page.element("p", {class: repeated ? "finding" : ""}, page.say(`trained_on.${trained}`, {count: repeated, stands: sums.stands, need: page.number(sums.trained_on_need_ha ?? 0, 1)})));
    if (notes.length) more.push(page.element("p", {class: "finding"}, page.say("notes")), ...notes.map(paragraph));
    document.getElementById("finding-more").replaceChildren(...more);
  };

  const key = (swatch, word, means) => {
    const meaning = means ? [page.element("small", {}, means)] : [];
    return page.element("li", {}, page.element("span", {class: `swatch ${swatch}`, "aria-hidden": "true"}), page.element("span", {}, word), ...meaning);
  };
  const keys = () => {
    const values = {threshold: page.number(content.threshold, 2), much: page.number(content.much, 2)};
    document.getElementById("key-degree").replaceChildren(...["much", "some", "none", "not_seen"].map(
      (word) => key(word, page.say(word), page.say(`${word}.means`, values))));
    const {first, next, ranked} = page;
    const ranks = {first: {first: Math.min(first, ranked)}, next: {from: first + 1, next: Math.min(next, ranked)}, later: {}, none: {}};
    const present = new Set(content.stands.map(({rank}) => page.rankClass(rank)));
    document.getElementById("key-stands").replaceChildren(...Object.entries(ranks)
      .filter(([name]) => present.has(name)).map(([name, numbers]) => key(`line-${name}`, page.say(`rank.${name}`, numbers))));
  };

  // The hectares over all stands: errors that go one way first, for nothing proves that they are independent.
  const range = () => {
    const {one_way_ha: oneWay, independent_ha: independent} = content.sums;
    const paragraph = document.getElementById("range");
    paragraph.hidden = oneWay === null;
    if (oneWay === null) return;
    const [low, high, least, most] = [...oneWay, ...independent].map((hectares) => page.number(hectares, 1));
    paragraph.textContent = page.say("sum.range", {low, high, least, most});
  };

  const write = () => {
    const target = page.sayOr(`target.${content.target}`, content.target);
    const title = page.say(`title.${content.kind}`, {target});
    document.title = title;
    set("title", title);
    const {sums} = content;
    set("sum", page.say("sum", {...sums, need: page.number(sums.need_ha, 1), seen: page.number(sums.seen_ha, 1), kind: page.say(`kind.${content.kind}`)}));
    range();
    verdict();
    keys();
    set("foot", page.say("foot", {model: content.model, target, scenes: content.scenes.join(", ")}));
  };
  page.onLanguage.push(write);
  write();
};
