// `campanile-sdk/react`: the kit for React. An app is connected as long as its provider is mounted; hooks listen as long
// as their components are. Before the first effect, and on a server, there is no app yet.

import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { ReactElement, ReactNode } from "react";
import { toast, ToastBar, Toaster as HotToaster } from "react-hot-toast";
import type { ToasterProps as HotToasterProps, ToastOptions as HotOptions } from "react-hot-toast";
import type { Socket } from "socket.io-client";
import { DURATION_MS } from "./alert.ts";
import type { Alert } from "./alert.ts";
import type { App, AppOptions } from "./app.ts";
import type { ProviderMessage, ProviderStatus, Reply, RequestOptions } from "./bridge.ts";
import { Burst, quiet } from "./burst.ts";
import type { Status } from "./connection.ts";
import { CampanileError } from "./errors.ts";
import { connect } from "./index.ts";
import { followRedirects } from "./moves.ts";
import type { MoveOptions } from "./moves.ts";
import { wearToasts } from "./sheet.ts";

export type { MoveOptions } from "./moves.ts";

const REFRESH_DELAY_MS = 150;
const CONNECTING: Status = { state: "connecting" };

const AppContext = createContext<App | undefined>(undefined);

export interface CampanileProps extends AppOptions {
  children?: ReactNode;
}

/** Connects to an app of the hub for everything below it. */
export function Campanile({ children, host, appId, path, sessionId, here, socket }: CampanileProps): ReactElement {
  const [app, setApp] = useState<App>();
  const latest = useLatest({ sessionId, here, socket });
  useEffect(() => {
    const opened = connect({ host, appId, path, ...latest.current });
    setApp(opened);
    return () => opened.close();
  }, [host, appId, path, latest]);
  useEffect(() => void app?.setSession(sessionId), [app, sessionId]);
  return <AppContext.Provider value={app}>{children}</AppContext.Provider>;
}

/** The app; undefined before it is connected for the first time. */
export const useApp = (): App | undefined => useContext(AppContext);

/** The stock client's socket, and how the connection stands. */
export function useSocket(): Status & { socket: Socket | undefined } {
  const app = useApp();
  const subscribe = useCallback((changed: () => void) => app?.onStatus(changed) ?? (() => {}), [app]);
  const status = useSyncExternalStore(subscribe, () => app?.status ?? CONNECTING, () => CONNECTING);
  return { ...status, socket: app?.socket };
}

/** Hears the pushes with this name. */
export function useEvent<Message = string>(name: string, listener: (message: Message) => void): void {
  const app = useApp();
  const latest = useLatest(listener);
  useEffect(() => app?.on(name, (message) => latest.current(message as Message)), [app, name, latest]);
}

/** Hears every push. */
export function usePush(listener: (name: string, message: unknown) => void): void {
  const app = useApp();
  const latest = useLatest(listener);
  useEffect(() => app?.onPush((name, message) => latest.current(name, message)), [app, latest]);
}

/** Hears the alerts that are for this page, for toasts of the page's own. */
export function useAlert(listener: (alert: Alert) => void): void {
  const app = useApp();
  const latest = useLatest(listener);
  useEffect(() => app?.onAlert((alert) => latest.current(alert)), [app, latest]);
}

export interface ProviderHook {
  status: ProviderStatus;
  /** The last broadcast. */
  message: ProviderMessage | undefined;
  /** Asks the provider and resolves with its first reply. Rejects with a `CampanileError`. */
  request: <Result = unknown>(cmd: string, data?: unknown, options?: RequestOptions) => Promise<Reply<Result>>;
}

/** Follows a provider of the bridge. `onMessage` hears every broadcast, `message` is the last one. */
export function useProvider(id: string, onMessage?: (message: ProviderMessage) => void): ProviderHook {
  const app = useApp();
  const latest = useLatest(onMessage);
  const [heard, setHeard] = useState<{ status: ProviderStatus; message?: ProviderMessage }>({ status: "unknown" });
  useEffect(() => {
    const provider = app?.provider(id);
    setHeard({ status: provider?.status ?? "unknown" });
    provider?.onStatus((status) => setHeard((now) => ({ ...now, status })));
    provider?.onMessage((message) => {
      setHeard((now) => ({ ...now, message }));
      latest.current?.(message);
    });
    return () => provider?.close();
  }, [app, id, latest]);
  const request = useMemo<ProviderHook["request"]>(
    () => (cmd, data, options) => app?.request(id, cmd, data, options) ?? Promise.reject(notYet()),
    [app, id],
  );
  return { status: heard.status, message: heard.message, request };
}

const notYet = (): CampanileError => new CampanileError("disconnected", "there is no connection yet");

export interface RefreshOptions {
  /** Signals that come so soon after another share its refresh. */
  delayMs?: number;
}

/** Calls `refresh` when what the page shows may be out of date. A burst of pushes is one call, and calls don't overlap. */
export function useRefresh(eventName: string, refresh: () => unknown, { delayMs = REFRESH_DELAY_MS }: RefreshOptions = {}): void {
  const app = useApp();
  const latest = useLatest(refresh);
  useEffect(() => {
    const burst = new Burst(() => quiet(delayMs), async () => void (await latest.current()));
    const forget = app?.onRefresh(eventName, () => burst.signal());
    return () => {
      forget?.();
      burst.stop();
    };
  }, [app, eventName, delayMs, latest]);
}

export interface RefresherProps extends RefreshOptions {
  eventName: string;
  /** Fetches again what the page shows; may return a promise. */
  onRefresh: () => unknown;
}

/** `useRefresh` as an element. */
export function Refresher({ eventName, onRefresh, ...options }: RefresherProps): null {
  useRefresh(eventName, onRefresh, options);
  return null;
}

/** Moves the browser where pushes say; `navigate` is for pages with a router. */
export function Redirects(options: MoveOptions): null {
  const app = useApp();
  const latest = useLatest(options);
  useEffect(
    () =>
      app &&
      followRedirects(app, {
        navigate: (url) => (latest.current.navigate ?? assign)(url),
        onRedirect: (redirect) => latest.current.onRedirect?.(redirect),
      }),
    [app, latest],
  );
  return null;
}

const assign = (url: string): void => location.assign(url);

export interface ToasterProps extends Omit<HotToasterProps, "children"> {
  closeLabel?: string;
}

/** Shows the app's alerts as toasts of react-hot-toast. Takes what its toaster takes. */
export function Toaster({ closeLabel = "Close", toastOptions, ...props }: ToasterProps): ReactElement {
  useEffect(wearToasts, []);
  useAlert((alert) => show(alert, props.toasterId));
  return (
    <HotToaster {...props} toastOptions={{ className: "campanile-toast", duration: DURATION_MS, ...toastOptions }}>
      {(each) => (
        <ToastBar toast={each} {...(props.position && { position: props.position })}>
          {({ icon, message }) => (
            <>
              {icon}
              {message}
              <CloseButton label={closeLabel} close={() => toast.dismiss(each.id)} />
            </>
          )}
        </ToastBar>
      )}
    </HotToaster>
  );
}

function show({ text, description, variant, options }: Alert, toasterId: string | undefined): void {
  const { className = "", iconTheme, ...rest } = options;
  const isBad = variant === "destructive";
  const kind = isBad ? toast.error : variant === "success" || iconTheme ? toast.success : toast;
  const given = {
    ...(isBad && { ariaProps: { role: "alert", "aria-live": "assertive" } }),
    ...rest,
    iconTheme: { primary: `var(--toast-${isBad ? variant : "success"})`, secondary: "var(--toast-ground)", ...iconTheme },
    className: `campanile-toast ${className}`.trim(),
    ...(toasterId && { toasterId }),
  };
  kind(<AlertText text={text} description={description} />, given as HotOptions);
}

const AlertText = ({ text, description }: { text: string; description: string }): ReactElement =>
  description ? (
    <span className="campanile-toast-text">
      <span className="campanile-toast-title">{text}</span>
      <span className="campanile-toast-description">{description}</span>
    </span>
  ) : (
    <span className="campanile-toast-text">{text}</span>
  );

const CloseButton = ({ label, close }: { label: string; close: () => void }): ReactElement => (
  <button type="button" className="campanile-toast-close" aria-label={label} onClick={close}>
    <svg viewBox="0 0 20 20" fill="none" aria-hidden="true">
      <path d="M4 4 16 16M16 4 4 16" stroke="currentcolor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  </button>
);

/** The newest value, for listeners that stay while it changes. */
function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
