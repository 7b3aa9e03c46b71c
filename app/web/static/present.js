/* A poll on a projector: the count is live, a key does what its button says, and the page is replaced in place, since
   another page would end the full screen. Without the script the buttons work, and the page reloads by itself. */
(function () {
  "use strict";
  var hall = document.getElementById("hall"), source = null, busy = false, again = false;
  if (!hall || !window.fetch || !window.EventSource || !window.DOMParser) { return; }

  function button(key) { return document.querySelector("[data-key=\"" + key + "\"]"); }

  function replace(page) {
    var fresh = new DOMParser().parseFromString(page, "text/html").getElementById("hall");
    if (!fresh) { window.location.reload(); return; }
    var focused = document.activeElement && document.activeElement.id, table = document.getElementById("table");
    fresh = document.importNode(fresh, true);
    hall.parentNode.replaceChild(fresh, hall);
    hall = fresh;
    var now = document.getElementById("table"), at = focused && document.getElementById(focused);
    if (now && table) { now.open = table.open; }
    if (at) { at.focus({ preventScroll: true }); }
    ready();
  }

  /* One request at a time: what comes in between is looked at after it. */
  function request(options) {
    if (busy) { again = true; return; }
    busy = true;
    fetch(window.location.href, options).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.text();
    }).then(replace).catch(function (fault) {
      if (/^(401|403|404)$/.test(fault.message)) { window.location.reload(); }
    }).then(function () {
      busy = false;
      if (again) { again = false; request({ credentials: "same-origin" }); }
    });
  }

  function send(pressed) {
    var fields = new URLSearchParams(new FormData(pressed.form));
    fields.append(pressed.name, pressed.value);
    request({ method: "POST", credentials: "same-origin", body: fields });
  }

  /* Keys can be turned off, for those who dictate or use another program's keys. */
  function hasKeys() {
    try { return window.localStorage.getItem("opinion-keys") !== "off"; } catch (fault) { return true; }
  }
  function toggleKeys() {
    try { window.localStorage.setItem("opinion-keys", hasKeys() ? "off" : "on"); } catch (fault) { /* they stay on */ }
    ready();
  }

  function fullScreen() {
    if (document.fullscreenElement) { document.exitFullscreen(); } else { document.documentElement.requestFullscreen(); }
  }

  function ready() {
    var full = button("f");
    if (full && document.documentElement.requestFullscreen) { full.hidden = false; }
    var keys = document.getElementById("keys");
    if (keys) { keys.hidden = false; keys.setAttribute("aria-pressed", String(hasKeys())); }
    document.documentElement.classList.toggle("keyless", !hasKeys());
  }

  function listen() {
    if (source) { return; }
    source = new EventSource(hall.getAttribute("data-live"));
    source.addEventListener("room", function (event) {
      var said = JSON.parse(event.data), count = document.getElementById("count");
      if (said.mark !== hall.getAttribute("data-mark")) { request({ credentials: "same-origin" }); }
      else if (count && said.count && count.textContent !== said.count) {
        count.textContent = said.count;
      }
    });
    source.addEventListener("error", function () {
      if (source && source.readyState === EventSource.CLOSED) { rest(); window.setTimeout(function () { if (!document.hidden) { listen(); } }, 3000); }
    });
  }
  function rest() {
    if (source) { source.close(); }
    source = null;
  }

  document.addEventListener("click", function (event) {
    var pressed = event.target.closest && event.target.closest("[data-key]");
    if (event.target.id === "keys") { toggleKeys(); return; }
    if (!pressed || pressed.localName !== "button") { return; }
    if (pressed.form) { event.preventDefault(); send(pressed); } else { fullScreen(); }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" ? document.fullscreenElement : !hasKeys()) { return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) { return; }
    var pressed = button(event.key.toLowerCase());
    if (!pressed || pressed.hidden) { return; }
    event.preventDefault();
    pressed.click();
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden) { rest(); } else { listen(); } });
  window.addEventListener("pagehide", rest);
  ready();
  if (!document.hidden) { listen(); }
}());
