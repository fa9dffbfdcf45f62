// One structure: its objects, its fields, its endpoints.

import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { answer, hub, type Structure } from "../../api/client";
import { ofApp } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { Page } from "../../parts/Page";
import { Sections } from "../../parts/Sections";
import { StructureContext } from "./context";
import { Endpoints } from "./Endpoints";
import { FieldsEditor } from "./FieldsEditor";
import { Objects } from "./Objects";

const SECTIONS = [
  { path: "/", title: "Objects", Shown: Objects },
  { path: "/fields", title: "Fields", Shown: FieldsEditor },
  { path: "/endpoints", title: "Endpoints", Shown: Endpoints },
];

export function StructureView({ app, name }: { app: string; name: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ofApp(app, "structures", name),
    queryFn: () => answer(hub.GET("/api/v1/apps/{app}/structures/{structure}", { params: { path: { app, structure: name } } })),
  });
  return (
    <Page title={data?.title ?? name} back={{ href: `~/console/apps/${app}/data`, title: "Data" }} about={data && about(data)}>
      {data && (
        <StructureContext value={{ app, structure: data }}>
          <Sections label="Parts of the structure" sections={SECTIONS} />
        </StructureContext>
      )}
      {!data && error && <Failure problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={320} radius="md" />}
    </Page>
  );
}

const about = ({ name, objects }: Structure) => `${name} · ${objects.toLocaleString("en")} ${objects === 1 ? "object" : "objects"}`;
