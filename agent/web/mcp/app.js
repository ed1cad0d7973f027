"use strict";
// Talks to the client that shows this page (MCP Apps, 2026-01-26) and draws the pictures of a result.
const find = (query) => document.querySelector(query);
const figure = find("figure"), pair = find(".pair"), range = find("input");
const post = (message) => parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
const resized = () => post({
  method: "ui/notifications/size-changed",
  params: { width: document.body.scrollWidth, height: document.body.scrollHeight },
});

function move() {
  pair.style.setProperty("--at", `${range.value}%`);
  range.setAttribute("aria-valuetext", `${range.value} % before`);
}

function drag(event) {
  if (event.buttons !== 1) return;
  const box = pair.getBoundingClientRect();
  range.value = String(Math.round((100 * (event.clientX - box.left)) / box.width));
  move();
  event.preventDefault();
}

function show(result) {
  const shown = result._meta && result._meta["groundglass/before-and-after"];
  if (!shown || ![shown.before, shown.after].every((url) => /^data:image\//.test(url))) return;
  find(".over").src = shown.before;
  find(".under").src = shown.after;
  find("figcaption").textContent = shown.caption;
  figure.hidden = false;
}

addEventListener("message", ({ source, data }) => {
  if (source !== parent || !data || data.jsonrpc !== "2.0") return;
  if (data.id === 1 && data.result) {
    post({ method: "ui/notifications/initialized" });
    new ResizeObserver(resized).observe(document.body);
  } else if (data.method === "ui/notifications/tool-result") show(data.params);
  else if (data.id !== undefined && data.method) post({ id: data.id, result: {} }); // ping, teardown
});
range.addEventListener("input", move);
pair.addEventListener("pointerdown", drag);
pair.addEventListener("pointermove", drag);
move();
post({
  id: 1,
  method: "ui/initialize",
  params: {
    protocolVersion: "2026-01-26",
    appInfo: { name: "groundglass", version: "VERSION" },
    appCapabilities: {},
  },
});
