// The table of views. A row is all that a view needs to be found: in the navigation, by the palette, under its address.

import {
  Bell,
  Database,
  Gauge,
  LayoutDashboard,
  LayoutGrid,
  type LucideIcon,
  PanelsTopLeft,
  RadioTower,
  ScrollText,
  Settings,
  SlidersHorizontal,
  Timer,
  Users,
  Waves,
  Workflow,
} from "lucide-react";
import type { ComponentType } from "react";

export interface View {
  /** Below `/console` for the hub's, below `/console/apps/{app}` for an app's. */
  path: string;
  title: string;
  icon: LucideIcon;
  /** Further words to find it by. */
  words: string;
  load: () => Promise<{ default: ComponentType }>;
  /** Also for who isn't logged in: it asks nothing of the hub that not everybody may ask. */
  isOpen?: true;
}

/** Views of the hub as a whole. */
export const HUB_VIEWS: View[] = [
  { path: "/", title: "Overview", icon: Gauge, words: "live charts statistics metrics", load: () => import("../views/overview/Overview") },
  { path: "/traffic", title: "Live traffic", icon: Waves, words: "flows events messages monitor sequence diagram debug", load: () => import("../views/traffic/Traffic") },
  { path: "/apps", title: "Apps", icon: LayoutGrid, words: "create tenant", load: () => import("../views/apps/Apps") },
  { path: "/audit", title: "Audit log", icon: ScrollText, words: "changes history who", load: () => import("../views/audit/Audit") },
  { path: "/playground", title: "Playground", icon: LayoutDashboard, words: "dashboard widgets plugins vehicle signals boxes try", load: () => import("../views/playground/Playground"), isOpen: true },
  { path: "/settings", title: "Settings", icon: Settings, words: "theme dark light password documentation", load: () => import("../views/settings/Settings") },
];

/** Views of the app that is chosen. */
export const APP_VIEWS: View[] = [
  { path: "/first-minute", title: "First minute", icon: Timer, words: "start guide connect snippet", load: () => import("../views/first-minute/FirstMinute") },
  { path: "/push", title: "Push", icon: Bell, words: "send alert redirect refresh event toast history", load: () => import("../views/push/Push") },
  { path: "/users", title: "Users", icon: Users, words: "sessions sockets online kick password role", load: () => import("../views/users/Users") },
  { path: "/providers", title: "Providers", icon: RadioTower, words: "bridge request broadcast followers", load: () => import("../views/providers/Providers") },
  { path: "/data", title: "Data", icon: Database, words: "structures objects fields endpoints table", load: () => import("../views/data/Data") },
  { path: "/scenarios", title: "Scenarios", icon: Workflow, words: "automation trigger steps runs schedule webhook test", load: () => import("../views/scenarios/Scenarios") },
  { path: "/pages", title: "Pages", icon: PanelsTopLeft, words: "web site form chat messenger table blocks editor preview", load: () => import("../views/pages/Pages") },
  { path: "/manage", title: "App settings", icon: SlidersHorizontal, words: "keys secret plugins delete anonymous", load: () => import("../views/app-settings/AppSettings") },
];
