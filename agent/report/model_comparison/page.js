"use strict";
for (const slider of document.querySelectorAll(".slider")) {
  const find = (query) => slider.querySelector(query);
  const layers = find(".layers"), seam = find("input");
  const left = find("select.left"), right = find("select.right");
  const versions = [...slider.querySelectorAll(".version")];
  const label = (select) => select.selectedOptions[0].textContent;
  const show = () => {
    for (const version of versions) {
      version.classList.toggle("over", version.dataset.model === left.value);
      version.classList.toggle("under", version.dataset.model === right.value);
    }
    layers.style.setProperty("--at", `${seam.value / 10}%`);
    find(".left-name").textContent = label(left);
    find(".right-name").textContent = label(right);
    seam.setAttribute("aria-valuetext", `${Math.round(seam.value / 10)} % ${label(left)}`);
  };
  const move = (event) => {
    const box = layers.getBoundingClientRect();
    seam.value = 1000 * (event.clientX - box.left) / box.width;
    show();
  };
  layers.addEventListener("pointerdown", (event) => {
    layers.setPointerCapture(event.pointerId);
    move(event);
  });
  layers.addEventListener("pointermove", (event) => event.buttons && move(event));
  for (const control of [seam, left, right]) control.addEventListener("input", show);
  show();
}
