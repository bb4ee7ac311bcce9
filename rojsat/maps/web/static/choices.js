// Which stand is chosen, and how rank and degree become words and colours. Knows neither map nor list.
"use strict";

page.first = 5;
page.next = 20;
page.ranked = page.content.stands.filter((stand) => stand.rank !== null).length;

page.rankColours = {first: "#7a0177", next: "#dd3497", later: "#fcc5c0", none: "#dddddd"};

page.rankClass = (rank) => {
  if (rank === null) return "none";
  return rank <= page.first ? "first" : rank <= page.next ? "next" : "later";
};

page.word = (degree) => {
  if (degree === null || degree === undefined) return "not_seen";
  return degree > page.content.much ? "much" : degree > page.content.threshold ? "some" : "none";
};

page.colour = (word) => {
  const place = {none: 1, some: 2, much: 3, not_seen: 4}[word];
  return `rgb(${page.content.colours[place].join(",")})`;
};

page.chosen = null;
page.onChoice = [];

// Choose a stand by its number in the content, or none; `from` says where: map, list or nowhere.
page.choose = (number, from) => {
  page.chosen = number;
  for (const follow of page.onChoice) follow(number, from);
};
