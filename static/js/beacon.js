// Tells the programme's own server, and nobody else, what a member who agreed to it does here: which
// page, which button, never what was typed. Pages hold this script only for members who agreed.

const HOLD_BACK_MS = 4000;
const MOST_AT_ONCE = 20;
const MOST_A_PAGE = 100;
const LONGEST = { page: 200, target: 40 };

const meta = document.querySelector("meta[name=regulars-beacon]");
const isRefused = navigator.globalPrivacyControl === true || navigator.doNotTrack === "1";
const waiting = [];
let timer = 0;
let told = 0;

function send() {
  clearTimeout(timer);
  timer = 0;
  while (waiting.length > 0) {
    // A form, because a beacon cannot carry the header that would prove where it comes from.
    const body = new FormData();
    body.set("csrfmiddlewaretoken", meta.content);
    body.set("events", JSON.stringify(waiting.splice(0, MOST_AT_ONCE)));
    navigator.sendBeacon(meta.dataset.url, body);
  }
}

function note(name, target = "") {
  if (told >= MOST_A_PAGE) {
    return;
  }
  told += 1;
  waiting.push({
    name,
    page: location.pathname.slice(0, LONGEST.page),
    target: target.slice(0, LONGEST.target),
  });
  timer ||= setTimeout(send, HOLD_BACK_MS);
}

function nameOf(element) {
  return element.dataset.track || element.id || element.getAttribute("name") || "";
}

function listen() {
  note("page");
  if (/^\/coupons\/\d+\/$/.test(location.pathname)) {
    note("coupon_view");
  }
  if (new URLSearchParams(location.search).get("from") === "message") {
    note("push_opened");
  }
  document.addEventListener("click", (event) => {
    const element = event.target.closest("a, button, [data-track]");
    if (element) {
      note("click", nameOf(element));
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const path = new URL(form.action, location.href).pathname;
    if (form.getAttribute("role") === "search") {
      note("search");
    } else if (/\/share\/$/.test(path)) {
      note("share");
    }
  });
  // The last moment that a phone's browser promises.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      send();
    }
  });
  window.addEventListener("pagehide", send);
}

if (meta && navigator.sendBeacon && !isRefused) {
  listen();
}
