// The code editor, loaded when one is opened.

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--accent-text)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--info)" },
  { tag: [tags.comment], color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.definition(tags.variableName), tags.function(tags.variableName), tags.propertyName], color: "var(--ink)" },
]);

const looks = EditorView.theme({
  "&": { height: "min(32rem, 70vh)", border: "1px solid var(--line-strong)", borderRadius: "0.5rem", background: "var(--card)", color: "var(--ink)", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", borderRadius: "0.5rem" },
  ".cm-gutters": { background: "var(--sunken)", color: "var(--muted)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "& .cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "color-mix(in srgb, var(--focus) 30%, transparent)" },
});

/** Text typed over a selection: left to the browser, it would keep the former text's looks with a style that the policy forbids. */
const typedOverSelection = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    const isOver = event.inputType === "insertText" && event.data !== null && !view.composing && !view.state.selection.main.empty;
    if (!isOver) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

interface Options {
  parent: ShadowRoot;
  text: string;
  label: string;
  describedBy: string;
  onChange: (text: string) => void;
  onSave: () => void;
}

/** Its styles go into a shadow root, where they are no inline styles to the page's policy. */
export function openEditor({ parent, text, label, describedBy, onChange, onSave }: Options): EditorView {
  const save = () => {
    onSave();
    return true;
  };
  const extensions = [
    lineNumbers(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    javascript(),
    syntaxHighlighting(colours),
    looks,
    typedOverSelection,
    keymap.of([{ key: "Mod-s", run: save, preventDefault: true }, indentWithTab, ...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({ "aria-label": label, "aria-description": describedBy, tabindex: "0" }),
    EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange(state.doc.toString())),
  ];
  return new EditorView({ parent, root: parent, state: EditorState.create({ doc: text, extensions }) });
}
