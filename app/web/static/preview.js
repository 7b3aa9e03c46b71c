/* Reads a previewed page again when its survey file has changed. What was typed, how far one has scrolled and what
   is folded away in the bar stay as they were. */
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

  for (const part of bar.querySelectorAll("details[id]")) {
    const folded = sessionStorage.getItem(part.id);
    if (folded) part.open = folded === "open";
    part.addEventListener("toggle", () => sessionStorage.setItem(part.id, part.open ? "open" : "shut"));
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
