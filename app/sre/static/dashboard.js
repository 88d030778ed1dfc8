// Keeps the page current: fetches it again and puts in what has changed. The server draws everything, charts included,
// so the figures look the same with and without this script.
"use strict";

const EVERY = 5000; // ms
const PATIENCE = 10000; // ms
const live = document.getElementById("live");

function say(state, text) {
  if (live.dataset.state !== state) {
    live.dataset.state = state;
    live.textContent = text;
  }
}

async function refresh() {
  const answer = await fetch("/sre/dashboard-ui", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) {
    throw new Error(String(answer.status));
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    // Only what differs: a screen reader is told of nothing that stayed the same.
    if (now !== null && now.innerHTML !== old.innerHTML) {
      old.replaceChildren(...now.childNodes);
    }
  }
}

async function again() {
  if (!document.hidden) {
    try {
      await refresh();
      say("live", "Live: renewed every 5 seconds.");
    } catch {
      say("lost", "No answer from the service: these figures are old. Trying again.");
    }
  }
  setTimeout(again, EVERY);
}

say("live", "Live: renewed every 5 seconds.");
setTimeout(again, EVERY);
