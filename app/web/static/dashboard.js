/* Keeps an open dashboard current: each event holds fragments of the page by the id of what they replace. */
(function () {
  "use strict";
  var figures = document.getElementById("figures"), state = document.getElementById("live-state");
  if (!figures || !window.EventSource) { return; }

  function say(words, kind) {
    state.hidden = false;
    if (state.textContent !== words) { state.textContent = words; }
    state.className = "live-state " + kind;
  }

  function isOpen(element) { return element.open; }

  function swap(id, html) {
    var old = document.getElementById(id);
    if (!old) { return; }
    var box = document.createElement("template");
    box.innerHTML = html;
    var fresh = box.content.firstElementChild;
    if (!fresh) { return; }
    var before = old.querySelectorAll("details"), after = fresh.querySelectorAll("details");
    for (var place = 0; place < before.length && place < after.length; place += 1) {
      if (isOpen(before[place])) { after[place].open = true; }
    }
    if (old.contains(document.activeElement) && document.activeElement.tagName === "SUMMARY") {
      var summaries = Array.prototype.slice.call(old.querySelectorAll("summary"));
      var focused = summaries.indexOf(document.activeElement);
      old.replaceWith(fresh);
      var again = fresh.querySelectorAll("summary")[focused];
      if (again) { again.focus({ preventScroll: true }); }
      return;
    }
    old.replaceWith(fresh);
  }

  var source = null, address = figures.getAttribute("data-live");

  function listen() {
    if (source) { return; }
    source = new EventSource(address);
    source.addEventListener("open", function () { say("live", "on"); });
    source.addEventListener("error", function () {
      if (this.readyState === EventSource.CLOSED) { say("no longer live: reload the page", "off"); } else { say("connecting again …", "off"); }
    });
    source.addEventListener("figures", function (event) {
      var fragments = JSON.parse(event.data);
      Object.keys(fragments).forEach(function (id) { swap(id, fragments[id]); });
      address = address.replace(/seen=[^&]*/, "seen=" + event.lastEventId);
    });
  }

  function rest() {
    if (source) { source.close(); }
    source = null;
  }

  /* A browser keeps six connections to one site: tabs that nobody looks at must not hold them all. */
  document.addEventListener("visibilitychange", function () { if (document.hidden) { rest(); } else { listen(); } });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { window.location.reload(); } });
  if (!document.hidden) { listen(); }
}());
