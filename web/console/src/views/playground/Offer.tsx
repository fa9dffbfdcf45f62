// A dashboard that came with the link: shown for what it is, kept only if one says so, and not run by that.

import { Button, Group } from "@mantine/core";
import { useEffect, useState } from "react";
import { Snippet } from "../../parts/Copy";
import { Failure } from "../../parts/Failure";
import { Card } from "../../parts/Page";
import type { Content, Plugin } from "./document";
import { contentOf, isLink } from "./link";
import classes from "./Playground.module.css";
import { keep } from "./shelf";

export function Offer({ onKept }: { onKept: (id: string) => void }) {
  const [offered, setOffered] = useState<{ content?: Content; problem?: string }>();
  useEffect(() => {
    const look = () => {
      if (!isLink(location.hash)) return;
      contentOf(location.hash).then(
        (content) => setOffered({ content }),
        (error: Error) => setOffered({ problem: error.message }),
      );
      // It is offered once: a reload, or the address if it is passed on, doesn't offer it again.
      history.replaceState(history.state, "", location.pathname + location.search);
    };
    look();
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  if (!offered) return null;
  const { content, problem } = offered;
  if (!content) return <Failure problem={problem} />;
  const take = () => {
    setOffered(undefined);
    onKept(keep(content));
  };
  return (
    <Card title={`Somebody shares a dashboard: ${content.name}`} about="Its plugins are programs of whoever made the link. None of them has run, and keeping them runs none.">
      <div className={classes.offered}>
        {content.plugins.map((plugin) => (
          <OfferedPlugin key={plugin.name} plugin={plugin} />
        ))}
        {content.plugins.length === 0 && <p className="muted">It has no plugins.</p>}
      </div>
      <Group gap="xs">
        <Button onClick={take}>Keep it in this browser</Button>
        <Button variant="default" onClick={() => setOffered(undefined)}>
          Discard it
        </Button>
      </Group>
    </Card>
  );
}

function OfferedPlugin({ plugin: { name, source, url } }: { plugin: Plugin }) {
  if (source === undefined) {
    return (
      <p>
        {name}, read from <code className="mono">{url}</code> each time it runs
      </p>
    );
  }
  return (
    <details>
      <summary>
        {name}, {source.length.toLocaleString("en")} characters
      </summary>
      <Snippet code={source} what={`the source of ${name}`} />
    </details>
  );
}
