"use strict";
// Comfort on top of pages that work without it: sliders, progress as it comes, dropped pictures.

function drive(wipe) {
  const label = document.createElement("label");
  const range = document.createElement("input");
  label.className = "slider";
  label.textContent = "Before ↔ after";
  Object.assign(range, { type: "range", min: "0", max: "100", value: "50" });
  label.append(range);
  wipe.after(label);
  wipe.classList.add("driven");
  const room = () => wipe.scrollWidth - wipe.clientWidth;
  const tell = () => range.setAttribute("aria-valuetext", `${range.value}% after`);
  let place = -1; // where it was scrolled to from here
  const move = () => {
    wipe.scrollLeft = (room() * range.value) / 100;
    place = wipe.scrollLeft;
    tell();
  };
  range.addEventListener("input", move);
  wipe.addEventListener("scroll", () => {
    if (Math.abs(wipe.scrollLeft - place) > 1 && room() > 0) {
      range.value = String(Math.round((100 * wipe.scrollLeft) / room()));
      tell();
    }
  });
  const drag = (event) => {
    if (event.pointerType === "mouse" && event.buttons === 1 && room() > 0) {
      wipe.scrollLeft = wipe.clientWidth - (event.clientX - wipe.getBoundingClientRect().left);
      event.preventDefault();
    }
  };
  wipe.addEventListener("pointerdown", drag);
  wipe.addEventListener("pointermove", drag);
  new ResizeObserver(move).observe(wipe);
  move();
}

function follow(progress) {
  const address = `/jobs/${progress.dataset.job}`;
  const now = progress.querySelector(".now");
  const draft = progress.querySelector(".draft");
  const source = new EventSource(`${address}/events`);
  source.addEventListener("progress", (event) => { now.textContent = JSON.parse(event.data); });
  source.addEventListener("statement", (event) => {
    const text = JSON.parse(event.data);
    if (text === null) draft.replaceChildren();
    else draft.append(`${text} `);
  });
  source.addEventListener("over", () => { source.close(); location.replace(address); });
}

function attach(field) {
  const [input] = field.querySelectorAll("input[type=file]");
  const list = field.querySelector(".thumbnails");
  const form = field.closest("form");
  let files = [];
  const put = () => {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    list.replaceChildren(...files.map(thumbnail));
  };
  const thumbnail = (file) => {
    const item = document.createElement("li");
    const image = document.createElement("img");
    const name = document.createElement("span");
    const remove = document.createElement("button");
    Object.assign(image, { src: URL.createObjectURL(file), alt: "", width: 112, height: 80 });
    name.textContent = file.name;
    Object.assign(remove, { type: "button", textContent: "×" });
    remove.setAttribute("aria-label", `Remove ${file.name}`);
    remove.addEventListener("click", () => {
      files = files.filter((each) => each !== file);
      put();
      input.focus();
    });
    item.append(image, name, remove);
    return item;
  };
  const add = (more) => {
    const most = Number(field.dataset.most);
    files = [...files, ...[...more].filter((file) => file.type.startsWith("image/"))].slice(0, most);
    put();
  };
  input.addEventListener("change", () => { files = []; add(input.files); });
  form.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) { event.preventDefault(); add(event.clipboardData.files); }
  });
  form.addEventListener("dragover", (event) => { event.preventDefault(); field.classList.add("over"); });
  form.addEventListener("dragleave", () => field.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    field.classList.remove("over");
    add(event.dataTransfer.files);
  });
}

function copy(button) {
  button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("pre").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
      button.textContent = "Selected; press Ctrl+C";
    }
  });
}

// A link to a measurement opens what it is folded into.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const folded = target && target.closest("details");
  if (folded && !folded.open) { folded.open = true; target.scrollIntoView(); }
}

document.querySelectorAll(".wipe").forEach(drive);
document.querySelectorAll("[data-job]").forEach(follow);
document.querySelectorAll(".attach").forEach(attach);
document.querySelectorAll(".copy").forEach(copy);
addEventListener("hashchange", unfold);
unfold();
