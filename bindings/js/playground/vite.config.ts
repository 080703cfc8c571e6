import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  // Served from anywhere: by this project's gateway under a path of its choice, or from a folder.
  base: "./",
  resolve: {
    alias: { "cpc-engine": fileURLToPath(new URL("../dist/esm/web.js", import.meta.url)) },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", outDir: "dist", emptyOutDir: true },
});
