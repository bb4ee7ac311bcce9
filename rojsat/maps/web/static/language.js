// The texts of the page in two languages, and numbers as each writes them. Knows neither map nor list.
"use strict";

const page = {content: JSON.parse(document.getElementById("content").textContent)};

page.memory = (() => {
  // localStorage, where the browser allows it to a file
  try {
    localStorage.setItem("rojsat.test", "1");
    localStorage.removeItem("rojsat.test");
    return localStorage;
  } catch {
    return null;
  }
})();

page.words = JSON.parse(document.getElementById("words").textContent);

page.language = (() => {
  const kept = page.memory && page.memory.getItem("rojsat.language");
  const wanted = kept || navigator.language || "en";
  return wanted.toLowerCase().startsWith("sv") ? "sv" : "en";
})();

page.say = (key, values = {}) =>
  page.words[key][page.language].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

// The text of a key that may not be there, as of a predictor that is new; else the word itself.
page.sayOr = (key, word) => (key in page.words ? page.say(key) : word);

page.number = (value, digits) =>
  value.toLocaleString(page.language, {minimumFractionDigits: digits, maximumFractionDigits: digits});

page.share = (value) =>
  value.toLocaleString(page.language, {style: "percent", maximumFractionDigits: value < 0.995 && value > 0.985 ? 1 : 0});

// A number that stands in a sentence of the evaluation already.
page.asWritten = (text) => (page.language === "sv" ? text.replace(/(\d)\.(?=\d)/, "$1,") : text).replace(/^-/, "−");

page.element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

page.onLanguage = [];

page.setLanguage = (language) => {
  page.language = language;
  if (page.memory) page.memory.setItem("rojsat.language", language);
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = page.say(element.dataset.say);
  document.getElementById("language").lang = language === "sv" ? "en" : "sv";
  for (const write of page.onLanguage) write();
};
