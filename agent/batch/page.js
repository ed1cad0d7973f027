"use strict";
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const files = read("files"), rows = read("rows"), shots = read("thumbnails");
const find = (id) => document.getElementById(id);
const list = find("list"), more = find("more"), count = find("count");
const controls = ["search", "status", "card", "pictured"].map(find);
const [search, status, card, pictured] = controls;
const STEP = 60;
let shown = [], drawn = 0;

for (const row of rows) row.words = [row.id, row.question, row.summary, row.cards.join(" "),
  row.images.join(" "), row.extra].join("\n").toLowerCase();

const make = (name, kind, text) => {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (text !== undefined) made.textContent = text;
  return made;
};
const link = (row, file, label) => {
  const made = make("a", "", label);
  made.href = encodeURI(row.folder + "/" + file).replaceAll("#", "%23").replaceAll("?", "%3F");
  return made;
};
const item = (row) => {
  const made = make("li"), body = make("div"), head = make("div", "head");
  const shot = make(row.folder ? "a" : "div", "shot");
  if (row.folder) shot.href = link(row, "report.html", "").href;
  if (row.shot !== null) {
    const image = make("img");
    image.src = "data:image/webp;base64," + shots[row.shot];
    image.alt = row.images[0] || "";
    shot.append(image);
  } else {
    shot.classList.add("empty");
    shot.textContent = row.images.length ? "no preview" : "text only";
  }
  head.append(make("span", "status " + row.status, row.status.replace("_", " ")),
    make("span", "id", row.id), make("span", "dim", row.cards.join(", ")));
  body.append(head, make("p", "question", row.question), make("p", "summary", row.summary));
  if (row.folder) {
    const links = make("div", "links");
    for (const [file, label] of files) links.append(link(row, file, label));
    body.append(links);
  }
  made.append(shot, body);
  return made;
};
const draw = () => {
  const end = Math.min(drawn + STEP, shown.length);
  list.append(...shown.slice(drawn, end).map(item));
  drawn = end;
  more.hidden = drawn >= shown.length;
};
const filter = () => {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  shown = rows.filter((row) =>
    (!status.value || row.status === status.value) &&
    (!card.value || row.cards.includes(card.value)) &&
    (!pictured.checked || row.images.length > 0) &&
    wanted.every((word) => row.words.includes(word)));
  list.replaceChildren();
  drawn = 0;
  count.textContent = shown.length === rows.length ? `${rows.length.toLocaleString("en")} rows`
    : `${shown.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  draw();
};
const options = (select, values) => {
  for (const [value, number] of values) {
    const made = make("option", "", `${value.replace("_", " ")} (${number.toLocaleString("en")})`);
    made.value = value;
    select.append(made);
  }
};
const tally = (values) => {
  const found = new Map();
  for (const value of values) found.set(value, (found.get(value) || 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1]);
};
options(status, tally(rows.map((row) => row.status)));
options(card, tally(rows.flatMap((row) => row.cards)));
find("filters").addEventListener("submit", (event) => event.preventDefault());
for (const control of controls) control.addEventListener("input", filter);
more.addEventListener("click", draw);
new IntersectionObserver((seen) => seen[0].isIntersecting && draw(),
  { rootMargin: "600px" }).observe(more);
list.classList.toggle("plain", shots.length === 0);
filter();
