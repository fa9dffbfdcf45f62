// A form: its values, sending them, and what the API found wrong with each.

import { useMutation, type UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem } from "../api/client";

/** What an input needs to hold one of the values. */
interface Bound<V> {
  value: V;
  onChange: (value: V) => void;
  error: string | undefined;
}

/** The same for an input whose `onChange` gets an event. */
interface BoundText<V> {
  value: V;
  onChange: (event: { currentTarget: { value: string } }) => void;
  error: string | undefined;
}

export interface Form<T, R = unknown> {
  values: T;
  set: (change: Partial<T>) => void;
  bind: <K extends keyof T & string>(name: K) => Bound<T[K]>;
  text: <K extends keyof T & string>(name: K) => BoundText<T[K]>;
  onSubmit: (event: FormEvent) => void;
  sending: UseMutationResult<R, Error, void>;
}

/** A form that begins with these values. `send` gets them when it is submitted. */
export function useForm<T extends object, R>(initial: T, send: (values: T) => Promise<R>, onSent?: (answer: R) => unknown): Form<T, R> {
  const [values, setValues] = useState(initial);
  const sending = useMutation<R, Error>({ mutationFn: () => send(values), onSuccess: onSent });
  const set = (change: Partial<T>) => setValues((former) => ({ ...former, ...change }));
  const change = (name: string, value: unknown) => set({ [name]: value } as Partial<T>);
  const wrong = sending.error instanceof Problem ? sending.error.field : undefined;
  const errorOf = (name: string) => (wrong?.name === name ? wrong.problem : undefined);
  return {
    values,
    set,
    sending,
    bind: (name) => ({ value: values[name], onChange: (value) => change(name, value), error: errorOf(name) }),
    text: (name) => ({ value: values[name], onChange: ({ currentTarget }) => change(name, currentTarget.value), error: errorOf(name) }),
    onSubmit: (event) => {
      event.preventDefault();
      sending.mutate();
    },
  };
}
