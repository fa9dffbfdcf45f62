// Where administrators log in.

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, hub } from "../../api/client";
import { ME, queries } from "../../api/queries";
import { Failure } from "../../parts/Failure";
import classes from "./Login.module.css";

export function Login() {
  useDocumentTitle("Log in · Campanile");
  const [name, setName] = useState("admin");
  const [password, setPassword] = useState("");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => answer(hub.POST("/api/v1/admin/login", { body: { name, password } })),
    onSuccess: ({ name, csrf_token, expires_at_ms }) => queries.setQueryData(ME, { name, csrf_token, expires_at_ms }),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    mutate();
  };
  return (
    <main className={classes.login}>
      <form className={classes.card} onSubmit={onSubmit}>
        <img src="/landing/favicon.svg" alt="" width="44" height="44" />
        <h1>Campanile</h1>
        <p className={classes.about}>The console of this hub, for its administrators</p>
        <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} autoComplete="username" required withAsterisk={false} />
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus
          visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
        />
        <Failure problem={error} />
        <Button type="submit" loading={isPending} size="md" fullWidth>
          Log in
        </Button>
        <p className={classes.hint}>The first password was printed, once, when the hub was started for the first time.</p>
      </form>
    </main>
  );
}
