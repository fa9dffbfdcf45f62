// A new password for the administrator who is logged in.

import { Button, PasswordInput, Stack } from "@mantine/core";
import { answer, hub, type PasswordChange } from "../../api/client";
import { ME, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { Card } from "../../parts/Page";
import { tell } from "../../parts/told";

export function Password() {
  const change = (body: PasswordChange) => answer(hub.PUT("/api/v1/admin/password", { body }));
  // All sessions have ended with it, this one too.
  const { text, onSubmit, sending } = useForm({ old_password: "", new_password: "" }, change, () => {
    tell("The password is changed. Log in with the new one.");
    queries.setQueryData(ME, null);
  });
  const reveal = { visibilityToggleButtonProps: { "aria-label": "Show the password" } };
  return (
    <Card title="Password" about="Changing it ends all your sessions, also those of programs">
      <form onSubmit={onSubmit}>
        <Stack gap="sm">
          <PasswordInput label="Present password" autoComplete="current-password" required withAsterisk={false} {...text("old_password")} {...reveal} />
          <PasswordInput label="New password" description="At least 8 characters" autoComplete="new-password" required withAsterisk={false} minLength={8} {...text("new_password")} {...reveal} />
          <Failure problem={sending.error} />
          <div>
            <Button type="submit" variant="default" loading={sending.isPending}>
              Change the password
            </Button>
          </div>
        </Stack>
      </form>
    </Card>
  );
}
