// A new user.

import { PasswordInput, TextInput } from "@mantine/core";
import { answer, hub, type User } from "../../api/client";
import { ofApp, queries } from "../../api/queries";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";

interface Props {
  app: string;
  onClose: () => void;
  onCreated: (user: User) => void;
}

export function CreateUser({ app, onClose, onCreated }: Props) {
  const create = ({ id, role, password }: { id: string; role: string; password: string }) =>
    answer(hub.POST("/api/v1/apps/{app}/users", { params: { path: { app } }, body: { id, role, password: password || null } }));
  const form = useForm({ id: "", role: "", password: "" }, create, async (user) => {
    await queries.invalidateQueries({ queryKey: ofApp(app, "users") });
    onClose();
    onCreated(user);
  });
  return (
    <FormDialog title="Create a user" verb="Create" form={form} onClose={onClose}>
      <TextInput label="Id" description="The login" placeholder="anna" required data-autofocus autoComplete="off" {...form.text("id")} />
      <TextInput label="Role" description="One word that pushes and endpoints can name" placeholder="editor" autoComplete="off" {...form.text("role")} />
      <PasswordInput
        label="Password"
        description="Without one, only your backend opens sessions for this user"
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
        {...form.text("password")}
      />
    </FormDialog>
  );
}
