// Reads tickets with the camera where the browser can. Without it the code is typed in.

const AGAIN_AFTER = 8000;
const EVERY = 200;
const LAST = "door-last";
const ON = "door-camera";

const form = document.querySelector("[data-door]");
const camera = document.querySelector("[data-camera]");
const start = camera.querySelector("[data-start]");
const view = camera.querySelector("[data-view]");
const denied = camera.querySelector("[data-denied]");

// The ticket that was just read is still before the camera when the page comes back.
function isFresh(text) {
  const last = JSON.parse(sessionStorage.getItem(LAST) ?? "null");
  return last === null || last.text !== text || Date.now() - last.at > AGAIN_AFTER;
}

function send(text) {
  sessionStorage.setItem(LAST, JSON.stringify({ text, at: Date.now() }));
  form.elements.code.value = text;
  form.requestSubmit();
}

async function look(detector) {
  if (view.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
    const found = await detector.detect(view).catch(() => []);
    const read = found.find((code) => isFresh(code.rawValue));
    if (read) {
      send(read.rawValue);
      return;
    }
  }
  setTimeout(look, EVERY, detector);
}

async function open(detector) {
  try {
    view.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment" },
    });
    await view.play();
  } catch {
    sessionStorage.removeItem(ON);
    denied.hidden = false;
    return;
  }
  sessionStorage.setItem(ON, "yes");
  start.hidden = true;
  // The keyboard would cover what the camera sees.
  form.elements.code.blur();
  view.hidden = false;
  look(detector);
}

async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) {
    return false;
  }
  return (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

if (await canRead()) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  camera.hidden = false;
  start.addEventListener("click", () => open(detector));
  if (sessionStorage.getItem(ON)) {
    open(detector);
  }
}
