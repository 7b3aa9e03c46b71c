/* Reads a previewed page again when its survey file has changed, and updates the bar as one types. What was typed, how far
   one has scrolled and what is folded away in the bar stay as they were. */
(() => {
  const bar = document.getElementById("preview");
  const here = `preview:${location.pathname}`;
  const fields = () => [...document.querySelectorAll("main form :is(input:not([type=hidden]), textarea, select)")];

  const keep = () => {
    const typed = fields().map((e) => [e.name, e.value, /radio|checkbox/.test(e.type) ? e.checked : null]);
    sessionStorage.setItem(here, JSON.stringify({ typed, at: scrollY }));
  };

  const restore = () => {
    const kept = JSON.parse(sessionStorage.getItem(here) || "null");
    sessionStorage.removeItem(here);
    if (!kept) return;
    for (const [name, value, checked] of kept.typed) {
      const field = fields().find((e) => e.name === name && (checked === null || e.value === value));
      if (!field || (checked === null ? field.value === value : field.checked === checked)) continue;
      if (checked === null) field.value = value;
      else field.checked = checked;
      for (const event of ["input", "change"]) field.dispatchEvent(new Event(event, { bubbles: true }));
    }
    scrollTo(0, kept.at);
  };

  const fold = () => {
    for (const part of bar.querySelectorAll("details[id]")) {
      const folded = sessionStorage.getItem(part.id);
      if (folded) part.open = folded === "open";
    }
  };
  fold();
  bar.addEventListener("toggle", ({ target }) => target.id && sessionStorage.setItem(target.id, target.open ? "open" : "shut"), true);

  /* The path, the values and what is hidden, as they are with what is typed: nothing is stored. */
  const form = document.getElementById("form");
  const look = bar.querySelector("#preview-look button");
  if (form && look) {
    const address = look.getAttribute("formaction");
    let waiting, asked;
    const update = async () => {
      asked?.abort();
      asked = new AbortController();
      const body = new URLSearchParams(new FormData(form));
      const reply = await fetch(address, { method: "POST", body, signal: asked.signal }).catch(() => null);
      const text = reply?.ok && !reply.redirected && (await reply.text().catch(() => ""));
      const fresh = text && new DOMParser().parseFromString(text, "text/html").getElementById("preview-live");
      if (!fresh) return;
      const focused = bar.contains(document.activeElement) && document.activeElement.value;
      fresh.querySelector("#preview-look").hidden = true;
      bar.querySelector("#preview-live").replaceWith(fresh);
      fold();
      if (focused) fresh.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus();
    };
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(update, 250);
    };
    look.parentElement.hidden = true;
    for (const event of ["input", "change"]) form.addEventListener(event, soon);
  }
  restore();
  const news = new EventSource("/preview/news");
  news.onmessage = (event) => {
    if (event.data === bar.dataset.mark) return;
    news.close();
    keep();
    location.replace(location.pathname + location.search);
  };
  addEventListener("pagehide", () => news.close());
})();
