// The list of providers, kept current by asking the hub's HTTP API while the page can be seen. It knows what the API
// answers; what it means to pick a provider is the caller's business.

const PROVIDERS_URL = "/api/v1/apps/public/providers";
const REFRESH_MS = 2000;
const SHOWN_MAX = 200;

export class ProviderList {
  #parts;
  #buttons = new Map();
  #picked = null;
  #isAnyThere = null;
  #isAsking = false;

  constructor(parts) {
    this.#parts = parts;
  }

  /** Refreshes now, every two seconds, and whenever the page comes back into view. */
  watch() {
    const refreshIfSeen = () => { if (document.visibilityState === "visible") this.refresh(); };
    document.addEventListener("visibilitychange", refreshIfSeen);
    setInterval(refreshIfSeen, REFRESH_MS);
    refreshIfSeen();
  }

  async refresh() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const answer = await fetch(PROVIDERS_URL, { cache: "no-store" });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      this.#draw((await answer.json()).items);
    } catch (error) {
      this.#parts.count.textContent = `can't be listed (${error.message})`;
    } finally {
      this.#isAsking = false;
    }
  }

  markPicked(id) {
    this.#picked = id;
    for (const [each, button] of this.#buttons) button.setAttribute("aria-pressed", each === id);
  }

  /** Keeps the buttons of providers that stay, so that focus and clicks survive a refresh. */
  #draw(items) {
    const shown = items.slice(0, SHOWN_MAX);
    const ids = new Set(shown.map((provider) => provider.provider_id));
    for (const [id, button] of this.#buttons) {
      if (!ids.has(id)) {
        button.parentElement.remove();
        this.#buttons.delete(id);
      }
    }
    for (const [position, provider] of shown.entries()) this.#place(provider, position);
    this.#parts.count.textContent = items.length > SHOWN_MAX ? `${SHOWN_MAX} of ${items.length}` : items.length || "";
    this.#tellPresence(items.length > 0);
  }

  #place(provider, position) {
    const button = this.#buttons.get(provider.provider_id) ?? this.#create(provider.provider_id);
    button.querySelector(".provider-about").textContent = about(provider);
    const { list } = this.#parts;
    const item = button.parentElement;
    if (list.children[position] !== item) list.insertBefore(item, list.children[position] ?? null);
  }

  #create(id) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.provider = id;
    button.setAttribute("aria-pressed", id === this.#picked);
    for (const name of ["provider-id", "provider-about"]) {
      const line = document.createElement("span");
      line.className = name;
      button.append(line);
    }
    button.firstElementChild.textContent = id;
    button.addEventListener("click", () => this.#parts.onPick(id));
    document.createElement("li").append(button);
    this.#buttons.set(id, button);
    return button;
  }

  #tellPresence(isAnyThere) {
    if (isAnyThere === this.#isAnyThere) return;
    this.#isAnyThere = isAnyThere;
    this.#parts.empty.hidden = isAnyThere;
    this.#parts.onPresence(isAnyThere);
  }
}

function about({ name, online, members, followers }) {
  const facts = [`${followers} ${followers === 1 ? "follower" : "followers"}`];
  if (members > 1) facts.unshift(`${members} members`);
  if (!online) facts.unshift("offline");
  if (name) facts.unshift(name);
  return facts.join(" · ");
}
