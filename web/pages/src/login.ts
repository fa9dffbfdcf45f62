// Asks who somebody is: on the page itself where nothing is shown before, else in a dialog above it.

import { messageOf } from "./block.ts";
import { h, newId } from "./dom.ts";
import type { Visitor } from "./visitor.ts";

export class Login {
  readonly element: HTMLElement;
  readonly #visitor: Visitor;
  readonly #why = h("p", { className: "why" });
  readonly #mistake = h("p", { className: "mistake", attributes: { role: "alert" } });
  readonly #name = h("input", { type: "text", name: "username", autocomplete: "username", required: true, id: newId("user"), attributes: { autocapitalize: "none", spellcheck: "false" } });
  readonly #password = h("input", { type: "password", name: "password", autocomplete: "current-password", required: true, id: newId("password") });
  readonly #button = h("button", { type: "submit", className: "primary" }, "Log in");
  readonly #dialog: HTMLDialogElement;
  readonly #form: HTMLFormElement;

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
    const title = h("h2", { id: newId("login") }, "Log in");
    const onsubmit = (event: SubmitEvent) => {
      event.preventDefault();
      void this.#logIn();
    };
    this.#form = h(
      "form",
      { className: "login", onsubmit, attributes: { "aria-labelledby": title.id } },
      title,
      this.#why,
      h("div", { className: "field" }, h("label", { htmlFor: this.#name.id }, "User"), this.#name),
      h("div", { className: "field" }, h("label", { htmlFor: this.#password.id }, "Password"), this.#password),
      this.#mistake,
      h("div", { className: "actions" }, this.#button),
    );
    const close = h("button", { type: "button", className: "close", ariaLabel: "Close", onclick: () => this.#dialog.close() }, "✕");
    this.#dialog = h("dialog", { attributes: { "aria-labelledby": title.id } }, close);
    this.element = h("div", { className: "login-place", hidden: true });
    document.body.append(this.#dialog);
  }

  /** Asks above the page, which is still there behind it. */
  ask(why = ""): void {
    this.#begin(why);
    this.#dialog.append(this.#form);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#name.focus();
  }

  /** Asks in the page's place. */
  demand(why: string): void {
    this.#begin(why);
    this.element.replaceChildren(this.#form);
    this.element.hidden = false;
    this.#name.focus();
  }

  end(): void {
    this.#dialog.close();
    this.element.hidden = true;
    this.#form.reset();
  }

  #begin(why: string): void {
    this.#why.textContent = why;
    this.#why.hidden = why === "";
    this.#mistake.textContent = "";
  }

  async #logIn(): Promise<void> {
    if (this.#button.disabled) return;
    this.#button.disabled = true;
    this.#mistake.textContent = "";
    try {
      await this.#visitor.logIn(this.#name.value, this.#password.value);
    } catch (error) {
      this.#mistake.textContent = messageOf(error);
      this.#password.select();
    }
    this.#button.disabled = false;
  }
}
