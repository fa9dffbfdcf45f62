// Says in passing that something was done.

import { notifications } from "@mantine/notifications";

export const tell = (message: string) => notifications.show({ message, autoClose: 4_000, withBorder: true, color: "var(--good)" });
