// The frame around a view for who isn't logged in.

import { Anchor } from "@mantine/core";
import { Brand } from "./Brand";
import { Views } from "./Views";
import classes from "./Visit.module.css";

export function Visit() {
  return (
    <>
      <header className={classes.bar}>
        <Brand />
        <Anchor href="/console">Log in</Anchor>
      </header>
      <main className={classes.main}>
        <Views />
      </main>
    </>
  );
}
