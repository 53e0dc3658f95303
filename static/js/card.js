// The card stays bright while it is looked at, and says when it is shown without a connection.

let lock = null;

async function keepAwake() {
  if (document.visibilityState !== "visible" || !navigator.wakeLock || lock) {
    return;
  }
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => {
      lock = null;
    });
  } catch {
    // Saving its battery, a phone may refuse.
  }
}

function tellConnection() {
  for (const note of document.querySelectorAll("[data-offline]")) {
    note.hidden = navigator.onLine;
  }
}

// Seen before the worker was at work, the card is kept from here.
async function keep() {
  if (navigator.serviceWorker?.controller || !navigator.onLine || !window.caches) {
    return;
  }
  await navigator.serviceWorker?.ready;
  const pictures = [...document.querySelectorAll("[data-kept]")].map((image) => image.src);
  const card = await caches.open("card");
  await card.addAll([location.pathname, ...pictures]);
}

document.addEventListener("visibilitychange", keepAwake);
window.addEventListener("online", tellConnection);
window.addEventListener("offline", tellConnection);
keepAwake();
tellConnection();
keep().catch(() => {});
