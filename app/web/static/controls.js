/* The control bar: what is typed narrows a list, chosen answers are counted, a name is put into the condition. The bar
   works without it. */
(function () {
  "use strict";
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };

  /* --- lists that narrow as one types --- */

  all("[data-needs-script]").forEach(function (each) { each.hidden = false; });

  function narrow(input) {
    var list = document.getElementById(input.getAttribute("data-narrows"));
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    var matches = function (text) { return words.every(function (word) { return text.toLowerCase().indexOf(word) >= 0; }); };
    all("li", list).forEach(function (each) {
      var section = each.closest("section"), heading = section && list.contains(section) ? section.querySelector("h2").textContent : "";
      each.hidden = !matches(heading + " " + each.textContent);
    });
    all("section", list).forEach(function (section) { section.hidden = !section.querySelector("li:not([hidden])"); });
  }
  document.addEventListener("input", function (event) {
    if (event.target.hasAttribute && event.target.hasAttribute("data-narrows")) { narrow(event.target); }
  });
  /* Enter in the search chooses what is left, if it is one. */
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.hasAttribute || !event.target.hasAttribute("data-narrows")) { return; }
    event.preventDefault();
    var left = all("li:not([hidden]) button", document.getElementById(event.target.getAttribute("data-narrows")));
    if (left.length === 1) { left[0].click(); }
  });
  document.addEventListener("toggle", function (event) {
    if (!event.target.matches || !event.target.matches("details.menu") || !event.target.open) { return; }
    var seek = event.target.querySelector("#where") || event.target.querySelector("[data-narrows]");
    if (seek && window.matchMedia("(hover: hover)").matches) { seek.focus({ preventScroll: true }); }
  }, true);

  /* --- how many responses have one of the chosen answers --- */

  function sum(choices) {
    var n = 0, some = false;
    all("input[type=checkbox]:checked", choices).forEach(function (box) {
      some = true;
      n += Number(box.getAttribute("data-n"));
    });
    var button = choices.closest("form").querySelector("button.main");
    button.textContent = some ? "Show " + n.toLocaleString("en") : "Show";
  }
  all("[data-sums]").forEach(function (choices) {
    choices.addEventListener("change", function () { sum(choices); });
    sum(choices);
  });

  /* --- names for the condition --- */

  all("#condition-names li").forEach(function (entry) {
    var code = entry.querySelector("code"), button = document.createElement("button");
    button.type = "button";
    button.textContent = code.textContent;
    code.replaceWith(button);
  });
  document.addEventListener("click", function (event) {
    var entry = event.target.closest && event.target.closest("#condition-names li button");
    var field = document.getElementById("where");
    if (!entry || !field) { return; }
    field.setRangeText(entry.textContent, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  });
}());
