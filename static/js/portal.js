// Nothing here is needed to use the portal: second taps, messages that go, parts that htmx swaps.

const FADES_AFTER_MS = 6000;
const toasts = document.getElementById("toasts");

// --- A second tap sends nothing: before htmx or the browser hear of it. -----------------------

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.method !== "get") {
      setSent(form, true);
    }
  },
  true,
);

function setSent(form, isSent) {
  if (isSent) {
    form.dataset.sent = "yes";
  } else {
    delete form.dataset.sent;
  }
  for (const button of form.querySelectorAll("button")) {
    if (isSent) {
      button.setAttribute("aria-disabled", "true");
    } else {
      button.removeAttribute("aria-disabled");
    }
  }
}

function openForms(within) {
  within.querySelectorAll("form[data-sent]").forEach((form) => setSent(form, false));
}

// A page that comes back from the browser's own cache must be usable again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    openForms(document);
  }
});

// --- Messages ---------------------------------------------------------------------------------

function say(text, tone) {
  const toast = document.createElement("p");
  toast.className = `toast toast-${tone}`;
  toast.textContent = text;
  toasts.append(toast);
}

// Good news goes by itself; what went wrong stays until it is closed.
function arm(toast) {
  if (toast.dataset.armed) {
    return;
  }
  toast.dataset.armed = "yes";
  const { content } = toasts.querySelector("template");
  const close = content.cloneNode(true).querySelector("button");
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  if (toast.classList.contains("toast-success")) {
    setTimeout(() => toast.remove(), FADES_AFTER_MS);
  }
}

if (toasts) {
  const armAll = () => toasts.querySelectorAll(".toast").forEach(arm);
  new MutationObserver(armAll).observe(toasts, { childList: true });
  // Readers tell what is put into a live region, not what a page begins with.
  toasts.append(...toasts.querySelectorAll(".toast"));
  armAll();
}

// --- Parts that htmx swaps --------------------------------------------------------------------

document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) {
    openForms(document);
    if (toasts) {
      say(toasts.dataset.failed, "error");
    }
  }
});

// Whoever works with a keyboard goes on where the new part begins.
let wasFocused = false;

document.addEventListener("htmx:beforeSwap", (event) => {
  wasFocused = event.detail.requestConfig.elt.contains(document.activeElement);
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!wasFocused || document.activeElement !== document.body) {
    return;
  }
  wasFocused = false;
  const part = event.detail.elt;
  const next = part.matches("summary, a, button") ? part : part.querySelector("summary, a, button");
  (next ?? part).focus({ preventScroll: true });
});

// --- The app on a phone -----------------------------------------------------------------------

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

const worker = document.querySelector("meta[name=service-worker]")?.content;
if (worker && "serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register(worker).catch(() => {}));
}
