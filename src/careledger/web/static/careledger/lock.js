// The curtain of the idle lock. The server decides; this hides the page in time, and asks who is there without leaving it.
(() => {
  "use strict";
  const curtain = document.getElementById("lock");
  if (!curtain) return;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const said = document.getElementById("lock-said");
  const word = document.getElementById("lock-word");
  const send = (path, body) => fetch(path, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
  let moved = Date.now();
  let told = Date.now();
  let ends = Date.now() + Number(document.body.dataset.lock) * 1000;

  function draw() {
    if (curtain.open) return;
    document.documentElement.dataset.locked = "1";
    curtain.showModal();
    word.focus();
  }
  function open(left) {
    ends = Date.now() + left * 1000;
    if (!curtain.open) return;
    delete document.documentElement.dataset.locked;
    word.value = "";
    said.textContent = "";
    curtain.close();
  }
  async function ask() {
    const answer = await fetch("/access/state/");
    if (answer.redirected) { location.reload(); return; }
    if (!answer.ok) return;
    const { locked, left_s: left } = await answer.json();
    if (locked || left <= 0) { if (!locked) await send("/access/lock/"); draw(); } else open(left);
  }
  const quietly = (promise) => promise.catch(() => {});

  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(kind, () => { moved = Date.now(); }, { passive: true, capture: true });
  }
  setInterval(() => {
    if (curtain.open) return;
    if (moved > told && Date.now() - told > 30000) {
      told = Date.now();
      ends = told + Number(document.body.dataset.lock) * 1000;
      quietly(send("/access/here/"));
    } else if (Date.now() >= ends) quietly(ask());
  }, 1000);
  window.addEventListener("focus", () => quietly(ask()));
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.getResponseHeader("X-Locked")) draw(); });
  curtain.addEventListener("cancel", (event) => event.preventDefault());
  curtain.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      const answer = await send("/access/unlock/", new FormData(event.target));
      if (answer.status === 204) { await ask(); return; }
      said.textContent = answer.status < 500 ? await answer.text() : "The clinic does not answer. Try again.";
    } catch { said.textContent = "No connection to the clinic. Try again."; }
    word.select();
  }, true);
})();
