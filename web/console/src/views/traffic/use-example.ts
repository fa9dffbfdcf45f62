// The example, and whether it runs. It ends when one leaves.

import { useEffect, useRef, useState } from "react";

export interface Example {
  state: "off" | "starting" | "on";
  problem?: unknown;
  start: () => void;
  stop: () => void;
}

export function useExample(): Example {
  const [seen, setSeen] = useState<Pick<Example, "state" | "problem">>({ state: "off" });
  const end = useRef<() => void>(undefined);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      end.current?.();
    };
  }, []);
  const start = async () => {
    setSeen({ state: "starting" });
    try {
      const { startExample } = await import("./example");
      const stop = await startExample();
      if (isGone.current) return stop();
      end.current = stop;
      setSeen({ state: "on" });
    } catch (problem) {
      setSeen({ state: "off", problem });
    }
  };
  const stop = () => {
    end.current?.();
    end.current = undefined;
    setSeen({ state: "off" });
  };
  return { ...seen, start: () => void start(), stop };
}
