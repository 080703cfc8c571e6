/** For Node.js: the WebAssembly is read from beside this file, at once. */
import { readFileSync } from "node:fs";
import { initializeSync } from "./engine.js";

export * from "./slim.js";

initializeSync(readFileSync(new URL("../cpc.wasm", import.meta.url)));
