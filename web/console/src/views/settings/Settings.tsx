// What concerns whoever looks: colours, the password; and where to read more.

import { Anchor, Button, SegmentedControl, Stack, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { logOut } from "../../app/log-out";
import { ME, readMe } from "../../api/queries";
import { Card, Columns, Page } from "../../parts/Page";
import { Password } from "./Password";
import classes from "./Settings.module.css";

const SCHEMES = [
  { value: "auto", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

const LINKS: [string, string, string][] = [
  ["/api/v1/docs", "HTTP API", "Every call, to read and to try. The console does nothing that isn't there"],
  ["/api/v1/openapi.json", "OpenAPI document", "The same for generators and tools"],
  ["/metrics", "Metrics", "For Prometheus"],
  ["/", "Landing page", "What visitors see: providers, and how to become one"],
  ["/console/assets/licenses.md", "Licences", "Of what the console is made of"],
];

export default function Settings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: me } = useQuery({ queryKey: ME, queryFn: readMe, staleTime: Infinity });
  const leave = (
    <Button variant="default" leftSection={<LogOut size={16} aria-hidden />} onClick={() => void logOut()}>
      Log out
    </Button>
  );
  return (
    <Page title="Settings" about={me && `You are logged in as ${me.name}`} actions={leave}>
      <Columns>
        <Stack gap="1.25rem">
          <Card title="Theme" about="Kept in this browser">
            <SegmentedControl data={SCHEMES} value={colorScheme} onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)} aria-label="Theme" />
          </Card>
          <Password />
        </Stack>
        <Card title="Read more">
          <ul className={classes.links}>
            {LINKS.map(([href, name, about]) => (
              <li key={href}>
                <Anchor href={href} target="_blank">
                  {name}
                </Anchor>
                <span>{about}</span>
              </li>
            ))}
          </ul>
        </Card>
      </Columns>
    </Page>
  );
}
