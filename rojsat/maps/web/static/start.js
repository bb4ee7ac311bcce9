// Starts the parts of the page one after the other.
"use strict";

page.startWords();
page.startMap();
page.startControls();
page.startButtons();
page.startList();
page.startDetails();
page.startMarks();
page.startPrint();
document.getElementById("language").addEventListener("click", () => page.setLanguage(page.language === "sv" ? "en" : "sv"));
page.setLanguage(page.language);
addEventListener("resize", () => page.map.invalidateSize());
