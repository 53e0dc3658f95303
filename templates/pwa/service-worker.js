// Keeps what the card needs without a connection, and nothing else of a member's.
//
// Pages come from the network; without one, the card as it was last seen, and for every other page
// one that says so. What is personal is forgotten when the member signs out or is asked to sign in.

{% autoescape off %}const TOLD = {{ told }};{% endautoescape %}
const SHELL = `shell-${TOLD.version}`;
const CARD = "card";
const PATIENCE_MS = 3000;

// Whatever began before the last sign-out must not be kept after it.
let generation = 0;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOldShells().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin || url.pathname.startsWith(TOLD.operators)) {
    return;
  }
  if (request.keepalive) {
    // The beacon of a page that is being left: what is left to the page goes with it.
    event.respondWith(fetch(request));
  } else if (request.method !== "GET") {
    if (url.pathname === TOLD.signOut) {
      event.waitUntil(forget());
    }
  } else if (TOLD.card.includes(url.pathname)) {
    event.respondWith(card(request, url.pathname));
  } else if (request.mode === "navigate") {
    event.respondWith(page(event, url.pathname));
  } else if (url.pathname.startsWith(TOLD.static) || TOLD.files.includes(url.pathname)) {
    event.respondWith(file(request));
  }
});

async function keepShell() {
  const shell = await caches.open(SHELL);
  await shell.addAll([...TOLD.files, TOLD.offline]);
}

async function dropOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name !== SHELL && name !== CARD);
  await Promise.all(old.map((name) => caches.delete(name)));
}

function forget() {
  generation += 1;
  return caches.delete(CARD);
}

async function page(event, path) {
  try {
    const response = await fetch(event.request);
    if (TOLD.signIn.some((begin) => path.startsWith(begin))) {
      await forget();
    }
    const language = response.headers.get("Content-Language");
    if (language) {
      event.waitUntil(keepOffline(language));
    }
    return response;
  } catch {
    return offlinePage();
  }
}

// The page offline speaks the language of the last page.
async function keepOffline(language) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(TOLD.offline);
  if (kept?.headers.get("Content-Language") === language) {
    return;
  }
  const response = await fetch(`${TOLD.offline}?language=${encodeURIComponent(language)}`);
  if (response.ok) {
    await shell.put(TOLD.offline, response);
  }
}

async function offlinePage() {
  const shell = await caches.open(SHELL);
  return (await shell.match(TOLD.offline)) ?? Response.error();
}

async function card(request, path) {
  const begun = generation;
  const known = await caches.match(path, { cacheName: CARD, ignoreVary: true });
  const fresh = fetch(request).then(async (response) => {
    if (response.status >= 500) {
      return known ?? response;
    }
    if (response.ok && begun === generation) {
      const kept = await caches.open(CARD);
      await kept.put(path, response.clone());
    } else {
      // Asked to sign in, or refused: what is kept is nobody's any more.
      await caches.delete(CARD);
    }
    return response;
  });
  if (known) {
    return Promise.race([fresh.catch(() => known), later(known)]);
  }
  return fresh.catch(() => (request.mode === "navigate" ? offlinePage() : Response.error()));
}

// At a till with a bad connection the card as it was is better than none.
function later(known) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(known), PATIENCE_MS);
  });
}

// Named by their content, files come from the browser's own cache; without it, from ours.
async function file(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreVary: true })) ?? Response.error();
  }
}
