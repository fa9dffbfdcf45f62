// A form in a dialog: shows why it was refused. Whoever opens it closes it when it was taken.

import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure } from "./Failure";
import type { Form } from "./form";

interface Props<T, R> {
  title: string;
  /** The word on the button. */
  verb: string;
  form: Form<T, R>;
  onClose: () => void;
  size?: string;
  children: ReactNode;
}

export function FormDialog<T, R>({ title, verb, form: { onSubmit, sending }, onClose, size, children }: Props<T, R>) {
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          {children}
          <Failure problem={sending.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={sending.isPending}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
