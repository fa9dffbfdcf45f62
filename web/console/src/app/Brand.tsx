// The bell and the name.

import { Link } from "wouter";
import classes from "./Brand.module.css";

export function Brand() {
  return (
    <Link href="/" className={classes.brand}>
      <img src="/landing/favicon.svg" alt="" width="26" height="26" /> Campanile
    </Link>
  );
}
