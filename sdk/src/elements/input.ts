// What somebody has entered and not saved: a form control that isn't at its default. Knows every kind of control;
// what was saved is the server's to say, and comes as a new default.

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

interface Before {
  control: Control;
  isUnsaved: boolean;
  state: string;
  byDefault: string;
}

/** Notes all input below an element, and returns what puts it back where something has changed it. */
export function keepInput(root: Element): () => void {
  const controls = controlsIn(root).map((control): Before => {
    const [state, byDefault] = [stateOf(control), defaultOf(control)];
    return { control, isUnsaved: state !== byDefault, state, byDefault };
  });
  return () => controls.filter(({ control }) => control.isConnected).forEach(settle);
}

export function hasUnsavedInput(root: Element): boolean {
  const isEntered = controlsIn(root).some((control) => stateOf(control) !== defaultOf(control));
  const active = (root.getRootNode() as Document).activeElement;
  return isEntered || (active !== null && root.contains(active) && isEditable(active));
}

function settle({ control, isUnsaved, state, byDefault }: Before): void {
  const nowByDefault = defaultOf(control);
  if (isUnsaved && stateOf(control) !== state) setState(control, state);
  if (!isUnsaved && nowByDefault !== byDefault && stateOf(control) !== nowByDefault) setState(control, nowByDefault);
}

const isControl = (element: Element): element is Control => /^(INPUT|TEXTAREA|SELECT)$/.test(element.nodeName);

const controlsIn = (root: Element): Control[] => [root, ...root.querySelectorAll("*")].filter(isControl);

const isEditable = (element: Element): boolean =>
  (element as HTMLElement).isContentEditable ||
  (isControl(element) && !/^(button|image|reset|submit)$/.test(element.type));

const isSwitch = (control: Control): control is HTMLInputElement => control.type === "checkbox" || control.type === "radio";

const isSelect = (control: Control): control is HTMLSelectElement => control.nodeName === "SELECT";

function stateOf(control: Control): string {
  if (isSelect(control)) return chosen(control, (option) => option.selected);
  return isSwitch(control) ? String(control.checked) : control.value;
}

function defaultOf(control: Control): string {
  if (isSelect(control)) return defaultChoice(control);
  if (isSwitch(control)) return String(control.defaultChecked);
  return control.value === control.defaultValue ? control.value : sanitized(control);
}

/** The value of a control that nobody has touched: some kinds have one although none is given. */
function sanitized(control: HTMLInputElement | HTMLTextAreaElement): string {
  const form = document.createElement("form");
  const fresh = control.cloneNode(true) as typeof control;
  form.append(fresh);
  form.reset();
  return fresh.value;
}

const chosen = (select: HTMLSelectElement, is: (option: HTMLOptionElement) => boolean): string =>
  JSON.stringify([...select.options].filter(is).map(({ value }) => value));

function defaultChoice(select: HTMLSelectElement): string {
  const options = [...select.options];
  const isOneOf = !select.multiple && select.size <= 1;
  const given = options.filter(({ defaultSelected }) => defaultSelected);
  const first = options.find(({ disabled }) => !disabled);
  if (!isOneOf) return chosen(select, (option) => given.includes(option));
  return chosen(select, (option) => option === (given.at(-1) ?? first));
}

function setState(control: Control, state: string): void {
  if (isSelect(control)) choose(control, JSON.parse(state) as string[]);
  else if (isSwitch(control)) control.checked = state === "true";
  else control.value = state;
}

/** A choice that the server has taken off the list can't be kept. */
function choose(select: HTMLSelectElement, values: string[]): void {
  const options = [...select.options];
  if (!options.some(({ value }) => values.includes(value))) return;
  for (const option of options) option.selected = values.includes(option.value);
}
