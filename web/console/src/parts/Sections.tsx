// Parts of a view that each have an address of their own, with the way between them.

import { type ComponentType, useEffect, useRef } from "react";
import { Link, Route, Switch, useRoute } from "wouter";
import classes from "./Sections.module.css";

export interface Section {
  /** Below the view's address; "/" is shown first. */
  path: string;
  title: string;
  Shown: ComponentType;
}

export function Sections({ label, sections }: { label: string; sections: Section[] }) {
  return (
    <>
      <nav aria-label={label} className={classes.tabs}>
        {sections.map((section) => (
          <Tab key={section.path} {...section} />
        ))}
      </nav>
      <Switch>
        {sections.map(({ path, Shown }) => (
          <Route key={path} path={path}>
            <Shown />
          </Route>
        ))}
      </Switch>
    </>
  );
}

function Tab({ path, title }: Section) {
  const [isHere] = useRoute(path);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isHere) link.current?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [isHere]);
  return (
    <Link href={path} ref={link} aria-current={isHere ? "page" : undefined}>
      {title}
    </Link>
  );
}
