// Sends a link the way the phone does, or copies it. Without it the link is selected by a tap.

function offer(box) {
  const send = box.querySelector("[data-send]");
  const copied = box.querySelector("[data-copied]");
  const url = box.querySelector("[data-address]").textContent.trim();

  async function copy() {
    await navigator.clipboard.writeText(url);
    copied.hidden = false;
  }

  send.addEventListener("click", () => {
    if (navigator.share) {
      // Whoever changes their mind has shared nothing, and that is no error.
      navigator.share({ title: document.title, url }).catch(() => {});
    } else {
      copy().catch(() => {});
    }
  });
  send.hidden = false;
}

if (navigator.share || navigator.clipboard) {
  document.querySelectorAll("[data-share]").forEach(offer);
}
