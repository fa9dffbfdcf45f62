// What an endpoint lets through.

import { Drawer, MultiSelect, NumberInput, Select, Stack, TagsInput, TextInput, Button } from "@mantine/core";
import { answer, type Endpoint, type EndpointAccess, hub, type NewEndpoint } from "../../api/client";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import { JsonField, parsed, written } from "../../parts/JsonField";
import { readDataAgain, useStructure } from "./context";
import classes from "./Data.module.css";

const ACCESS = [
  { value: "anyone", label: "Anyone" },
  { value: "users", label: "Users: with a live session" },
  { value: "roles", label: "Users in certain roles" },
  { value: "owner", label: "Owners: users, with what they created" },
  { value: "nobody", label: "Nobody" },
];

/** The fields that the hub has of itself, and that an endpoint shows if they are named. */
const OWN = ["version", "created_at_ms", "updated_at_ms", "created_by"];

interface Values {
  method: string;
  read: EndpointAccess;
  write: EndpointAccess;
  filter: string;
  fields: string[];
  page_size: number | string;
}

export function EndpointForm({ endpoint, onClose }: { endpoint: Endpoint | undefined; onClose: () => void }) {
  const { app, structure } = useStructure();
  const initial: Values = {
    method: endpoint?.method ?? "",
    read: endpoint?.read ?? "users",
    write: endpoint?.write ?? "nobody",
    filter: endpoint?.filter ? written(endpoint.filter) : "",
    fields: endpoint?.fields ?? [],
    page_size: endpoint?.page_size ?? "",
  };
  const save = ({ method, read, write, filter, fields, page_size }: Values) => {
    const body: NewEndpoint = { read, write, filter: parsed<Record<string, unknown>>(filter) ?? null, fields: fields.length > 0 ? fields : null, page_size: page_size === "" ? null : Number(page_size) };
    return answer(hub.PUT("/api/v1/apps/{app}/endpoints/{structure}/{method}", { params: { path: { app, structure: structure.name, method } }, body }));
  };
  const { text, bind, onSubmit, sending } = useForm(initial, save, async () => {
    await readDataAgain(app);
    onClose();
  });
  return (
    <Drawer opened onClose={onClose} position="right" size="34rem" title={endpoint ? `${structure.name}/${endpoint.method}` : "Create an endpoint"} classNames={{ title: classes.drawerTitle }}>
      <form onSubmit={onSubmit}>
        <Stack gap="md">
          {!endpoint && <TextInput label="Name" description="Letters, digits, _ and -" placeholder="open" required pattern="[A-Za-z0-9_\-]{1,64}" data-autofocus autoComplete="off" {...text("method")} />}
          <AccessInput label="Who may read" {...bind("read")} />
          <AccessInput label="Who may write" {...bind("write")} />
          <JsonField
            label="Filter"
            description={"Only these objects are read. Values may be {{HttpRequest.x}}, {{WebUser.id}} and {{WebUser.role}}"}
            placeholder={'{"customer": "{{WebUser.id}}"}'}
            rows={4}
            {...bind("filter")}
          />
          <MultiSelect label="Fields" description="All but the hub's own if empty" data={[...structure.fields.map(({ name }) => name), ...OWN]} searchable clearable clearButtonProps={{ "aria-label": "All fields" }} {...bind("fields")} />
          <NumberInput label="Objects on a page" description="Unless the caller says; 30 if empty" min={1} max={200} allowDecimal={false} {...bind("page_size")} />
          <Failure problem={sending.error} />
          <div>
            <Button type="submit" loading={sending.isPending}>
              {endpoint ? "Save" : "Create"}
            </Button>
          </div>
        </Stack>
      </form>
    </Drawer>
  );
}

interface AccessProps {
  label: string;
  value: EndpointAccess;
  onChange: (access: EndpointAccess) => void;
  error: string | undefined;
}

function AccessInput({ label, value, onChange, error }: AccessProps) {
  const isRoles = typeof value === "object";
  return (
    <Stack gap="xs">
      <Select
        label={label}
        data={ACCESS}
        value={isRoles ? "roles" : value}
        allowDeselect={false}
        error={error}
        onChange={(chosen) => chosen && onChange(chosen === "roles" ? { roles: [] } : (chosen as EndpointAccess))}
      />
      {isRoles && <TagsInput aria-label={`Roles: ${label.toLowerCase()}`} placeholder="Roles; Enter adds one" value={value.roles} onChange={(roles) => onChange({ roles })} acceptValueOnBlur />}
    </Stack>
  );
}
