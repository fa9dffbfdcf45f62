// Which dashboard is open, and what one can do with it as a whole.

import { Button, Group, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Download, Pencil, Plus, Share2, Trash2 } from "lucide-react";
import { useState } from "react";
import { Confirm } from "../../parts/Confirm";
import { Snippet } from "../../parts/Copy";
import { Failure } from "../../parts/Failure";
import { FormDialog } from "../../parts/FormDialog";
import { useForm } from "../../parts/form";
import { Card } from "../../parts/Page";
import { tell } from "../../parts/told";
import { Beginnings } from "./Beginnings";
import { written } from "./document";
import { ImportButton } from "./ImportButton";
import { linkTo } from "./link";
import { NAME_CHARACTERS_MAX } from "./limits";
import classes from "./Playground.module.css";
import { type Board, discard, edit } from "./shelf";

interface Props {
  board: Board;
  boards: Board[];
  onOpen: (id: string) => void;
}

export function Dashboards({ board, boards, onOpen }: Props) {
  const [opened, setOpened] = useState<"new" | "rename" | "delete">();
  const sharing = useMutation({ mutationFn: () => linkTo(board) });
  const close = () => setOpened(undefined);
  return (
    <Card>
      <div className={classes.bar}>
        <NativeSelect label="Dashboard" value={board.id} data={boards.map(({ id, name }) => ({ value: id, label: name }))} onChange={(event) => onOpen(event.currentTarget.value)} />
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<Plus size={15} aria-hidden />} onClick={() => setOpened("new")}>
            New
          </Button>
          <Button size="xs" variant="default" leftSection={<Pencil size={15} aria-hidden />} onClick={() => setOpened("rename")}>
            Rename
          </Button>
          <Button size="xs" variant="default" leftSection={<Share2 size={15} aria-hidden />} onClick={() => sharing.mutate()}>
            Share
          </Button>
          <Button size="xs" variant="default" leftSection={<Download size={15} aria-hidden />} onClick={() => download(board)}>
            Export
          </Button>
          <ImportButton onKept={onOpen} />
          <Button size="xs" variant="default" leftSection={<Trash2 size={15} aria-hidden />} onClick={() => setOpened("delete")}>
            Delete
          </Button>
        </Group>
      </div>
      <Failure problem={sharing.error?.message} />
      {sharing.data && <SharedLink link={sharing.data} onClose={sharing.reset} />}
      {opened === "new" && (
        <Modal opened onClose={close} title="A new dashboard" size="lg">
          <Beginnings
            onKept={(id) => {
              close();
              onOpen(id);
            }}
          />
        </Modal>
      )}
      {opened === "rename" && <Rename board={board} onClose={close} />}
      {opened === "delete" && (
        <Confirm title={`Delete ${board.name}`} verb="Delete" onConfirm={async () => discard(board.id)} onClose={close}>
          The dashboard and its plugins are only in this browser. What isn't exported is gone.
        </Confirm>
      )}
    </Card>
  );
}

function SharedLink({ link, onClose }: { link: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="A link to this dashboard" size="lg">
      <p className={classes.paragraph}>All of it is in the link: plugins, boxes, signals. Whoever opens it is asked before it is kept, and before it runs.</p>
      <Snippet code={link} what="the link" />
    </Modal>
  );
}

function Rename({ board, onClose }: { board: Board; onClose: () => void }) {
  const form = useForm(
    { name: board.name },
    async ({ name }) => edit(board.id, () => ({ name: name.trim() })),
    () => {
      onClose();
      tell("The dashboard is renamed.");
    },
  );
  return (
    <FormDialog title="Rename the dashboard" verb="Rename" form={form} onClose={onClose}>
      <TextInput label="Name" required maxLength={NAME_CHARACTERS_MAX} pattern=".*\S.*" data-autofocus {...form.text("name")} />
    </FormDialog>
  );
}

/** Hands the dashboard to the browser as a file. */
function download(board: Board) {
  const address = URL.createObjectURL(new Blob([`${written(board)}\n`], { type: "application/json" }));
  const name = board.name.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase();
  Object.assign(document.createElement("a"), { href: address, download: `${name}.playground.json` }).click();
  URL.revokeObjectURL(address);
}
