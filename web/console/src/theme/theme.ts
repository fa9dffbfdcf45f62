// How Mantine's components look here. Colours are names of theme.css, so that both schemes are written in one place.

import { createTheme, type VariantColorsResolver } from "@mantine/core";

/** A colour of theme.css, in the three ways in which components use one. */
const tones: Record<string, { filled: string; hover: string; ink: string; soft: string; text: string }> = {
  primary: tone("accent", "var(--accent-hover)", "var(--accent-ink)", "var(--accent-text)"),
  red: tone("bad", "var(--bad-hover)", "var(--card)", "var(--bad)"),
  green: tone("good", "var(--good)", "var(--card)", "var(--good)"),
  gray: { filled: "var(--muted)", hover: "var(--ink)", ink: "var(--card)", soft: "var(--sunken)", text: "var(--muted)" },
};

function tone(name: string, hover: string, ink: string, text: string) {
  return { filled: `var(--${name})`, hover, ink, soft: `var(--${name}-soft)`, text };
}

const variantColorResolver: VariantColorsResolver = ({ color, variant }) => {
  const { filled, hover, ink, soft, text } = tones[color ?? "primary"] ?? tones.primary!;
  const border = "1px solid transparent";
  switch (variant) {
    case "filled":
      return { background: filled, hover, color: ink, border };
    case "light":
      return { background: soft, hover: soft, color: text, border };
    case "outline":
      return { background: "transparent", hover: soft, color: text, border: `1px solid ${filled}` };
    case "subtle":
    case "transparent":
      return { background: "transparent", hover: soft, color: color === "gray" ? "var(--muted)" : text, border };
    default:
      return { background: "var(--card)", hover: "var(--sunken)", color: "var(--ink)", border: "1px solid var(--line-strong)" };
  }
};

/** Dialogs leave scrolling to theme.css: what Mantine does about it needs a style in the page, which the policy forbids. */
const dialog = { lockScroll: false, transitionProps: { duration: 120 }, closeButtonProps: { "aria-label": "Close" } };

export const theme = createTheme({
  fontFamily: "var(--sans)",
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  variantColorResolver,
  components: {
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "lg" } },
    Button: { defaultProps: { fw: 550 } },
    Checkbox: { defaultProps: { iconColor: "var(--accent-ink)" } },
    Drawer: { defaultProps: dialog },
    Modal: { defaultProps: { ...dialog, centered: true, overlayProps: { backgroundOpacity: 0.4 } } },
    Skeleton: { defaultProps: { radius: "sm" } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
});
