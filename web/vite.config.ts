import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `runbay serve` listens while the interface is worked on. */
const service = process.env.RUNBAY_DEV ?? "http://127.0.0.1:7000";

/** The service answers only to its own name and its own pages; in between, the
 * development server says that requests come from there. */
const proxy = {
  target: service,
  changeOrigin: true,
  ws: true,
  configure(through: {
    on(event: string, then: (to: { setHeader(n: string, v: string): void }) => void): void;
  }) {
    for (const event of ["proxyReq", "proxyReqWs"]) {
      through.on(event, (request) => request.setHeader("origin", service));
    }
  },
};

export default defineConfig({
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  server: { port: 5173, strictPort: true, proxy: { "/api": proxy } },
  build: {
    target: "es2023",
    // Data addresses are for images alone under our content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 4000,
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "react", test: /node_modules\/(react|react-dom|scheduler)\// }],
        },
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
});
