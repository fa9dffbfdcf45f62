// A node of a widget's over the whole dashboard. One at a time; Escape or its button closes it.

export function createPopups(tell) {
  let dialog;

  function close() {
    dialog?.close();
  }

  /** @returns a function that closes it, if it is still this one */
  function open(node) {
    close();
    const mine = document.createElement("dialog");
    mine.setAttribute("aria-label", "Popup");
    const button = document.createElement("button");
    button.type = "button";
    button.ariaLabel = "Close";
    button.textContent = "×";
    button.addEventListener("click", () => mine.close());
    const content = document.createElement("div");
    content.append(node);
    mine.append(button, content);
    mine.addEventListener("close", () => {
      mine.remove();
      if (dialog !== mine) return;
      dialog = undefined;
      tell(false);
    });
    document.body.append(mine);
    mine.showModal();
    dialog = mine;
    tell(true);
    return () => mine.close();
  }

  return { open, close };
}
