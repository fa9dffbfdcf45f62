// Fields that a visitor fills in and sends. What was typed stays until it has arrived, and is sent once at a time.

import type { Surroundings } from "../block.ts";
import { Block, messageOf } from "../block.ts";
import type { FieldSpec, FormSpec } from "../document.ts";
import { h, newId } from "../dom.ts";
import type { Written } from "../hub.ts";
import { HubError } from "../hub.ts";
import { markdown } from "../markup.ts";
import type { Scope, Value } from "../template.ts";
import { render } from "../template.ts";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Asked {
  spec: FieldSpec;
  control: Control | undefined;
  element: HTMLElement | undefined;
  mistake: HTMLElement;
}

export class FormBlock extends Block<FormSpec> {
  readonly #form: HTMLFormElement;
  readonly #fields: Asked[];
  readonly #submit: HTMLButtonElement;
  readonly #done = h("div", { className: "done prose", attributes: { role: "status" } });
  readonly #mistake = h("p", { className: "mistake", attributes: { role: "alert" } });
  #isSending = false;

  constructor(spec: FormSpec, page: Surroundings) {
    super(spec, page);
    this.#fields = spec.fields.map((field) => this.#field(field));
    this.#submit = h("button", { type: "submit", className: "primary" }, spec.submit || "Send");
    const onsubmit = (event: SubmitEvent) => {
      event.preventDefault();
      void this.#send();
    };
    const attributes = { "aria-label": spec.title || spec.submit || spec.endpoint };
    const fields = this.#fields.map(({ element }) => element);
    this.#form = h("form", { onsubmit, attributes }, ...fields, this.#mistake, h("div", { className: "actions" }, this.#submit), this.#done);
    this.content.append(this.#form);
  }

  /** There is nothing to fetch. What nobody has touched follows who is logged in. */
  protected async fetch(): Promise<() => void> {
    return () => {
      for (const field of this.#fields) {
        if (field.control && !isTouched(field.control)) this.#preset(field.control, field.spec);
      }
    };
  }

  /** Nothing in it was fetched. */
  protected override clear(): void {}

  #field(spec: FieldSpec): Asked {
    const mistake = h("p", { className: "mistake", id: newId("mistake"), hidden: true });
    if (spec.kind === "hidden") return { spec, control: undefined, element: undefined, mistake };
    const control = controlFor(spec);
    control.id = newId("field");
    control.name = spec.field;
    control.required = spec.required ?? false;
    control.oninput = () => forgive(control, mistake);
    this.#preset(control, spec);
    const label = h("label", { htmlFor: control.id }, spec.label || spec.field, spec.required && h("span", { className: "required", ariaHidden: "true" }, " *"));
    const className = spec.kind === "checkbox" ? "field check" : "field";
    return { spec, control, mistake, element: h("div", { className }, label, control, mistake) };
  }

  #preset(control: Control, { kind, value }: FieldSpec): void {
    const text = value ? render(value, this.scopes()) : "";
    if (control instanceof HTMLSelectElement) {
      for (const option of control.options) option.defaultSelected = option.value === text;
      control.value = text;
    } else if (kind === "checkbox") {
      (control as HTMLInputElement).defaultChecked = ["true", "yes", "1"].includes(text);
    } else {
      control.defaultValue = kind === "date" ? text.slice(0, 10) : text;
    }
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    if (this.page.isPreview) return this.#tell("In the preview nothing is sent.");
    const sent = this.#object();
    this.#setSending(true);
    this.#mistake.textContent = "";
    this.#done.replaceChildren();
    for (const { control, mistake } of this.#fields) if (control) forgive(control, mistake);
    try {
      this.#succeed(await this.page.hub.write(this.spec.endpoint, sent));
    } catch (error) {
      this.#refuse(error);
    }
    this.#setSending(false);
  }

  #object(): Scope {
    const object: Scope = {};
    for (const { spec, control } of this.#fields) {
      const value = control ? valueOf(control, spec) : render(spec.value ?? "", this.scopes()) || null;
      // An object without an id is a new one.
      if (spec.field !== "id" || value) object[spec.field] = value;
    }
    return object;
  }

  #setSending(isSending: boolean): void {
    this.#isSending = isSending;
    this.#submit.disabled = isSending;
    this.#form.ariaBusy = String(isSending);
  }

  #succeed(written: Written): void {
    this.#form.reset();
    const object = "object" in written ? written.object : { said: written.said };
    if (this.spec.done) this.#done.replaceChildren(markdown(this.spec.done, this.scopes(object)));
    else this.#tell("said" in written && written.said ? written.said : textIn(object) || "Sent.");
  }

  #tell(text: string): void {
    this.#done.replaceChildren(h("p", {}, text));
  }

  /** The hub names the field first, if it is about one. */
  #refuse(error: unknown): void {
    const message = messageOf(error);
    if (error instanceof HubError && error.status === 403) this.askWho();
    const [name, ...rest] = message.split(": ");
    const field = this.#fields.find(({ spec, control }) => control && rest.length > 0 && spec.field === name);
    const isUnknown = error instanceof HubError && error.status === 0;
    if (!field?.control) {
      this.#mistake.textContent = isUnknown ? `${message} Nobody knows whether it has arrived; what you have typed is still here.` : message;
      return;
    }
    field.mistake.textContent = rest.join(": ");
    field.mistake.hidden = false;
    field.control.setAttribute("aria-invalid", "true");
    field.control.setAttribute("aria-describedby", field.mistake.id);
    field.control.focus();
  }
}

function controlFor({ kind, options = [] }: FieldSpec): Control {
  switch (kind) {
    case "multiline":
      return h("textarea", { rows: 4 });
    case "select":
      return h("select", {}, h("option", { value: "" }), ...options.map((option) => h("option", { value: option }, option)));
    case "number":
      return h("input", { type: "number", step: "any" });
    case "checkbox":
    case "date":
      return h("input", { type: kind });
    default:
      return h("input", { type: "text" });
  }
}

function isTouched(control: Control): boolean {
  if (control instanceof HTMLSelectElement) return [...control.options].some(({ selected, defaultSelected, value }) => selected !== defaultSelected && (selected ? value !== "" : true));
  if (control.type === "checkbox") return (control as HTMLInputElement).checked !== (control as HTMLInputElement).defaultChecked;
  return control.value !== control.defaultValue;
}

/** Nothing typed is no value. A day is its midnight in UTC, because the hub keeps moments. */
function valueOf(control: Control, { kind }: FieldSpec): Value {
  if (kind === "checkbox") return (control as HTMLInputElement).checked;
  if (control.value === "") return null;
  if (kind === "number") return Number(control.value);
  return kind === "date" ? `${control.value}T00:00:00.000Z` : control.value;
}

function forgive(control: Control, mistake: HTMLElement): void {
  mistake.hidden = true;
  control.removeAttribute("aria-invalid");
  control.removeAttribute("aria-describedby");
}

/** What a scenario that answers with an object may want to say. */
function textIn(object: Scope): string {
  const text = object["message"];
  return typeof text === "string" && object["id"] === undefined ? text : "";
}
