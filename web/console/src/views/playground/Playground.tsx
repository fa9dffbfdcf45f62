// Where one tries dashboards of third-party widgets against this hub.

import { useSearchParams } from "wouter";
import { Failure } from "../../parts/Failure";
import { Card, Page } from "../../parts/Page";
import { Beginnings } from "./Beginnings";
import { Offer } from "./Offer";
import { useShelf } from "./shelf";
import { Workshop } from "./Workshop";

export default function Playground() {
  const { boards, problem } = useShelf();
  const [search, setSearch] = useSearchParams();
  const board = boards.find(({ id }) => id === search.get("dashboard")) ?? boards.at(-1);
  const open = (id: string) => setSearch({ dashboard: id });
  return (
    <Page title="Playground" about="Dashboards of plugins whose widgets talk to this hub. Plugins run apart from the console, and only when you say so; all of it is kept in this browser.">
      <Offer onKept={open} />
      <Failure problem={problem} />
      {board ? (
        <Workshop key={board.id} board={board} boards={boards} onOpen={open} />
      ) : (
        <Card>
          <Beginnings onKept={open} />
        </Card>
      )}
    </Page>
  );
}
