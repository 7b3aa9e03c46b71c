/* Follows conditions and small courtesies while a form is filled in. Every form works without it.
   The evaluator mirrors app/instrument/evaluation.py: null is unknown. */
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

  function finite(number) { return isFinite(number) ? number : null; }
  function same(a, b) { return typeof a === typeof b && a === b; }
  function isNull(value) { return value === null; }
  function add(a, b) { return a + b; }

  function onName(operation, answers, rest) {
    var value = known(answers, rest[0]);
    function chosen(code) { return value.indexOf(code) >= 0; }
    switch (operation) {
      case "get": return value;
      case "answered": return value !== null;
      case "missing": return value === null;
      case "declined": return reason(answers, rest[0]) === "declined";
      case "reason": return reason(answers, rest[0]) === rest[1];
      case "count": return value && value.length;
      case "rank": return value && chosen(rest[1]) ? value.indexOf(rest[1]) + 1 : null;
      case "has": return value && chosen(rest[1]);
      case "any_of": return value && rest[1].slice(1).some(chosen);
      case "all_of": return value && rest[1].slice(1).every(chosen);
    }
  }

  /* The days from one date to another; null where one of them is not in the calendar. */
  function days(from, to) {
    function exists(day) { return isFinite(Date.parse(day)) && new Date(day).toISOString().slice(0, 10) === day; }
    return exists(from) && exists(to) ? (Date.parse(to) - Date.parse(from)) / 864e5 : null;
  }

  /* To the nearest; halves away from zero. */
  function round(value, digits) {
    var power = Math.pow(10, digits), size = Math.abs(value) * power, whole = Math.floor(size);
    return finite((value < 0 ? -1 : 1) * (whole + (size - whole >= 0.5 ? 1 : 0)) / power);
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
    switch (operation) {
      case "<": return a < b;
      case "<=": return a <= b;
      case ">": return a > b;
      case ">=": return a >= b;
      case "+": return finite(a + b);
      case "-": return finite(a - b);
      case "*": return finite(a * b);
      case "/": return finite(a / b);
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
      case "neg": return -values[0];
      case "abs": return Math.abs(values[0]);
      case "not": return !values[0];
      case "year": return part(values[0], 0, 4);
      case "month": return part(values[0], 5, 7);
    }
  }

  /* The value of a condition's tree: true, false, a number, a text, or null where it is unknown. */
  function evaluate(tree, answers) {
    if (!Array.isArray(tree)) return tree;
    var operation = tree[0], rest = tree.slice(1);
    if (/^(get|answered|missing|declined|reason|count|rank|has|any_of|all_of)$/.test(operation)) {
      return onName(operation, answers, rest);
    }
    if (operation === "in") {
      var sought = evaluate(rest[0], answers);
      return sought === null ? null : rest[1].slice(1).some(function (one) { return same(sought, one); });
    }
    if (operation === "if") {
      var holds = evaluate(rest[0], answers);
      return holds === null ? null : evaluate(rest[holds ? 1 : 2], answers);
    }
    var values = rest.map(function (part) { return evaluate(part, answers); });
    if (operation === "and" || operation === "or") {
      var decides = operation === "or";
      return values.indexOf(decides) >= 0 ? decides : values.some(isNull) ? null : !decides;
    }
    if (/^([-+*/]|[=!<>]=|[<>]|days|round)$/.test(operation)) return onPair(operation, values[0], values[1]);
    return onKnown(operation, values.filter(function (value) { return value !== null; }));
  }

  if (typeof module === "object") {
    module.exports = { evaluate: evaluate };
    return;
  }

  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function all(root, selector, act) { each(root.querySelectorAll(selector), act); }

  function code(value) {
    if (value === "~declined") return { missing: "declined" };
    return /^-?\d+$/.test(value) ? +value : value;
  }

  function read(control, answers) {
    var name = control.name, value = control.value.trim();
    if (control.disabled || control.type === "hidden") return;
    if (control.type === "radio" || control.type === "checkbox") {
      if (!control.checked) return;
      if (control.type === "radio") answers[name] = code(value);
      else if (value === "~declined") answers[name.replace("~", "")] = code(value);
      else (answers[name] = answers[name] || []).push(code(value));
    } else if (control.hasAttribute("data-number")) {
      var range = control.getAttribute("data-number").split(" ");
      value = value.replace(/\s+/g, " ").replace("\u2212", "-");
      value = /^-? ?(\d{1,15}|\d{1,3}( \d{3}){1,4})$/.test(value) ? +value.replace(/ /g, "") : NaN;
      if (value >= +range[0] && value <= +range[1]) answers[name] = value;
    } else if (value) answers[name] = control.type === "text" ? value.replace(/\s+/g, " ") : value;
  }

  /* The option that a "please say" line belongs to. */
  function optionOf(line) {
    var names = line.name.split("."), found = null;
    each(line.form.elements, function (control) {
      if (control.name === names[0] && control.value === names[1]) found = control;
    });
    return found;
  }

  /* What is typed beside an option chooses it, as on the server, unless another one is chosen. */
  function choose(line) {
    var option = optionOf(line), other = null;
    each(line.form.elements, function (control) {
      if (control.name === option.name && control.checked) other = control;
    });
    if (line.value && (!other || option.type === "checkbox" && !alone(other))) option.checked = true;
  }

  /* Shows what the answers so far call for, from top to bottom: what is hidden counts as unanswered below it. */
  function settle(form) {
    var answers = JSON.parse(form.getAttribute("data-known") || "{}");
    all(form, "fieldset", function (item) {
      var tree = item.getAttribute("data-if");
      if (tree) item.hidden = item.disabled = evaluate(JSON.parse(tree), answers) !== true;
      all(item, "[data-say]", function (line) {
        line.parentNode.hidden = line.disabled = !optionOf(line).checked;
      });
      if (!item.disabled) all(item, "input,textarea", function (control) { read(control, answers); });
    });
  }

  function alone(control) { return control.hasAttribute("data-alone"); }

  /* Ticking an exclusive option unticks the others, and the other way round. */
  function exclude(ticked) {
    all(ticked.form, "[type=checkbox]", function (other) {
      if (other !== ticked && other.name === ticked.name && (alone(ticked) || alone(other))) other.checked = false;
    });
  }

  /* Declining empties what was typed; thinking better of it brings it back. */
  function decline(box) {
    var field = document.getElementById(box.getAttribute("data-decline"));
    if (box.checked) box.typed = field.value;
    field.value = box.checked ? "" : field.value || box.typed || "";
    tell(field);
  }

  function typed(field) {
    if (field.hasAttribute("data-say")) optionOf(field).checked = true;
    all(field.form, "[data-decline]", function (box) {
      if (box.getAttribute("data-decline") === field.id && field.value) box.checked = false;
    });
    clearTimeout(field.pause);
    field.pause = setTimeout(function () { tell(field); }, 400);
  }

  function tell(field) {
    var line = document.getElementById("n-" + field.name);
    if (!line) return;
    var left = field.getAttribute("data-most") - Array.from(field.value.trim()).length;
    line.textContent = line.getAttribute(left < 0 ? "data-over" : "data-left") + " " + Math.abs(left);
    line.classList.toggle("over", left < 0);
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

  each(document.forms, function (form) {
    form.addEventListener("submit", sending);
    form.addEventListener("change", function (event) {
      if (event.target.type === "checkbox" && event.target.checked) exclude(event.target);
      if (event.target.hasAttribute("data-decline")) decline(event.target);
      settle(form);
    });
    form.addEventListener("input", function (event) {
      if (/^text/.test(event.target.type)) {
        typed(event.target);
        settle(form);
      }
    });
    all(form, "[data-say]", choose);
    settle(form);
  });
  window.addEventListener("pageshow", function () {
    each(document.forms, function (form) { rest(form); settle(form); });
  });
  var summary = document.querySelector(".summary");
  if (summary) summary.focus();
})();
