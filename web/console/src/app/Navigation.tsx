// The way to every view: those of the hub, and those of the chosen app below its name.

import { Link, useRoute } from "wouter";
import { AppSwitcher } from "./AppSwitcher";
import { useChosenApp } from "./current-app";
import classes from "./Navigation.module.css";
import { APP_VIEWS, HUB_VIEWS, type View } from "./views";

export function Navigation() {
  const app = useChosenApp();
  return (
    <nav className={classes.navigation} aria-label="Views">
      <Group title="Hub" views={HUB_VIEWS} base="" />
      <AppSwitcher />
      {app !== undefined && <Group title={`App ${app}`} views={APP_VIEWS} base={`/apps/${app}`} />}
    </nav>
  );
}

function Group({ title, views, base }: { title: string; views: View[]; base: string }) {
  return (
    <ul className={classes.group} aria-label={title}>
      {views.map((view) => (
        <Item key={view.path} view={view} href={`${base}${view.path}`} isOfApp={base !== ""} />
      ))}
    </ul>
  );
}

function Item({ view: { icon: Icon, title }, href, isOfApp }: { view: View; href: string; isOfApp: boolean }) {
  const [isHere] = useRoute(isOfApp ? `${href}/*?` : href);
  return (
    <li>
      <Link href={href} className={classes.item} aria-current={isHere ? "page" : undefined}>
        <Icon size={17} strokeWidth={1.75} aria-hidden /> {title}
      </Link>
    </li>
  );
}
