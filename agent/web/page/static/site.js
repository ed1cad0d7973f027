"use strict";
// Enhancements of pages that work without scripts: sliders, live progress, dropped pictures.

function drive(wipe) {
  const label = document.createElement("label");
  const range = document.createElement("input");
  const [right, left] = [...wipe.querySelectorAll(".layer b")].map((each) => each.textContent);
  label.className = "seam-place";
  label.textContent = `${left} ↔ ${right}`;
  Object.assign(range, { type: "range", min: "0", max: "100", value: "50" });
  label.append(range);
  wipe.after(label);
  wipe.classList.add("driven");
  wipe.removeAttribute("tabindex"); // the keyboard reaches the range instead
  const move = () => { // the seam follows the thumb
    wipe.scrollLeft = (wipe.scrollWidth - wipe.clientWidth) * (1 - range.value / 100);
    range.setAttribute("aria-valuetext", `${range.value}% ${left}`);
  };
  const drag = (event) => {
    if (event.buttons !== 1 || wipe.scrollWidth <= wipe.clientWidth) return;
    const box = wipe.getBoundingClientRect();
    range.value = String((100 * (event.clientX - box.left)) / box.width);
    move();
    event.preventDefault();
  };
  wipe.addEventListener("pointerdown", (event) => {
    wipe.setPointerCapture(event.pointerId);
    drag(event);
  });
  wipe.addEventListener("pointermove", drag);
  range.addEventListener("input", move);
  wipe.addEventListener("scroll", move); // in case something else scrolls it, such as a new layout
  new ResizeObserver(move).observe(wipe);
  move();
}

// The share done in a line such as "40%: …" or "… restored 3 of 12 tiles".
function share(line) {
  const [, percent] = line.match(/^(\d+)%/) || [];
  if (percent) return percent / 100;
  const [, done, total] = [...line.matchAll(/\b(\d+) of (\d+)\b/g)].at(-1) || [];
  return total > 1 ? done / total : null;
}

function follow(progress) {
  const address = `/jobs/${progress.dataset.job}`;
  const now = progress.querySelector(".now");
  const bar = progress.querySelector("progress");
  const draft = progress.querySelector(".draft");
  const source = new EventSource(`${address}/events`);
  source.addEventListener("progress", (event) => {
    const line = JSON.parse(event.data);
    now.textContent = line;
    const done = share(line);
    if (done === null) bar.removeAttribute("value");
    else bar.value = done;
  });
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

// A link to a measurement opens the details element around it.
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
