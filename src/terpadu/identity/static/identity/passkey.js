// The browser's half of a passkey ceremony. Everything else on these pages works without JavaScript.
// A form with data-passkey="get" or "create" and data-begin="<address of the options>" is completed here.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) return;

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (mark) { return mark.charCodeAt(0); });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function withBytes(keys) {
    return (keys || []).map(function (key) { return Object.assign({}, key, { id: bytes(key.id) }); });
  }

  function readable(options) {
    var asked = Object.assign({}, options.publicKey, { challenge: bytes(options.publicKey.challenge) });
    if (asked.user) asked.user = Object.assign({}, asked.user, { id: bytes(asked.user.id) });
    if (asked.excludeCredentials) asked.excludeCredentials = withBytes(asked.excludeCredentials);
    if (asked.allowCredentials) asked.allowCredentials = withBytes(asked.allowCredentials);
    return { publicKey: asked };
  }

  function sendable(made) {
    var response = {};
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (part) {
      if (made.response[part]) response[part] = text(made.response[part]);
    });
    return {
      id: made.id, rawId: text(made.rawId), type: made.type, response: response,
      clientExtensionResults: made.getClientExtensionResults()
    };
  }

  function ask(form) {
    var token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    return fetch(form.dataset.begin, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw new Error("refused"); return answer.json(); })
      .then(function (options) { return navigator.credentials[form.dataset.passkey](readable(options)); });
  }

  document.querySelectorAll("form[data-passkey]").forEach(function (form) {
    form.closest("[data-needs-passkey]").hidden = false;
    form.addEventListener("submit", function (event) {
      var failed = form.querySelector("[data-failed]");
      event.preventDefault();
      failed.hidden = true;
      ask(form).then(function (made) {
        form.querySelector("[name=answer]").value = JSON.stringify(sendable(made));
        form.submit();
      }).catch(function () { failed.hidden = false; });
    });
  });
})();
