// `campanile-sdk/elements`: defines the elements, over the stock client that the application has installed.

import { io } from "socket.io-client";
import { AppElement } from "./elements/app.ts";
import { define } from "./elements/define.ts";

export * from "./elements/define.ts";

AppElement.io = () => io;
define();
