/* An open dashboard: live figures, menus, the search of the contents, sections that an address opens. The page works
   without it. */
(function () {
  "use strict";
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };

  var sight = null;  /* what of the page is in the window */

  /* --- live figures: each event holds fragments of the page by the id of what they replace --- */

  /* What is in the window: the rest of a long page is sent less often. `moved` is called when that has changed. */
  function observed(moved) {
    var near = {};
    var observer = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) { if (entry.isIntersecting) { near[entry.target.id] = true; } else { delete near[entry.target.id]; } });
      moved();
    });
    all("[data-part]").forEach(function (part) { observer.observe(part); });
    return {
      ids: function () { return Object.keys(near); },
      replaced: function (old, fresh) { observer.unobserve(old); if (fresh.hasAttribute("data-part")) { observer.observe(fresh); } }
    };
  }

  /* What was opened or focused stays so. */
  function swap(id, html) {
    var old = document.getElementById(id);
    if (!old) { return; }
    var box = document.createElement("template");
    box.innerHTML = html;
    var fresh = box.content.firstElementChild;
    if (!fresh) { return; }
    if (fresh.hasAttribute("data-reload")) { window.location.reload(); return; }
    var before = all("details", old), after = all("details", fresh);
    for (var place = 0; place < before.length && place < after.length; place += 1) {
      after[place].open = before[place].open;
    }
    var focusable = "summary, a, button, input, [tabindex]", at = old.contains(document.activeElement) ? all(focusable, old).indexOf(document.activeElement) : -1;
    old.replaceWith(fresh);
    if (sight) { sight.replaced(old, fresh); }
    var again = at < 0 ? null : all(focusable, fresh)[at];
    if (again) { again.focus({ preventScroll: true }); }
  }

  /* The first chart that begins in the window stays where it is, whatever becomes longer above it. */
  function inPlace(change) {
    var at = all("main article[id]").filter(function (each) {
      var box = each.getBoundingClientRect();
      return box.height && box.top >= 0 && box.top < window.innerHeight;
    })[0];
    var top = at && at.getBoundingClientRect().top;
    change();
    var now = at && document.getElementById(at.id);
    if (now && window.scrollY) { window.scrollBy(0, now.getBoundingClientRect().top - top); }
  }

  function follow(figures, state) {
    var source = null, address = figures.getAttribute("data-live"), seen = Number(/seen=(\d+)/.exec(address)[1]), sent = [], waiting = null;
    document.documentElement.style.overflowAnchor = "none";  /* the browser does not know what is replaced by what */

    function say(words, kind) {
      state.hidden = false;
      if (state.textContent !== words) { state.textContent = words; }
      state.className = "live-state " + kind;
    }

    function listen() {
      if (source) { return; }
      sent = sight ? sight.ids() : [];
      source = new EventSource(address.replace(/seen=\d+/, "seen=" + seen) + (sight ? "&sight=" + encodeURIComponent(sent.join(",")) : ""));
      source.addEventListener("open", function () { say("live", "on"); });
      source.addEventListener("error", function () {
        if (this.readyState === EventSource.CLOSED) { say("no longer live: reload the page", "off"); } else { say("connecting again …", "off"); }
      });
      source.addEventListener("figures", function (event) {
        var fragments = JSON.parse(event.data);
        inPlace(function () { Object.keys(fragments).forEach(function (id) { swap(id, fragments[id]); }); });
        seen = Math.max(seen, Number(event.lastEventId));
      });
    }

    function rest() {
      if (source) { source.close(); }
      source = null;
    }

    /* Says anew what is in the window, once the reader has come to rest. */
    function look() {
      if (!source) { if (!document.hidden) { listen(); } return; }
      window.clearTimeout(waiting);
      waiting = window.setTimeout(function () {
        if (source && sight.ids().some(function (id) { return sent.indexOf(id) < 0; })) { rest(); listen(); }
      }, 300);
    }

    /* A browser keeps six connections to one site: tabs that nobody looks at must not hold them all. */
    document.addEventListener("visibilitychange", function () { if (document.hidden) { rest(); } else { listen(); } });
    window.addEventListener("pagehide", rest);
    window.addEventListener("pageshow", function (event) { if (event.persisted) { window.location.reload(); } });
    if (window.IntersectionObserver && document.querySelector("[data-part]")) { sight = observed(look); } else if (!document.hidden) { listen(); }
  }

  /* --- menus: Escape and a click elsewhere close them --- */

  function closeMenus(except) {
    all("details.menu[open]").forEach(function (menu) { if (!except || !menu.contains(except)) { menu.open = false; } });
  }
  document.addEventListener("click", function (event) { closeMenus(event.target); });
  /* A click on text inside a menu focuses the page's main part, which is around it. */
  document.addEventListener("focusin", function (event) { if (event.target.id !== "main") { closeMenus(event.target); } });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var open = all("details.menu[open]").pop();
    if (!open) { return; }
    var inside = open.contains(document.activeElement);
    open.open = false;
    if (inside) { open.querySelector("summary").focus(); }
  });

  /* --- commands of the menu, which are links without the script --- */

  function copied(link) {
    var done = link.querySelector("small") || link.appendChild(document.createElement("small"));
    done.setAttribute("role", "status");
    done.textContent = "✓ copied";
  }
  var commands = {
    copy: function (link) {
      if (!navigator.clipboard) { return false; }
      navigator.clipboard.writeText(link.href).then(function () { copied(link); });
      return true;
    },
    print: function () { closeMenus(); window.print(); return true; }
  };
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-command]");
    if (link && commands[link.getAttribute("data-command")](link)) { event.preventDefault(); }
  });

  /* --- the search of the contents narrows as one types --- */

  function narrow(find) {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0;
    var matches = function (text) { return words.every(function (word) { return text.toLowerCase().indexOf(word) >= 0; }); };
    all(".toc > li").forEach(function (entry) {
      if (entry.querySelector("a").hash === "#findings") { entry.hidden = words.length > 0; return; }
      var title = entry.querySelector("a").textContent, list = entry.querySelector("ul"), left = 0;
      all("li", entry).forEach(function (question) {
        question.hidden = !matches(title + " " + question.textContent);
        if (!question.hidden) { left += 1; }
      });
      n += left;
      if (list) { list.hidden = !words.length; }
      entry.hidden = words.length > 0 && !left && !matches(title);
    });
    document.getElementById("found").textContent = words.length ? (n || "No") + (n === 1 ? " question" : " questions") + " found" : "";
  }

  /* A list of its own: those entries remain whose words it has. */
  function narrowList(find) {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0, what = find.getAttribute("data-what");
    all(find.getAttribute("data-list")).forEach(function (entry) {
      var text = entry.querySelector(".listed > div").textContent.toLowerCase();
      entry.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      if (!entry.hidden) { n += 1; }
    });
    document.getElementById("found").textContent = words.length ? (n || "No") + " " + what + (n === 1 ? "" : "s") + " found" : "";
  }

  /* --- sections: what a link leads to is opened, and the address says what is open --- */

  function openTarget() {
    var target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (!target) { return; }
    var moved = false;
    for (var at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS" && !at.open) { at.open = moved = true; }
    }
    var fold = target.closest(".part") && target.closest(".part").querySelector(".fold");
    if (fold && !fold.open) { fold.open = moved = true; }
    if (moved) { target.scrollIntoView(); }
  }

  function remember() {
    var address = new URL(window.location.href);
    address.searchParams.delete("open");
    all(".part.folded > .fold[open]").forEach(function (fold) { address.searchParams.append("open", fold.getAttribute("data-section")); });
    window.history.replaceState(null, "", address);
  }

  /* --- where the reader is, marked in the contents --- */

  function mark(links) {
    var here = null;
    links.forEach(function (link) {
      var heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (heading && heading.getBoundingClientRect().top < window.innerHeight / 3) { here = link; }
    });
    links.forEach(function (link) { if (link === here) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); } });
  }

  var figures = document.querySelector("[data-live]"), state = document.getElementById("live-state"), find = document.getElementById("find");
  if (figures && state && window.EventSource) { follow(figures, state); }
  if (find) {
    find.addEventListener("input", function () { (find.hasAttribute("data-list") ? narrowList : narrow)(find); });
    find.form.addEventListener("submit", function (event) { event.preventDefault(); });
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();
  all(".part.folded > .fold").forEach(function (fold) { fold.addEventListener("toggle", remember); });
  var links = all(".toc > li > a"), waiting = false;
  if (links.length && !links[0].getAttribute("href").indexOf("#")) {
    window.addEventListener("scroll", function () {
      if (waiting) { return; }
      waiting = true;
      window.requestAnimationFrame(function () { waiting = false; mark(links); });
    }, { passive: true });
    mark(links);
  }
}());
