// Shows what exists already while a request is written. Without JavaScript the button "Look what exists" does the same.
(function () {
  "use strict";
  var form = document.querySelector("form[data-look]");
  var place = document.getElementById("overlaps");
  if (!form || !place || !window.fetch) return;
  var waiting = null, asked = 0;

  function ask() {
    var number = ++asked;
    fetch(form.dataset.look, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : null; })
      .then(function (html) { if (html !== null && number === asked) place.innerHTML = html; })
      .catch(function () { /* the button still works */ });
  }

  form.addEventListener("input", function (event) {
    if (!/^(title|function|rab_codes|ral_codes|rad_codes|subject|kind)$/.test(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 450);
  });
})();
