// The frame of a view: its heading with what one can do there, and cards for its parts.

import { useDocumentTitle } from "@mantine/hooks";
import { ChevronLeft } from "lucide-react";
import { type ReactNode, useId } from "react";
import { Link } from "wouter";
import classes from "./Page.module.css";

interface PageProps {
  title: string;
  /** The list that this is one of. */
  back?: { href: string; title: string };
  /** One sentence. */
  about?: ReactNode;
  /** Buttons beside the heading. */
  actions?: ReactNode;
  /** Takes all the width there is. */
  wide?: true;
  children: ReactNode;
}

export function Page({ title, back, about, actions, wide, children }: PageProps) {
  useDocumentTitle(`${title} · Campanile`);
  return (
    <>
      <header className={classes.header}>
        <div>
          {back && (
            <Link href={back.href} className={classes.back}>
              <ChevronLeft size={15} aria-hidden /> {back.title}
            </Link>
          )}
          <h1>{title}</h1>
          {about && <p>{about}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.body} data-wide={wide}>
        {children}
      </div>
    </>
  );
}

interface CardProps {
  title?: ReactNode;
  about?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  /** Lets the content, a table for instance, reach the edges. */
  flush?: true;
}

export function Card({ title, about, actions, children, flush }: CardProps) {
  const heading = useId();
  return (
    <section className={classes.card} data-flush={flush} aria-labelledby={title ? heading : undefined}>
      {(title || actions) && (
        <div className={classes.top}>
          <div>
            {title && <h2 id={heading}>{title}</h2>}
            {about && <p>{about}</p>}
          </div>
          {actions && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

/** Cards beside each other where there is room. */
export function Columns({ children, wide }: { children: ReactNode; wide?: "first" }) {
  return (
    <div className={classes.columns} data-wide={wide}>
      {children}
    </div>
  );
}
