// Puts the look of toasts on a page, once. No inline style and no style element, so strict content policies agree.

import text from "./toasts.css";

let sheet: CSSStyleSheet | undefined;

export function wearToasts(): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
  }
  if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets.push(sheet);
}
