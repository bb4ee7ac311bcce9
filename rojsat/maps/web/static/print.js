// Printing: the map takes the size of the sheet and shows all stands, or the chosen one.
"use strict";

page.startPrint = () => {
  let before = null;
  addEventListener("beforeprint", () => {
    before = {centre: page.map.getCenter(), zoom: page.map.getZoom()};
    document.body.classList.add("printing");
    page.map.invalidateSize({animate: false});
    page.fitAll();
  });
  addEventListener("afterprint", () => {
    document.body.classList.remove("printing");
    page.map.invalidateSize({animate: false});
    if (before) page.map.setView(before.centre, before.zoom, {animate: false});
    before = null;
  });
  document.getElementById("print").addEventListener("click", () => print());
};
