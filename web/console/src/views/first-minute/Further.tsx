// Where one goes after the first minute.

import { Link } from "wouter";
import { Card } from "../../parts/Page";
import classes from "./FirstMinute.module.css";

export function Further({ app }: { app: string }) {
  const steps: [string, string, string][] = [
    [`/apps/${app}/push`, "Compose a push", "Alerts with options, redirects, refreshes, events of your own"],
    [`/apps/${app}/users`, "Create users", "Pages that connect with a session hear what is for that user only"],
    [`/apps/${app}/manage/secret-keys`, "Create a secret key", "Your backend pushes with it"],
  ];
  return (
    <Card title="And then">
      <ul className={classes.further}>
        {steps.map(([href, title, about]) => (
          <li key={href}>
            <Link href={`~/console${href}`}>{title}</Link>
            <span>{about}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
