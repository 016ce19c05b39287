// Shows what exists already while a request or a record is written. Without JavaScript the button "Look what exists" does the same.
(function () {
  "use strict";
  var form = document.querySelector("form[data-look]");
  var place = document.getElementById("overlaps");
  if (!form || !place || !window.fetch) return;
  var waiting = null, asked = 0, asks = form.dataset.asks && form.dataset.asks.split(" ");

  function ask() {
    var number = ++asked;
    fetch(form.dataset.look, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) { if (html !== null && number === asked) place.innerHTML = html; })
      .catch(function () { /* the button still works */ });
  }

  form.addEventListener("input", function (event) {
    if (asks && asks.indexOf(event.target.name) < 0) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 450);
  });
})();
