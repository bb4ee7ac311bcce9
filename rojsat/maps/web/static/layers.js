// The map: images of dates, the degree, the outlines of stands.
"use strict";

page.startMap = () => {
  const {content} = page;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map("map", {
    attributionControl: false,
    zoomControl: false,
    zoomAnimation: !still,
    fadeAnimation: false,
    markerZoomAnimation: !still,
    maxZoom: content.degree.zoom + 5,
    minZoom: 3,
  });
  page.map = map;
  map.setView([0, 0], 3);
  map.createPane("colour").style.zIndex = 200;
  map.createPane("degree").style.zIndex = 300;

  const corner = (zoom, col, row) => {
    const side = 256 / 2 ** zoom;
    return L.CRS.EPSG3857.pointToLatLng(L.point(col * side, row * side), 0);
  };
  const overlay = (zoom, name, address, pane) => {
    const [col, row] = name.split("_").map(Number);
    const bounds = L.latLngBounds(corner(zoom, col, row), corner(zoom, col + 1, row + 1));
    return L.imageOverlay(address, bounds, {pane, className: `tile-${pane}`, alt: ""});
  };
  const group = (zoom, tiles, kind, pane) =>
    L.layerGroup(Object.entries(tiles).map(([name, text]) => overlay(zoom, name, `data:image/${kind};base64,${text}`, pane)));

  group(content.degree.zoom, content.degree.tiles, "png", "degree").addTo(map);

  const dates = content.dates.map(({tiles}) => ({tiles, layer: null}));
  let shown = null;
  page.showDate = (number) => {
    if (shown) shown.remove();
    shown = null;
    page.date = number === null ? null : content.dates[number].date;
    if (number === null) return;
    dates[number].layer ??= group(content.zoom, dates[number].tiles, "webp", "colour");
    shown = dates[number].layer.addTo(map);
  };
  page.showOpacity = (share) => { map.getPane("degree").style.opacity = share; };

  const thick = (pixels) => (map.getZoom() < content.degree.zoom ? pixels / 2 : pixels);
  const style = (number) => {
    const stand = content.stands[number];
    const rank = page.rankClass(stand.rank);
    const isChosen = number === page.chosen;
    return {
      color: isChosen ? "#ffffff" : page.rankColours[rank],
      weight: thick(isChosen ? 5 : rank === "first" ? 4 : 3),
      opacity: 1,
      fillOpacity: 0,
      dashArray: rank === "none" ? "6 5" : null,
    };
  };
  const casing = (number) => ({color: "#111111", weight: style(number).weight + thick(3), opacity: 0.75, fill: false, interactive: false});
  page.outlines = content.stands.map((stand, number) => {
    const below = L.geoJSON(stand.outline, {style: casing(number), interactive: false}).addTo(map);
    const outline = L.geoJSON(stand.outline, {style: {...style(number), className: `stand rank-${page.rankClass(stand.rank)}`}}).addTo(map);
    outline.on("click", (event) => {
      if (page.isPlacing()) return;
      L.DomEvent.stopPropagation(event);
      page.choose(number, "map");
    });
    return {below, outline, bounds: outline.getBounds()};
  });
  // Numbers of those that are visited first, as far as they have room beside each other.
  const marker = (number) => {
    const {rank} = content.stands[number];
    const icon = L.divIcon({className: `rank-label rank-${page.rankClass(rank)}`, html: page.element("span", {}, String(rank)), iconSize: [26, 22]});
    return L.marker(page.outlines[number].bounds.getCenter(), {icon, interactive: false, keyboard: false});
  };
  const labels = L.layerGroup().addTo(map);
  const firsts = content.stands.map((_, number) => number)
    .filter((number) => !["later", "none"].includes(page.rankClass(content.stands[number].rank)))
    .sort((a, b) => content.stands[a].rank - content.stands[b].rank)
    .map(marker);
  const draw = () => {
    const free = [];
    labels.clearLayers();
    for (const label of firsts) {
      const point = map.latLngToLayerPoint(label.getLatLng());
      if (free.some((other) => Math.abs(other.x - point.x) < 28 && Math.abs(other.y - point.y) < 24)) continue;
      free.push(point);
      labels.addLayer(label);
    }
    restyle();
  };
  // Lines thinner where stands are small on the screen.
  const restyle = () => page.outlines.forEach(({below, outline}, each) => {
    below.setStyle(casing(each));
    outline.setStyle(style(each));
  });
  map.on("zoomend", draw);

  page.all = page.outlines.reduce((all, {bounds}) => all.extend(bounds), L.latLngBounds([]));
  page.fitAll = (options = {}) => map.fitBounds(page.all, {padding: [16, 16], animate: false, ...options});
  page.fitAll();
  draw();

  page.onChoice.push((number, from) => {
    restyle();
    if (number === null) return;
    const {below, outline, bounds} = page.outlines[number];
    below.bringToFront();
    outline.bringToFront();
    const covered = matchMedia("(max-width: 900px)").matches ? 30 : 370; // by what is said of the stand
    if (from !== "map") map.fitBounds(bounds, {paddingTopLeft: [60, 30], paddingBottomRight: [covered, 30], maxZoom: content.degree.zoom + 2, animate: !still});
  });
};

page.startControls = () => {
  const {content} = page;
  const select = document.getElementById("date"), opacity = document.getElementById("opacity");
  const newest = content.dates.findLastIndex(({clear}) => clear >= 0.8);
  const clearest = content.dates.reduce((best, {clear}, number) => (best < 0 || clear > content.dates[best].clear ? number : best), -1);
  const start = newest >= 0 ? newest : clearest;
  const write = () => {
    const value = select.value;
    select.replaceChildren(
      ...content.dates.map(({date, clear}, number) =>
        page.element("option", {value: number}, page.say("date.clear", {date, share: page.share(clear)}))),
      page.element("option", {value: ""}, page.say("date.none")),
    );
    select.value = value;
    const leftOut = document.getElementById("left-out");
    leftOut.hidden = content.left_out.length === 0;
    leftOut.textContent = page.say("date.left_out", {count: content.left_out.length, dates: content.left_out.join(", ")});
  };
  write();
  page.onLanguage.push(write);
  select.value = start < 0 ? "" : String(start);
  const show = () => {
    page.showDate(select.value === "" ? null : Number(select.value));
    name();
  };
  // What a printed sheet says in place of the control.
  const name = () => {
    document.getElementById("image").textContent = `${page.say("date")}: ${page.date ?? page.say("date.none")}`;
  };
  page.onLanguage.push(name);
  select.addEventListener("change", show);
  opacity.addEventListener("input", () => page.showOpacity(opacity.value / 100));
  show();
  page.showOpacity(opacity.value / 100);
};

page.startButtons = () => {
  const button = (text, key, act) => {
    const made = page.element("button", {type: "button", class: "map-button"}, text);
    const name = () => { made.title = page.say(key); made.setAttribute("aria-label", page.say(key)); };
    name();
    page.onLanguage.push(name);
    made.addEventListener("click", act);
    return made;
  };
  const Buttons = L.Control.extend({
    onAdd: () => {
      const box = page.element("div", {class: "map-buttons"},
        button("+", "zoom_in", () => page.map.zoomIn()),
        button("−", "zoom_out", () => page.map.zoomOut()),
        button("⤢", "all", () => page.fitAll({animate: true})));
      L.DomEvent.disableClickPropagation(box);
      return box;
    },
  });
  new Buttons({position: "topleft"}).addTo(page.map);
  L.control.scale({imperial: false, maxWidth: 140}).addTo(page.map);
  const name = () => page.map.getContainer().setAttribute("aria-label", page.say("map"));
  page.map.getContainer().setAttribute("role", "region");
  name();
  page.onLanguage.push(name);
};
