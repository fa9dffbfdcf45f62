// Where administrators log in.

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { answer, type Credentials, hub, type Me } from "../../api/client";
import { ME, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import { useForm } from "../../parts/form";
import classes from "./Login.module.css";

export function Login() {
  useDocumentTitle("Log in · Campanile");
  const logIn = (body: Credentials) => answer(hub.POST("/api/v1/admin/login", { body }));
  const { text, onSubmit, sending } = useForm({ name: "admin", password: "" }, logIn, ({ name, csrf_token, expires_at_ms }) =>
    queries.setQueryData<Me>(ME, { name, csrf_token, expires_at_ms }),
  );
  return (
    <main className={classes.login}>
      <form className={classes.card} onSubmit={onSubmit}>
        <img src="/landing/favicon.svg" alt="" width="44" height="44" />
        <h1>Campanile</h1>
        <p className={classes.about}>The console of this hub, for its administrators</p>
        <TextInput label="Name" autoComplete="username" required withAsterisk={false} {...text("name")} />
        <PasswordInput
          label="Password"
          {...text("password")}
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus
          visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
        />
        <Failure problem={sending.error} />
        <Button type="submit" loading={sending.isPending} size="md" fullWidth>
          Log in
        </Button>
        <p className={classes.hint}>The first password was printed, once, when the hub was started for the first time.</p>
      </form>
    </main>
  );
}
