// A new app.

import { TextInput } from "@mantine/core";
import { answer, type App, hub } from "../../api/client";
import { queries } from "../../api/queries";
import { useForm } from "../../parts/form";
import { FormDialog } from "../../parts/FormDialog";

export function CreateApp({ onClose, onCreated }: { onClose: () => void; onCreated: (app: App) => void }) {
  const create = ({ id, name }: { id: string; name: string }) => answer(hub.POST("/api/v1/apps", { body: { id, name: name || null } }));
  const form = useForm({ id: "", name: "" }, create, async (app) => {
    await queries.invalidateQueries({ queryKey: ["apps"] });
    onCreated(app);
  });
  const { values, text, set } = form;
  return (
    <FormDialog title="Create an app" verb="Create" form={form} onClose={onClose}>
      <TextInput
        label="Name"
        description="For people"
        placeholder="The shop"
        maxLength={200}
        {...text("name")}
        onChange={({ currentTarget }) => set({ name: currentTarget.value, ...(values.id === idOf(values.name) && { id: idOf(currentTarget.value) }) })}
        data-autofocus
      />
      <TextInput label="Id" description="In addresses and commands: a–z, 0–9, - and _. It never changes." placeholder="shop" required maxLength={64} pattern="[a-z0-9_\-]+" {...text("id")} />
    </FormDialog>
  );
}

/** What an app of this name could be called in addresses. */
const idOf = (name: string) =>
  name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);
