// `<campanile-redirect>`: moves the browser where pushes say. The page may stop each move, and hears what was refused.

import type { App } from "../app.ts";
import { followRedirects } from "../moves.ts";
import type { Redirect } from "../redirect.ts";
import { announce, Part } from "./part.ts";

export class RedirectElement extends Part {
  protected override join(app: App): () => void {
    return followRedirects(app, { onRedirect: (redirect) => this.#judge(redirect) });
  }

  #judge(redirect: Redirect): boolean {
    if (!("refusal" in redirect)) return announce(this, "redirect", redirect);
    console.warn(`campanile: refused a redirect (${redirect.refusal})`);
    return announce(this, "redirect-refused", redirect);
  }
}
