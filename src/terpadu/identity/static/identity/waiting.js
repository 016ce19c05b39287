// Spares reloading while a screen waits for a phone. Without JavaScript the page reloads itself every few seconds.
(function () {
  "use strict";
  var place = document.querySelector("[data-waiting]");
  if (!place) return;
  function ask() {
    fetch(place.dataset.waiting, { credentials: "same-origin" })
      .then(function (answer) { return answer.json(); })
      .then(function (told) { if (told.waiting) setTimeout(ask, 2000); else location.replace(location.pathname); })
      .catch(function () { setTimeout(ask, 5000); });
  }
  setTimeout(ask, 2000);
})();
