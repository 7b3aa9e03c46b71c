/* A page of a presented poll moves on with the presenter, and its results with each release. A room of phones does not ask
   for everything in the same moment. Without the script a page that waits reloads by itself, and results on request. */
(function () {
  "use strict";
  var SPREAD = 1500, GAP = 4000, RETRY = 10000;  /* milliseconds */
  var source = null, moved = 0, waiting = false;
  function room() { return document.getElementById("room"); }
  if (!room() || !window.EventSource) { return; }

  function soon(act, least) { window.setTimeout(act, (least || 0) + Math.random() * SPREAD); }

  function moveOn() {
    if (waiting) { return; }
    waiting = true;
    soon(function () {
      waiting = false;
      moved = Date.now();
      document.dispatchEvent(new Event("released"));
    }, Math.max(0, moved + GAP - Date.now()));
  }

  /* What is typed, or was returned as too late, stays until it is sent; the server says if the poll takes no answers. */
  function hasUnsent() {
    var returned = document.querySelector("main .summary[role=alert]");
    return Array.prototype.some.call(document.querySelectorAll("main form textarea, main form input:not([type=hidden])"), function (field) {
      return returned || field.checked !== field.defaultChecked || (field.type !== "checkbox" && field.value !== field.defaultValue);
    });
  }

  /* What is typed can be given up for the next question, whose address the server knows. */
  function offerNext(isThere) {
    var link = document.getElementById("gone-on");
    if (link) { link.hidden = !isThere; }
  }

  function rest() {
    if (source) { source.close(); }
    source = null;
  }

  function listen() {
    var at = room();
    if (source || !at) { return; }
    source = new EventSource(at.getAttribute("data-room"));
    source.addEventListener("room", function (event) {
      var said = JSON.parse(event.data), shows = room().getAttribute("data-state"), results = document.getElementById("results");
      var next = said.state.indexOf("at ") || room().hasAttribute("data-left") ? "" : "/s/" + said.state.slice(3);
      offerNext(next && hasUnsent());
      if (next || (shows && shows !== said.state)) {
        if (hasUnsent()) { return; }
        rest();
        soon(function () { if (hasUnsent()) { listen(); } else { window.location.replace(next || window.location.href); } });
      } else if (results && said.release && said.release !== results.getAttribute("data-number")) { moveOn(); }
    });
    source.addEventListener("error", function () {
      if (source && source.readyState === EventSource.CLOSED) {
        rest();
        window.setTimeout(function () { if (!document.hidden) { listen(); } }, RETRY);
      }
    });
  }

  document.addEventListener("visibilitychange", function () { if (document.hidden) { rest(); } else { listen(); } });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { window.location.reload(); } });
  if (!document.hidden) { listen(); }
}());
