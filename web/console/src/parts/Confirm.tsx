// Asks before something can't be taken back.

import { Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Failure } from "./Failure";

interface Props {
  /** What would be done: "Delete the app shop". */
  title: string;
  /** What that means. */
  children: ReactNode;
  /** The word on the button. */
  verb: string;
  /** What has to be typed first, where the loss would be large. */
  typed?: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

export function Confirm({ title, children, verb, typed, onConfirm, onClose }: Props) {
  const [text, setText] = useState("");
  const { mutate, isPending, error } = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Text size="sm">{children}</Text>
        {typed && (
          <TextInput
            mt="md"
            label={<>Type <code>{typed}</code> to go on</>}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <div style={{ marginTop: "1rem" }}>
          <Failure problem={error} />
        </div>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={isPending} disabled={typed !== undefined && text !== typed} data-autofocus={typed ? undefined : true}>
            {verb}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
