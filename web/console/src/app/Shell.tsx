// The frame around every view: skip links, navigation, the palette, and the view that the address names.

import { ActionIcon, Drawer, Kbd, UnstyledButton } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { useIsFetching } from "@tanstack/react-query";
import { Menu, Search } from "lucide-react";
import { useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { Brand } from "./Brand";
import { CurrentApp } from "./current-app";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import classes from "./Shell.module.css";
import { Views } from "./Views";

export function Shell() {
  const [menuOpen, menu] = useDisclosure();
  const [paletteOpen, palette] = useDisclosure();
  useHotkeys([["mod+K", palette.toggle]], []);
  const [location] = useLocation();
  useEffect(menu.close, [location]);
  const navigation = (
    <>
      <SearchButton onClick={palette.open} />
      <Navigation />
    </>
  );
  return (
    <CurrentApp>
      <nav className={classes.skips} aria-label="Skip links">
        <a href="#main">Skip to the content</a>
        <a href="#navigation">Skip to the navigation</a>
      </nav>
      <Busy />
      <div className={classes.shell}>
        <header className={classes.bar}>
          <ActionIcon onClick={menu.open} aria-label="Menu" aria-expanded={menuOpen}>
            <Menu size={20} aria-hidden />
          </ActionIcon>
          <Brand />
          <ActionIcon onClick={palette.open} aria-label="Go to …">
            <Search size={18} aria-hidden />
          </ActionIcon>
        </header>
        <aside className={classes.side} id="navigation" tabIndex={-1} aria-label="Console">
          <Brand />
          {navigation}
        </aside>
        <Drawer opened={menuOpen} onClose={menu.close} size="17rem" title={<Brand />}>
          {navigation}
        </Drawer>
        <Main />
      </div>
      {paletteOpen && <Palette onClose={palette.close} />}
    </CurrentApp>
  );
}

function SearchButton({ onClick }: { onClick: () => void }) {
  return (
    <UnstyledButton className={classes.search} onClick={onClick} aria-keyshortcuts="Control+K">
      <Search size={15} aria-hidden /> Go to … <Kbd size="xs">Ctrl K</Kbd>
    </UnstyledButton>
  );
}

/** The view. When it changes, reading goes on at its beginning. */
function Main() {
  const [location] = useLocation();
  const view = location.split("/").slice(0, 4).join("/");
  const main = useRef<HTMLElement>(null);
  const shown = useRef(view);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [view]);
  return (
    <main id="main" ref={main} tabIndex={-1} className={classes.main}>
      <Views />
    </main>
  );
}

/** A thin line at the top while a first answer is awaited. */
function Busy() {
  const waiting = useIsFetching({ predicate: ({ state }) => state.data === undefined });
  return waiting > 0 ? <div className={classes.busy} role="progressbar" aria-label="Loading" /> : null;
}
