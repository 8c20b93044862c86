/* Tells the company which pages a lead looks at, once they have agreed to it; without their consent nothing is stored and nothing is sent. */
(() => {
  "use strict";
  const me = document.currentScript, KEY = "ltc_lead", AGREED = "ltc_consent";
  const target = new URL(me.dataset.site, me.src).href;
  const pricing = new RegExp(me.dataset.pricing || "pric|plans|baojia|jiage", "i");
  const refused = () => navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
  const agreed = () => !refused() && (me.dataset.consent === "given" || localStorage.getItem(AGREED) === "yes");

  function send(type, at) {
    const lead = agreed() && localStorage.getItem(KEY);
    if (!lead) return;
    const event = { type, id: crypto.randomUUID(), at: (at || new Date()).toISOString() };
    const body = new Blob([JSON.stringify({ lead, events: [event] })], { type: "text/plain" });
    if (!(navigator.sendBeacon && navigator.sendBeacon(target, body))) fetch(target, { method: "POST", body, keepalive: true, credentials: "omit" });
  }

  function look() {
    if (!agreed()) return;
    const here = new URL(location.href), token = here.searchParams.get("ltc");
    if (token) {
      localStorage.setItem(KEY, token);
      here.searchParams.delete("ltc");
      history.replaceState(history.state, "", here);
    }
    send(pricing.test(location.pathname) ? "page_view_pricing" : "page_view");
  }

  window.ltc = {
    consent(given) {
      if (given && !refused()) { localStorage.setItem(AGREED, "yes"); look(); } else { localStorage.removeItem(AGREED); localStorage.removeItem(KEY); }
    },
    identify(token) { if (agreed()) { localStorage.setItem(KEY, token); look(); } },
    track(type) { send(type); },
  };
  document.addEventListener("click", event => { const link = event.target.closest && event.target.closest("a[download]"); if (link) send("content_download"); });
  look();
})();
