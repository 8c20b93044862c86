/* Builds a web form into the website that names it: <div data-ltc-form="https://…/f/…/"></div> */
(function () {
  "use strict";
  var CLICKS = ["gclid", "wbraid", "gbraid", "msclkid", "fbclid", "bd_vid", "qz_gdt", "clickid"];
  var UTM = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];

  var TYPES = { email: "email", phone: "tel", number: "number", date: "date", flag: "checkbox" };

  function element(name, properties, children) {
    var made = Object.assign(document.createElement(name), properties || {});
    (children || []).forEach(function (child) { made.append(child); });
    return made;
  }

  function build(place) {
    var address = place.getAttribute("data-ltc-form");
    fetch(address + "?as=json", { credentials: "omit" }).then(function (answer) { return answer.json(); }).then(function (asked) {
      var problem = element("p", { role: "alert" });
      var form = element("form", { noValidate: false });
      if (asked.heading) form.append(element("h2", { textContent: asked.heading }));
      if (asked.intro) form.append(element("p", { textContent: asked.intro }));
      asked.fields.forEach(function (field) {
        var kind = field.kind === "need" ? "textarea" : field.kind === "choice" ? "select" : "input";
        var input = element(kind, { name: field.name, required: field.required });
        if (TYPES[field.kind]) input.type = TYPES[field.kind];
        if (field.kind === "number") input.step = "any";
        if (kind === "select") [""].concat(field.options).forEach(function (option) { input.append(new Option(option || "–", option)); });
        form.append(element("p", {}, [element("label", {}, field.kind === "flag" ? [input, " " + field.label] : [field.label + " ", input])]));
      });
      if (asked.consent) {
        var tick = element("input", { type: "checkbox", name: "consent", value: "on" });
        form.append(element("p", {}, [element("label", {}, [tick, " " + asked.consent])]));
      }
      form.append(element("div", { hidden: true }, [element("input", { name: asked.honeypot, tabIndex: -1, autocomplete: "off" })]));
      form.append(element("button", { textContent: asked.button }), problem);
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        var body = new URLSearchParams(new FormData(form));
        var query = new URLSearchParams(location.search);
        UTM.concat(CLICKS).forEach(function (name) { if (query.get(name)) body.set(name, query.get(name)); });
        body.set("as", "json");
        body.set("stamp", asked.stamp);
        body.set("referrer", document.referrer);
        body.set("landing", location.href);
        fetch(address, { method: "POST", body: body, credentials: "omit" }).then(function (answer) { return answer.json(); }).then(function (said) {
          if (said.errors) {
            if (said.stamp) asked.stamp = said.stamp;
            problem.textContent = Object.values(said.errors).flat().join(" ");
          } else if (said.url) {
            location.assign(said.url);
          } else {
            place.replaceChildren(element("p", { textContent: said.thanks }));
          }
        });
      });
      place.replaceChildren(form);
    });
  }

  document.querySelectorAll("[data-ltc-form]").forEach(build);
})();
