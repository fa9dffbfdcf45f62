// What is shown when a view breaks, or can't be loaded because the hub is another version by now.

import { Button } from "@mantine/core";
import { Unplug } from "lucide-react";
import { Component, type ReactNode } from "react";
import { Empty } from "../parts/Empty";
import { Page } from "../parts/Page";

interface Props {
  /** Where one is: somewhere else it is tried anew. */
  place: string;
  children: ReactNode;
}

interface State {
  isBroken: boolean;
  place: string;
}

export class Fallback extends Component<Props, State> {
  override state: State = { isBroken: false, place: this.props.place };

  static getDerivedStateFromError(): Partial<State> {
    return { isBroken: true };
  }

  static getDerivedStateFromProps({ place }: Props, state: State): State {
    return place === state.place ? state : { isBroken: false, place };
  }

  override render() {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

function Broken() {
  return (
    <Page title="This view isn't there">
      <Empty icon={Unplug} title="It couldn't be loaded, or broke" action={<Button onClick={() => location.reload()}>Reload the page</Button>}>
        The hub may have been updated since the page was opened, or isn't reachable.
      </Empty>
    </Page>
  );
}
