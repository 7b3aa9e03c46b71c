/* Follows conditions and small courtesies while a form is filled in. Every form works without it.
   The evaluator mirrors app/survey/conditions/evaluator.py: null is unknown. */
(function () {
  "use strict";
  var owns = Object.prototype.hasOwnProperty;

  function known(answers, name) {
    var value = owns.call(answers, name) ? answers[name] : null;
    return value == null || (typeof value === "object" && !Array.isArray(value)) ? null : value;
  }

  function reason(answers, name) {
    var value = owns.call(answers, name) ? answers[name] : null;
    return value ? value.missing : null;
  }

  /* A list that was sent with nothing chosen is empty. */
  function listed(answers, name) { return reason(answers, name) === "skipped" ? [] : known(answers, name); }

  /* Decimals, by the rules of app/survey/conditions/exact.py. */
  function whole(size) { var below = Math.floor(size); return below + (size - below >= 0.5 ? 1 : 0); }
  function gridOf(size) { return size < 4e6 ? 1e9 : size < 4e9 ? 1e6 : 0; }

  function nearest(value) {
    if (typeof value !== "number") return value;
    var size = Math.abs(value), grid = gridOf(size), found = grid && whole(size * grid) / grid;
    return !grid ? value : value < 0 && found ? -found : found;
  }

  /* `size` is that of the larger part of a sum. */
  function settled(value, size) {
    var found = nearest(value);
    return Math.abs(value - found) <= Math.max(Math.abs(value), size || 0) * Math.pow(2, -50) ? found : value;
  }

  /* To the nearest; halves away from zero. */
  function round(value, digits) {
    var size = Math.abs(value), power = Math.pow(10, digits), grid = gridOf(size), unit = grid / power, found;
    if (size * power >= 9e15) return value;
    if (grid > power) found = Math.floor((whole(size * grid) + unit / 2) / unit) / power;
    else found = whole(size * power) / power;
    return value < 0 && found ? -found : found;
  }

  function finite(number) { return isFinite(number) ? settled(number) : null; }
  function same(a, b) { return typeof a === typeof b && (a === b || nearest(a) === nearest(b)); }
  function isNull(value) { return value === null; }
  function add(a, b) { return settled(a + b, Math.max(Math.abs(a), Math.abs(b))); }

  function onName(operation, answers, rest) {
    var value = known(answers, rest[0]), list = listed(answers, rest[0]);
    function chosen(code) { return list.indexOf(code) >= 0; }
    switch (operation) {
      case "get": return value;
      case "asked": return owns.call(answers, rest[0]) && answers[rest[0]] !== null;
      case "answered": return value !== null;
      case "missing": return value === null;
      case "declined": return reason(answers, rest[0]) === "declined";
      case "reason": return reason(answers, rest[0]) === rest[1];
      case "count": return list && list.length;
      case "rank": return list && chosen(rest[1]) ? list.indexOf(rest[1]) + 1 : null;
      case "has": return list && chosen(rest[1]);
      case "any_of": return list && rest[1].slice(1).some(chosen);
      case "all_of": return list && rest[1].slice(1).every(chosen);
    }
  }

  /* The days from one date to another; null where one of them is not in the calendar. */
  function days(from, to) {
    function exists(day) { return isFinite(Date.parse(day)) && new Date(day).toISOString().slice(0, 10) === day; }
    return exists(from) && exists(to) ? (Date.parse(to) - Date.parse(from)) / 864e5 : null;
  }

  function part(date, first, last) {
    var digits = typeof date === "string" ? date.slice(first, last) : "";
    return /^\d+$/.test(digits) ? +digits : null;
  }

  function onPair(operation, a, b) {
    if (a === null || b === null) return null;
    if (operation === "==") return same(a, b);
    if (operation === "!=") return !same(a, b);
    if (typeof a !== typeof b) return null;
    if (/^[<>]/.test(operation)) a = nearest(a), b = nearest(b);
    switch (operation) {
      case "<": return a < b;
      case "<=": return a <= b;
      case ">": return a > b;
      case ">=": return a >= b;
      case "+": return finite(add(a, b));
      case "-": return finite(add(a, -b));
      case "*": return finite(a * b);
      case "/": return nearest(b) ? finite(a / b) : null;
      case "days": return days(a, b);
      case "round": return round(a, b);
    }
  }

  function onKnown(operation, values) {
    if (operation === "known") return values.length;
    if (!values.length) return null;
    switch (operation) {
      case "coalesce": return values[0];
      case "any": return values.indexOf(true) >= 0;
      case "min": return Math.min.apply(null, values);
      case "max": return Math.max.apply(null, values);
      case "sum": return finite(values.reduce(add, 0));
      case "mean": return finite(values.reduce(add, 0) / values.length);
      case "neg": return 0 - values[0];
      case "abs": return Math.abs(values[0]);
      case "not": return !values[0];
      case "year": return part(values[0], 0, 4);
      case "month": return part(values[0], 5, 7);
    }
  }

  /* The value of a condition's tree: true, false, a number, a text, or null where it is unknown. */
  function evaluate(tree, answers, parts) {
    if (!Array.isArray(tree)) return tree;
    var operation = tree[0], rest = tree.slice(1);
    if (operation === "let") return evaluate(rest[1], answers, { trees: rest[0], found: [] });
    if (operation === "part") {
      if (!(rest[0] in parts.found)) parts.found[rest[0]] = evaluate(parts.trees[rest[0]], answers, parts);
      return parts.found[rest[0]];
    }
    if (/^(get|asked|answered|missing|declined|reason|count|rank|has|any_of|all_of)$/.test(operation)) {
      return onName(operation, answers, rest);
    }
    if (operation === "in") {
      var sought = evaluate(rest[0], answers, parts);
      return sought === null ? null : rest[1].slice(1).some(function (one) { return same(sought, one); });
    }
    if (operation === "if") {
      var holds = evaluate(rest[0], answers, parts);
      return holds === null ? null : evaluate(rest[holds ? 1 : 2], answers, parts);
    }
    var values = rest.map(function (part) { return evaluate(part, answers, parts); });
    if (operation === "and" || operation === "or") {
      var decides = operation === "or";
      return values.indexOf(decides) >= 0 ? decides : values.some(isNull) ? null : !decides;
    }
    if (/^[-+*/]$/.test(operation)) return values.reduce(function (a, b) { return onPair(operation, a, b); });
    if (/^([=!<>]=|[<>]|days|round)$/.test(operation)) return onPair(operation, values[0], values[1]);
    return onKnown(operation, values.filter(function (value) { return value !== null; }));
  }

  if (typeof module === "object") {
    module.exports = { evaluate: evaluate };
    return;
  }

  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function all(root, selector, act) { each(root.querySelectorAll(selector), act); }
  function itemOf(control) { return control.closest("fieldset.item"); }
  function isSelect(control) { return control.type === "select-one"; }

  /* --- reading, as app/survey/items does ---------------------------------------------------------------- */

  function code(value) {
    if (value[0] === "~") return { missing: value.slice(1) };
    return /^-?\d+$/.test(value) ? +value : value;
  }

  function latin(text) {
    return text.replace(/[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g, function (digit) {
      return digit.charCodeAt(0) & 15;
    }).replace(/[\u0966-\u096f\u09e6-\u09ef]/g, function (digit) { return digit.charCodeAt(0) - 6 & 15; });
  }

  /* A number as it is typed in the page's language, written in digits with a point; "" for what is not one number. */
  function digits(text, signs) {
    text = latin(text).replace(/\u2212/, "-").replace(/[\u2019\u066c]/g, "'").replace(/\u060c/g, ",");
    text = text.replace(/[\u200e\u200f\u061c]/g, "").replace(/\s+/g, " ").trim();
    if (/^-? ?\d{1,15}$/.test(text)) return text.replace(" ", "");
    var sign = text[0] === "-" ? "-" : "", rest = text.replace(/^- ?/, ""), found = [], own = [];
    each(["", " ", "'", ",", "."], function (group) {
      each(["", ".", ",", "\u066b"], function (point) {
        var apart = "\\" + group, whole = "[1-9]\\d{0,2}(?:G\\d{3}){1,4}|[1-9]\\d?(?:G\\d\\d)+G\\d{3}".replace(/G/g, apart);
        var pattern = "^(?:" + (group ? whole : "\\d{0,15}") + ")" + (point && "\\" + point + "\\d{1,10}") + "$";
        if (group === point || !new RegExp(pattern).test(rest)) return;
        var value = sign + rest.split(group || "x").join("").replace(point || "x", ".");
        if (found.some(function (other) { return +other === +value; })) return;
        found.push(value);
        if (point ? point === signs[1] : group === signs[0]) own.push(value);
      });
    });
    return (found.length > 1 ? own : found).length === 1 ? (found.length > 1 ? own : found)[0] : "";
  }

  /* The number in a field, where it can be taken; otherwise NaN. */
  function number(field) {
    var limits = field.getAttribute("data-number").split(" ");
    var typed = digits(field.value, field.form.getAttribute("data-signs").split("|"));
    var value = typed && (typed.split(".")[1] || "").length <= limits[2] ? +typed : NaN;
    function units(number) { return Math.round(number * Math.pow(10, limits[2])); }
    var fits = !limits[3] || (units(value) - units(limits[0])) % units(limits[3]) === 0;
    return value >= +limits[0] && value <= +limits[1] && fits ? value + 0 : NaN;
  }

  function read(control, answers) {
    var name = control.name, value = control.value.trim();
    if (value.normalize) value = value.normalize("NFC");
    if (control.type === "radio" || control.type === "checkbox") {
      if (!control.checked) return;
      if (control.type === "radio") answers[name] = code(value);
      else if (value[0] === "~") namesOf(control).forEach(function (each) { answers[each] = code(value); });
      else (answers[name] = answers[name] || []).push(code(value));
    } else if (control.hasAttribute("data-number")) {
      if (number(control) === number(control)) answers[name] = number(control);
    } else if (value) answers[name] = isSelect(control) ? code(value) : control.type === "text" ? value.replace(/\s+/g, " ") : value;
  }

  /* The names for which a reason stands in place of answers. */
  function namesOf(box) {
    var names = [];
    if (box.name.indexOf("~") < 0 || itemOf(box).querySelector("[data-rank],[data-date]")) return [box.name.replace("~", "")];
    each(controlsOf(itemOf(box)), function (control) {
      if (control.name !== box.name && names.indexOf(control.name) < 0) names.push(control.name);
    });
    return names;
  }

  /* What can be chosen or typed into, and is not disabled. */
  function controlsOf(root) {
    return Array.prototype.filter.call(root.querySelectorAll("input,textarea,select"), function (control) {
      return control.name && control.type !== "hidden" && !control.matches(":disabled");
    });
  }

  function readRanks(list, answers) {
    var ranked = [], selects = controlsOf(list), top = Math.min(list.getAttribute("data-rank"), selects.length), used = 0;
    each(selects, function (select) {
      if (!select.value) return;
      used++;
      if (select.value <= top) ranked[select.value - 1] = code(select.name.split(".")[1]);
    });
    if (used && ranked.filter(String).length === used && ranked.length === used) answers[itemOf(list).id.slice(2)] = ranked;
  }

  function readDate(fields, answers) {
    var parts = {}, needed = { year: 1, month: 2, day: 3 }[fields.getAttribute("data-date")], iso = "";
    each(controlsOf(fields), function (field) { parts[field.name.split(".")[1]] = latin(field.value.trim()); });
    var whole = ["year", "month", "day"].slice(0, needed).every(function (part) {
      var typed = parts[part];
      iso += (iso && "-") + (part !== "year" && typed.length === 1 ? "0" : "") + typed;
      return part === "year" ? /^\d{4}$/.test(typed) : /^\d\d?$/.test(typed);
    });
    var day = new Date(iso + "-01-01".slice(3 * needed - 3) + "T00:00Z"), between = (fields.getAttribute("data-between") || "0 9").split(" ");
    if (whole && day.getTime() === day.getTime() && day.toISOString().indexOf(iso) === 0 && iso >= between[0] && iso <= between[1]) {
      answers[itemOf(fields).id.slice(2)] = iso;
    }
  }

  /* How much the parts of a sum come to; NaN where one of them is not a number. */
  function together(sums) {
    return controlsOf(sums).reduce(function (sum, field) { return sum + (field.value.trim() ? number(field) : 0); }, 0);
  }

  function readSum(sums, answers) {
    if (together(sums) === +sums.getAttribute("data-total")) {
      each(controlsOf(sums), function (field) { answers[field.name] = number(field) || 0; });
    }
  }

  /* What is chosen on both sides is no answer on either. */
  function differ(sides, answers) {
    var names = controlsOf(sides).map(function (control) { return control.name; });
    var one = names[0], other = names.filter(function (name) { return name !== one; })[0];
    if (answers[one] && answers[one] === answers[other]) delete answers[one], delete answers[other];
  }

  function readItem(item, answers) {
    var apart = item.querySelector("[data-rank],[data-date],[data-total]");
    each(controlsOf(item), function (control) {
      if (!apart || !apart.contains(control)) read(control, answers);
    });
    if (!apart) {
      all(item, ".sides", function (sides) { differ(sides, answers); });
    } else if (apart.hasAttribute("data-rank")) readRanks(apart, answers);
    else if (apart.hasAttribute("data-date")) readDate(apart, answers);
    else readSum(apart, answers);
    leaveOpen(item, answers);
  }

  /* What is shown has been asked once it is sent. What was asked about before and is left open is skipped then. */
  function leaveOpen(item, answers) {
    var id = item.id.slice(2), asked = item.closest("form").querySelector('[name=asked][value="' + id + '"]');
    var whole = item.querySelector("[data-rank],[data-date]");
    each(controlsOf(item), function (control) {
      var name = whole ? id : control.name.replace("~", "");
      if (!control.hasAttribute("data-say") && !owns.call(answers, name)) answers[name] = { missing: asked ? "skipped" : "" };
    });
  }

  /* --- what is shown ----------------------------------------------------------------------------------- */

  function shows(part, answers) {
    var tree = part.getAttribute("data-if");
    return !tree || evaluate(JSON.parse(tree), answers) === true;
  }

  function hide(part, hidden) {
    part.hidden = part.disabled = hidden;
    if (hidden && part.selected) part.selected = false;
  }

  function hasNone(whole) { return whole.hasAttribute("data-any") && !whole.querySelector("[data-if]:not([hidden])"); }

  /* Shows what the answers so far call for, from top to bottom: what is hidden counts as unanswered below it. */
  function settle(form) {
    var answers = JSON.parse(form.getAttribute("data-known") || "{}");
    var items = Array.prototype.slice.call(form.querySelectorAll("fieldset.item"));
    function place(item) { return item.getAttribute("data-at"); }
    if (items.some(place)) items.sort(function (a, b) { return place(a) - place(b); });
    items.forEach(function (item) {
      all(item, "[data-if]", function (part) { hide(part, !shows(part, answers)); });
      all(item, "[data-any]", function (group) { group.hidden = hasNone(group); });
      if (item.hasAttribute("data-if") || item.hasAttribute("data-any")) hide(item, !shows(item, answers) || hasNone(item));
      all(item, "[data-say]", function (line) {
        line.parentNode.hidden = !isOn(optionOf(line)); /* sent all the same: a page with errors brings it back */
      });
      all(item, "[type=range]", follow);
      if (!item.disabled) readItem(item, answers);
    });
  }

  /* --- options that ask to say more, or exclude others -------------------------------------------------- */

  function isOn(option) { return option.checked || option.selected || false; }

  /* The option that a "please say" line belongs to. */
  function optionOf(line) {
    var names = line.name.split("."), found = null;
    each(line.form.elements, function (control) {
      if (control.name === names[0]) each(isSelect(control) ? control.options : [control], function (option) {
        if (option.value === names[1]) found = option;
      });
    });
    return found;
  }

  function alone(control) { return control.hasAttribute("data-alone"); }

  /* Ticking an exclusive option unticks the others, and the other way round. */
  function exclude(ticked) {
    all(ticked.form, "[type=checkbox]", function (other) {
      if (other !== ticked && other.name === ticked.name && (alone(ticked) || alone(other))) other.checked = false;
    });
  }

  /* --- reasons for not answering ------------------------------------------------------------------------ */

  function isFilled(control) { return /radio|checkbox/.test(control.type) ? control.checked : control.value !== ""; }

  /* Giving a reason empties what was chosen or typed; thinking better of it brings that back. */
  function decline(box) {
    var item = itemOf(box), others = controlsOf(item).filter(function (control) { return control.name !== box.name; });
    var filled = others.filter(isFilled);
    if (box.checked && filled.length) {
      item.kept = filled.map(function (control) { return [control, control.value]; });
      filled.forEach(function (control) { if (control.type === "radio") control.checked = false; else control.value = ""; });
    } else if (!box.checked && !filled.length) each(item.kept || [], function (was) {
      if (was[0].type === "radio") was[0].checked = true; else was[0].value = was[1];
    });
    others.forEach(tell);
  }

  function answered(control) {
    all(itemOf(control), "[data-decline]", function (box) { if (isFilled(control) && box.name !== control.name) box.checked = false; });
  }

  function typed(field) {
    answered(field);
    clearTimeout(field.pause);
    field.pause = setTimeout(function () { tell(field); }, 400);
  }

  /* What is left: of a text's characters, of a sum. */
  function tell(field) {
    var line = document.getElementById("n-" + field.name), sums = field.closest("[data-total]"), left;
    if (sums) {
      line = sums.querySelector(".together");
      left = sums.getAttribute("data-total") - together(sums);
    } else if (line) left = field.getAttribute("data-most") - Array.from(field.value.trim()).length;
    if (!line || left !== left) return;
    line.hidden = false;
    line.textContent = line.getAttribute(left < 0 ? "data-over" : left || !sums ? "data-left" : "data-even") + " " +
      (left || !sums ? Math.abs(left) : "\u2713").toLocaleString(document.documentElement.lang);
    line.classList.toggle("over", left < 0);
    line.classList.toggle("even", !left);
  }

  /* --- ranks -------------------------------------------------------------------------------------------- */

  /* After a place was chosen for one option (`was`: the one it had), the others make room or close up. */
  function rank(select, was) {
    var list = select.closest("[data-rank]"), top = +list.getAttribute("data-rank"), now = +select.value;
    var others = controlsOf(list).filter(function (other) { return other !== select && other.value; });
    function at(place) { return others.filter(function (other) { return +other.value === place; })[0]; }
    function move(from, to, by) {
      others.forEach(function (other) { if (other.value >= from && other.value <= to) other.value = +other.value + by || ""; });
    }
    if (!now) move(was, top, -1);
    else if (was && was < now) move(was, now, -1);
    else {
      var free = now;
      while (free < (was || top + 1) && at(free)) free++;
      var last = free > top && at(top);
      move(now, free - 1, 1);
      if (last) last.value = "";
    }
    controlsOf(list).forEach(function (each) { each.was = +each.value; });
  }

  function tap(row) {
    var select = row.querySelector("select"), list = row.closest("[data-rank]"), free = 1;
    var taken = controlsOf(list).map(function (one) { return +one.value; });
    while (taken.indexOf(free) >= 0) free++;
    if (select.disabled || !select.value && free > list.getAttribute("data-rank")) return;
    var was = +select.value;
    select.value = was ? "" : free;
    rank(select, was);
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* --- numbers that can be dragged to: without a thumb until they are touched ------------------------------ */

  function draggable(track) {
    var ends = track.getAttribute("data-slider").split(" "), range = document.createElement("input");
    range.type = "range";
    range.min = ends[0];
    range.max = ends[1];
    range.step = ends[2];
    range.setAttribute("aria-labelledby", itemOf(track).querySelector(".ask").id);
    range.setAttribute("aria-describedby", itemOf(track).querySelector("[data-number]").getAttribute("aria-describedby"));
    track.appendChild(range);
    document.getElementById("r-" + itemOf(track).id.slice(2)).textContent = track.getAttribute("data-tap");
  }

  /* The thumb follows the number, and is hidden while there is none. */
  function follow(range) {
    var field = itemOf(range).querySelector("[data-number]"), value = number(field), none = value !== value;
    range.value = none ? (+range.min + +range.max) / 2 : value;
    range.classList.toggle("untouched", none);
    range.setAttribute("aria-valuetext", none ? range.parentNode.getAttribute("data-none") : field.value);
  }

  function slide(range) {
    var field = itemOf(range).querySelector("[data-number]");
    field.value = range.value.replace(".", range.form.getAttribute("data-signs").split("|")[1]);
    answered(field);
    settle(range.form);
  }

  function sending(event) {
    var form = event.target;
    if (form.sent) return event.preventDefault();
    form.sent = true;
    setTimeout(function () { all(form, "button", function (button) { button.disabled = true; }); }, 0);
    setTimeout(function () { rest(form); }, 8000);
  }

  function rest(form) {
    form.sent = false;
    all(form, "button", function (button) { button.disabled = false; });
  }

  function changed(control) {
    if (control.type === "checkbox" && control.checked) exclude(control);
    if (control.hasAttribute("data-decline")) decline(control);
    else if (control.name) answered(control);
    if (control.closest(".choice")) all(control.closest(".choice"), "input", function (other) { if (other !== control) other.checked = false; });
    if (control.closest(".rank") && (control.was || 0) !== +control.value) rank(control, control.was || 0);
  }

  each(document.forms, function (form) {
    form.addEventListener("submit", sending);
    form.addEventListener("change", function (event) {
      if (itemOf(event.target)) changed(event.target);
      settle(form);
    });
    form.addEventListener("input", function (event) {
      if (event.target.type === "range") slide(event.target);
      else if (/^text/.test(event.target.type) && itemOf(event.target)) {
        typed(event.target);
        settle(form);
      }
    });
    /* A thumb that is touched where it is hidden does not change, and a finger does not click it. */
    form.addEventListener("pointerup", function (event) {
      if (event.target.type === "range") slide(event.target);
    });
    form.addEventListener("click", function (event) {
      var row = event.target.closest(".rank");
      if (row && event.target.localName !== "select" && event.target.localName !== "option") {
        event.preventDefault();
        tap(row);
      }
    });
    all(form, "[data-rank]", function (list) {
      document.getElementById("w-" + itemOf(list).id.slice(2)).textContent = list.getAttribute("data-tap");
      all(list, "select", function (select) { select.was = +select.value; });
    });
    all(form, "[data-slider]", draggable);
    all(form, "[data-total] input", function (field) { if (field.value) tell(field); });
    settle(form);
  });
  window.addEventListener("pageshow", function () {
    each(document.forms, function (form) { rest(form); settle(form); });
  });
  all(document, "[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  all(document, "[data-copy]", function (button) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", function () {
      var code = document.getElementById(button.getAttribute("data-copy")).textContent;
      navigator.clipboard.writeText(code).then(function () {
        button.textContent = button.getAttribute("data-done");
        button.setAttribute("role", "status");
      });
    });
  });
  var summary = document.querySelector(".summary");
  if (summary) summary.focus();
})();
