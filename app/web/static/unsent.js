/* Keeps what is typed and not yet sent in this tab's session storage, so that neither Back nor a reload loses it. It is
   removed as soon as the server has stored it, and when the device is to forget. What identifies somebody or is
   sensitive is never kept. Runs before form.js, which then finds the fields as they were left. */
(function () {
  "use strict";
  var PREFIX = "opinion unsent ", GONE = "opinion gone";
  var storage, form = document.getElementById("form"), survey = location.pathname.split("/")[2] || "";

  /* A page with errors that the browser may not keep is asked for anew by Back: its form is not sent again. */
  if (form && form.hasAttribute("data-no-store") && history.replaceState) {
    history.replaceState(history.state, "", location.href);
  }

  try {
    storage = window.sessionStorage;
    storage.getItem(GONE);
  } catch (refused) { return; }

  function each(list, act) { Array.prototype.forEach.call(list, act); }

  function write(name, text) {
    try { storage.setItem(name, text); } catch (full) { storage.removeItem(name); }
  }

  function read(name) {
    try { return JSON.parse(storage.getItem(name)); } catch (damaged) { return null; }
  }

  /* Removes what is unsent of which `act` says so; it is given their names in parts: survey, response, section. */
  function clear(act) {
    Object.keys(storage).forEach(function (name) {
      if (name.indexOf(PREFIX) === 0 && act(name.slice(PREFIX.length).split(" "), name)) storage.removeItem(name);
    });
  }

  function ofSurvey(parts) { return parts[0] === survey; }

  /* The end of the token, which leads nobody to the response. */
  function response() { return form && form.elements.token ? form.elements.token.value.slice(-8) : ""; }

  function leave(response) {
    if (response) write(GONE, (storage.getItem(GONE) || "") + " " + response);
    storage.removeItem("opinion here " + survey);
  }

  /* --- one page ---------------------------------------------------------------------------------------- */

  function controls() {
    return Array.prototype.filter.call(form.elements, function (control) {
      return control.name && /^(INPUT|TEXTAREA|SELECT)$/.test(control.tagName) && control.type !== "hidden" &&
        control.closest("fieldset.item") && !control.closest("[data-private]");
    });
  }

  function isTicked(control) { return control.type === "radio" || control.type === "checkbox"; }

  function servedOption(select) {
    var found = "";
    each(select.options, function (option) { if (option.defaultSelected) found = option.value; });
    return found;
  }

  /* What is chosen and typed; with `served`, as it came from the server. */
  function state(served) {
    var found = {};
    controls().forEach(function (control) {
      var list = found[control.name] = found[control.name] || [];
      if (isTicked(control)) {
        if (served ? control.defaultChecked : control.checked) list.push(control.value);
      } else if (control.tagName === "SELECT") list.push(served ? servedOption(control) : control.value);
      else list.push(served ? control.defaultValue : control.value);
    });
    return found;
  }

  /* In one order: the parts of a date stand in another one in another language. */
  function text(found) { return JSON.stringify(found, Object.keys(found).sort()); }

  function restore(left) {
    controls().forEach(function (control) {
      var values = left[control.name];
      if (!values) return;
      if (isTicked(control)) control.checked = values.indexOf(control.value) >= 0;
      else if (values.length) control.value = values[0];
    });
  }

  var key = "", bases = [], served = "";

  function save() {
    var now = text(state());
    if (now === served && bases.length === 1) storage.removeItem(key);
    else write(key, JSON.stringify({ bases: bases, now: now }));
  }

  /* Whether this page came in answer to a form that was taken. */
  function isAcknowledged(arrival) { return arrival && arrival.type === "navigate" && arrival.redirectCount > 0; }

  function open() {
    var arrival = window.performance && performance.getEntriesByType && performance.getEntriesByType("navigation")[0];
    var left = read(key);
    served = text(state(true));
    bases = [served];
    clear(function (parts) { return ofSurvey(parts) && parts[1] !== response(); });
    if (isAcknowledged(arrival)) clear(function (parts, name) { return ofSurvey(parts) && (read(name) || {}).sent; });
    if (!left || !storage.getItem(key)) return;
    if (left.bases.indexOf(served) >= 0) {  // nothing has been stored since it was typed
      bases = left.bases;
      restore(JSON.parse(left.now));
    } else if ((left.sent || left.now === served) && arrival && arrival.type === "navigate") {
      // it came back, not stored yet; in another language numbers are written otherwise
      bases = left.bases.concat(served);
      save();
    } else storage.removeItem(key);
  }

  function sending(event) {
    var target = event.target, action = target.action ? new URL(target.action, location.href).pathname : "";
    if (/\/(forget|withdraw)$/.test(action)) {
      leave(storage.getItem("opinion here " + survey));
      clear(function () { return true; });
    } else if (target.elements.anew && action === "/s/" + survey) {
      leave(storage.getItem("opinion here " + survey));
      clear(ofSurvey);
    } else if (target === form && key && read(key)) {
      var left = read(key);
      left.sent = true;
      write(key, JSON.stringify(left));
    }
  }

  /* A page that the browser still has must not be seen by the next person. */
  function isGone() { return response() && (storage.getItem(GONE) || "").split(" ").indexOf(response()) >= 0; }

  function turnAway() {
    if (!isGone()) return false;
    document.documentElement.hidden = true;
    location.replace("/s/" + survey + "/done");
    return true;
  }

  document.addEventListener("submit", sending, true);
  window.addEventListener("pageshow", function (event) { if (event.persisted) turnAway(); });
  if (/^\/s\/[^/]+\/done$/.test(location.pathname)) {
    leave(storage.getItem("opinion here " + survey));
    clear(ofSurvey);
  } else if (form && form.elements.version && !turnAway()) {
    key = PREFIX + [survey, response(), location.pathname.split("/")[3]].join(" ");
    write("opinion here " + survey, response());
    open();
    document.addEventListener("input", save);  // after form.js, which listens at the form
    document.addEventListener("change", save);
  }
}());
