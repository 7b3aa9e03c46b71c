/* "PNG": draws a chart's SVG file into a picture of twice its size. Without it the SVG itself is offered. */
(function () {
  "use strict";
  var SCALE = 2;

  document.documentElement.className += " fig-drawn";

  function save(blob, name) {
    var link = document.createElement("a"), address = URL.createObjectURL(blob);
    link.href = address;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(address); }, 10000);
  }

  function draw(address, name) {
    var picture = new Image();
    picture.onload = function () {
      var canvas = document.createElement("canvas");
      canvas.width = picture.naturalWidth * SCALE;
      canvas.height = picture.naturalHeight * SCALE;
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { if (blob) { save(blob, name); } else { location.href = address; } }, "image/png");
    };
    picture.onerror = function () { location.href = address; };
    picture.src = address;
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-png]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) { return; }
    event.preventDefault();
    draw(link.href, link.getAttribute("data-png"));
  });
}());
