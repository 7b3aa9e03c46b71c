/* Public results: few charts are open at once, and the page moves on with each release. Without the script each chart opens
   on request, and a reload shows what is new. */
(function () {
  "use strict";
  var EVERY = 20000;  /* milliseconds between looks for a new release, while the page is seen */
  var FEW = 6;  /* charts that are open from the beginning */
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };

  if (all("details.fold").length <= FEW) { all("details.fold").forEach(function (fold) { fold.open = true; }); }
  window.addEventListener("beforeprint", function () { all("details.fold, details.groups").forEach(function (fold) { fold.open = true; }); });

  var results = document.getElementById("results");
  if (!results || !window.fetch || !window.DOMParser) { return; }

  /* What was open stays open, and what is at the top of the window stays there. */
  function replace(fresh) {
    var open = all("details[id]", results).map(function (each) { return each.open ? each.id : ""; });
    var at = all("[id]", results).filter(function (each) { return each.offsetHeight && each.getBoundingClientRect().bottom > 0; })[0];
    var top = at && at.getBoundingClientRect().top, focused = document.activeElement && document.activeElement.parentNode && document.activeElement.parentNode.id;
    all("details[id]", fresh).forEach(function (each) { each.open = open.indexOf(each.id) >= 0; });
    results.parentNode.replaceChild(fresh, results);
    results = fresh;
    var now = at && document.getElementById(at.id);
    if (now && window.pageYOffset) { window.scrollBy(0, now.getBoundingClientRect().top - top); }
    var again = focused && document.getElementById(focused), summary = again && again.querySelector("summary");
    if (summary) { summary.focus({ preventScroll: true }); }
    var status = document.getElementById("moved");
    status.textContent = "";
    status.textContent = status.getAttribute("data-words");
  }

  function look() {
    if (document.hidden) { return; }
    fetch(results.getAttribute("data-release"), { credentials: "same-origin" }).then(function (answer) {
      return answer.ok ? answer.text() : results.getAttribute("data-number");
    }).then(function (number) {
      if (number.trim() === results.getAttribute("data-number")) { return null; }
      return fetch(window.location.href, { credentials: "same-origin" }).then(function (answer) { return answer.ok ? answer.text() : ""; });
    }).then(function (page) {
      var fresh = page && new DOMParser().parseFromString(page, "text/html").getElementById("results");
      if (fresh) { replace(document.importNode(fresh, true)); }
    }).catch(function () { /* offline: the next look may find it */ });
  }

  window.setInterval(look, EVERY);
  document.addEventListener("released", look);  /* room.js hears of it at once */
  document.addEventListener("visibilitychange", look);
})();
