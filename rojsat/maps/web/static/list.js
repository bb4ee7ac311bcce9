// The list of stands: sorted by any column, linked to the map.
"use strict";

page.startList = () => {
  const {content} = page;
  const hectares = (value) => page.number(value, 2);
  const columns = [
    {name: "rank", key: "column.rank", text: ({rank}) => String(rank), descends: false},
    {name: "region", key: "column.region", descends: false},
    {name: "need_ha", key: `column.need_ha.${content.kind}`, text: ({need_ha}) => hectares(need_ha), descends: true},
    {name: "area_ha", key: "column.area_ha", text: ({area_ha}) => hectares(area_ha), descends: true},
    {name: "degree_mean", key: "column.degree_mean", descends: true},
    {name: "last_clear", key: "column.last_clear", text: ({last_clear}) => last_clear, descends: true},
  ];
  const rows = content.stands.map((stand, number) => {
    const row = page.element("tr", {"data-number": number, class: `rank-${page.rankClass(stand.rank)}`});
    row.addEventListener("click", () => page.choose(number, "list"));
    return row;
  });
  const body = document.getElementById("rows");
  let sorting = {name: "rank", descends: false};

  const compare = (first, second) => {
    const [a, b] = [first, second].map((number) => content.stands[number][sorting.name] ?? null);
    if (a === null || b === null) return (a === null) - (b === null); // what has no value comes last
    const sign = sorting.descends ? -1 : 1;
    if (typeof a === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b), page.language, {numeric: true});
  };
  const sort = () => {
    const numbers = content.stands.map((_, number) => number).sort((a, b) => compare(a, b) || a - b);
    body.replaceChildren(...numbers.map((number) => rows[number]));
    for (const head of document.querySelectorAll("#heads th")) {
      const isSorted = head.dataset.name === sorting.name;
      head.setAttribute("aria-sort", isSorted ? (sorting.descends ? "descending" : "ascending") : "none");
    }
  };

  const degree = (stand) => {
    const word = page.word(stand.degree_mean);
    const swatch = page.element("span", {class: `swatch ${word}`, "aria-hidden": "true"});
    const has = stand.degree_mean !== null && stand.degree_mean !== undefined;
    const number = has ? ` ${page.number(stand.degree_mean, 2)}` : "";
    const ends = stand.degree_low ?? null;
    const interval = ends === null ? [] : [page.element("small", {}, page.say("interval.short", {
      low: page.number(stand.degree_low, 2), high: page.number(stand.degree_high, 2)}))];
    return [swatch, `${page.say(word)}${number}`, ...interval];
  };
  const cell = (stand, column) => {
    if (column.name === "region") {
      const button = page.element("button", {type: "button"}, stand.region);
      return page.element("th", {scope: "row"}, button);
    }
    if (column.name === "degree_mean") return page.element("td", {class: "degree"}, ...degree(stand));
    const has = (stand[column.name] ?? null) !== null;
    const content = has ? [column.text(stand)] : [page.element("span", {"aria-label": page.say("empty"), role: "img"}, "–")];
    return page.element("td", {class: column.name}, ...content);
  };
  const write = () => {
    document.getElementById("heads").replaceChildren(...columns.map(({name, key, descends}) => {
      const button = page.element("button", {type: "button", title: page.say("sort", {column: page.say(key)})}, page.say(key));
      button.addEventListener("click", () => {
        sorting = {name, descends: sorting.name === name ? !sorting.descends : descends};
        sort();
      });
      return page.element("th", {scope: "col", "data-name": name, class: name}, button);
    }));
    rows.forEach((row, number) =>
      row.replaceChildren(...columns.map((column) => cell(content.stands[number], column))));
    sort();
    mark(page.chosen);
  };
  const mark = (chosen) => {
    rows.forEach((row, number) => {
      row.classList.toggle("chosen", number === chosen);
      if (number === chosen) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
  };
  page.onLanguage.push(write);
  page.onChoice.push((number, from) => {
    mark(number);
    if (number !== null && from === "map") rows[number].scrollIntoView({block: matchMedia("(max-width: 900px)").matches ? "start" : "nearest"});
  });
  body.addEventListener("keydown", (event) => {
    const step = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key];
    const row = step && event.target.closest("tr")[step];
    if (!row) return;
    event.preventDefault();
    row.querySelector("button").focus();
  });
  write();
};
