// Builds the console into plain files, which build.rs puts into the binary; or serves it while one works on it.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { firstLoad } from "./budget.ts";

/** The hub that `npm run dev` shows: one that runs already. */
const hub = process.env.CAMPANILE_URL ?? "http://127.0.0.1:4100";

/** What isn't the console's own is the hub's, Socket.IO's WebSocket included. */
const proxy = { "^/(?!console)": { target: hub, ws: true } };

export default defineConfig({
  base: "/console/",
  plugins: [react(), firstLoad({ view: "src/views/overview/Overview.tsx", gzip_bytes_max: 250_000 })],
  server: { proxy },
  preview: { proxy },
  build: {
    // The pages' policy lets nothing inline through.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: "assets/licenses.md" },
    reportCompressedSize: false,
  },
});
