// Shows documents that aren't saved, to whoever edits them: the page is in a frame, and the window around it, of the same
// origin, sends them.
//
// 1. The page posts `{type: "campanile-page-ready"}` to its parent once it listens.
// 2. The parent posts `{type: "campanile-page", document}` as often as it likes.

import type { PageDocument } from "./document.ts";

export const isPreview = (): boolean => new URLSearchParams(location.search).get("preview") === "1";

export function listen(show: (document: PageDocument) => void): void {
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== parent || source === window) return;
    if (data?.type !== "campanile-page" || typeof data.document !== "object" || data.document === null) return;
    show(data.document);
  });
  // Who edits goes on editing: a link in the preview leads nowhere.
  addEventListener("click", (event) => (event.target as Element).closest?.("a") && event.preventDefault());
  if (parent !== window) parent.postMessage({ type: "campanile-page-ready" }, location.origin);
}
