// "Wrong here": what a user says of stands and places; kept in the browser, saved as GeoJSON in WGS 84.
"use strict";

page.startMarks = () => {
  const {content} = page;
  const NEEDS = ["need", "clear", "other"];
  const SIGNS = {need: "▲", clear: "●", other: "✕"};
  const place = `rojsat.marks.${content.model}.${content.stands.map(({region}) => region).join("|")}`;
  const state = document.getElementById("marks-state");
  const layer = L.layerGroup().addTo(page.map);
  let marks = read();
  let isPlacing = false;
  let point = null; // a place that is tapped and has no mark yet

  function read() {
    try {
      return JSON.parse((page.memory && page.memory.getItem(place)) || "[]");
    } catch {
      return [];
    }
  }
  const keep = () => {
    if (!page.memory) return;
    try {
      page.memory.setItem(place, JSON.stringify(marks));
    } catch {
      page.memory = null; // it is full
    }
  };
  const today = () => {
    const now = new Date();
    return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  };
  const name = ({properties, geometry}) => {
    if (properties.stand !== null) return page.say("details.title", {region: properties.stand});
    const [lng, lat] = geometry.coordinates;
    return page.say("marks.at", {lat: lat.toFixed(4), lng: lng.toFixed(4)});
  };
  const of = ({stand}) => stand && marks.find(({properties}) => properties.stand === stand.region);

  const put = ({stand, at}, need) => {
    const geometry = stand ? stand.outline : {type: "Point", coordinates: [at.lng, at.lat].map((number) => Number(number.toFixed(6)))};
    const properties = {need, stand: stand ? stand.region : null, date: today(), image: page.date, model: content.model};
    const before = of({stand});
    marks = [...marks.filter((mark) => mark !== before), {type: "Feature", properties, geometry}];
    change();
  };
  const remove = (mark) => {
    marks = marks.filter((each) => each !== mark);
    change();
  };
  const change = () => {
    keep();
    state.textContent = "";
    write();
    page.writeDetails();
  };

  // Three buttons; `about` is a stand or a place.
  page.markButtons = (about) => {
    const before = of(about);
    const buttons = NEEDS.map((need) => {
      const isSet = before !== undefined && before !== null && before.properties.need === need;
      const button = page.element("button", {type: "button", "aria-pressed": isSet, "data-need": need},
        page.element("span", {"aria-hidden": "true"}, `${SIGNS[need]} `), page.say(`marks.${need}.${content.kind}`));
      button.addEventListener("click", () => {
        if (isSet) remove(before);
        else put(about, need);
        if (about.at) page.choose(null);
      });
      return button;
    });
    return page.element("div", {class: "mark-buttons", role: "group", "aria-label": page.say("marks")},
      page.element("p", {class: "small"}, page.say("marks")), ...buttons);
  };

  const draw = () => {
    layer.clearLayers();
    for (const {properties, geometry} of marks) {
      const stand = content.stands.findIndex(({region}) => region === properties.stand);
      if (properties.stand !== null && stand < 0) continue;
      const where = properties.stand === null ? L.latLng(geometry.coordinates[1], geometry.coordinates[0]) : page.outlines[stand].bounds.getCenter();
      const icon = L.divIcon({className: `mark mark-${properties.need}`, html: page.element("span", {}, SIGNS[properties.need]), iconSize: [24, 24], iconAnchor: properties.stand === null ? [12, 12] : [12, -6]});
      L.marker(where, {icon, interactive: false, keyboard: false}).addTo(layer);
    }
    if (point) L.circleMarker(point, {radius: 10, color: "#ffffff", weight: 4, fillColor: "#111111", fillOpacity: 0.6, interactive: false}).addTo(layer);
  };
  const write = () => {
    draw();
    const save = document.getElementById("marks-save");
    save.textContent = page.say("marks.save", {count: marks.length});
    save.disabled = marks.length === 0;
    document.getElementById("marks-list").replaceChildren(...marks.map((mark) => {
      const button = page.element("button", {type: "button", "aria-label": page.say("marks.remove", {name: name(mark)})}, "×");
      button.addEventListener("click", () => remove(mark));
      const {need, date} = mark.properties;
      return page.element("li", {}, page.element("span", {}, `${SIGNS[need]} ${name(mark)}: ${page.say(`marks.${need}.${content.kind}`)} (${date})`), button);
    }));
    document.getElementById("marks-kept").textContent = marks.length === 0 && page.memory ? page.say("marks.none") : page.say(page.memory ? "marks.kept" : "marks.not_kept");
  };

  const setPlacing = (is) => {
    isPlacing = is;
    document.getElementById("mark-place").setAttribute("aria-pressed", is);
    page.map.getContainer().classList.toggle("placing", is);
    state.textContent = is ? page.say("marks.tap") : "";
  };
  page.isPlacing = () => isPlacing;
  document.getElementById("mark-place").addEventListener("click", () => {
    const begins = !isPlacing;
    page.choose(null);
    setPlacing(begins);
    if (isPlacing) document.getElementById("frame").scrollIntoView({block: "nearest"});
  });
  page.map.on("click", ({latlng}) => {
    if (!isPlacing) return;
    setPlacing(false);
    point = latlng;
    draw();
    page.openDetails(page.say("marks.at", {lat: latlng.lat.toFixed(4), lng: latlng.lng.toFixed(4)}), page.markButtons({at: latlng}));
  });
  page.onChoice.push(() => {
    point = null;
    setPlacing(false);
    draw();
  });

  page.marksFile = () => JSON.stringify({type: "FeatureCollection", features: marks}, null, 1);
  document.getElementById("marks-save").addEventListener("click", () => {
    const file = `marks_${today()}.geojson`;
    const address = URL.createObjectURL(new Blob([page.marksFile()], {type: "application/geo+json"}));
    const link = page.element("a", {href: address, download: file});
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
    state.textContent = page.say("marks.saved", {file});
  });
  page.onLanguage.push(() => {
    point = null; // its panel closes, too
    write();
  });
  write();
};
