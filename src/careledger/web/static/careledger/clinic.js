// The timer runs on the server. This shows its seconds, tells the server whether anyone is looking, and finds keys.
(() => {
  "use strict";
  const token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
  const slot = () => document.getElementById("timer");
  const two = (n) => String(n).padStart(2, "0");
  const clock = (s) => `${s >= 3600 ? Math.floor(s / 3600) + ":" : ""}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  let shown = Date.now();

  function tick() {
    const face = document.querySelector("[data-seconds]");
    if (!face) return;
    const runs = face.dataset.running === "1" ? Math.floor((Date.now() - shown) / 1000) : 0;
    face.textContent = clock(Number(face.dataset.seconds) + runs);
  }
  async function tell(path) {
    const sent = await fetch(path, { method: "POST", headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
    if (sent.status === 200 && slot()) { slot().innerHTML = await sent.text(); window.htmx.process(slot()); shown = Date.now(); tick(); }
  }
  const runs = () => document.querySelector("[data-running='1']");
  document.addEventListener("visibilitychange", () => {
    if (!runs()) return;
    if (document.visibilityState === "hidden") navigator.sendBeacon ? leave() : tell("/time/timer/hidden/");
    else tell("/time/timer/seen/");
  });
  function leave() {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", token());
    navigator.sendBeacon("/time/timer/hidden/", form);
  }
  // What scrolls sideways can be reached and scrolled by keyboard.
  const reach = () => document.querySelectorAll(".scroll").forEach((one) => {
    if (one.scrollWidth > one.clientWidth) one.tabIndex = 0; else one.removeAttribute("tabindex");
  });
  window.addEventListener("resize", reach);
  document.addEventListener("htmx:afterSwap", reach);
  reach();
  setInterval(tick, 1000);
  setInterval(() => { if (runs() && document.visibilityState === "visible") tell("/time/timer/seen/").catch(() => {}); }, 60000);
  document.addEventListener("htmx:afterSwap", () => { shown = Date.now(); tick(); });
  tick();

  // Keys: "/" finds a patient, "j" and "k" walk a list, "x" chooses a row, "t" presses the page's timer button; never while
  // someone types.
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const named = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (named) { event.preventDefault(); named.matches("input, select") ? named.focus() : named.click(); return; }
    if (event.key === "x") {
      const box = event.target.closest("tr")?.querySelector("[data-choose]");
      if (box) { box.checked = !box.checked; event.preventDefault(); }
      return;
    }
    if (event.key !== "j" && event.key !== "k") return;
    const rows = [...document.querySelectorAll("[data-row]")];
    const next = rows.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    rows[Math.max(0, Math.min(next, rows.length - 1))]?.focus();
  });
  document.addEventListener("click", (event) => {
    const text = event.target.closest("[data-note]");
    const note = document.querySelector("textarea[name='note']");
    if (text && note) { note.value = note.value ? `${note.value}\n${text.dataset.note}` : text.dataset.note; note.focus(); }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-choose-all]")) return;
    const boxes = [...document.querySelectorAll("[data-choose]")];
    const on = boxes.some((box) => !box.checked);
    boxes.forEach((box) => { box.checked = on; });
  });
  document.addEventListener("submit", (event) => {
    const sent = event.target;
    if (sent.dataset.sent) { event.preventDefault(); return; }
    if (sent.method === "post") { sent.dataset.sent = "1"; setTimeout(() => delete sent.dataset.sent, 4000); }
  });
})();
