/** For Node.js and `require`: the WebAssembly is read from beside this file, at once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { initializeSync } from "./engine.js";

export * from "./slim.js";

initializeSync(readFileSync(join(__dirname, "../cpc.wasm")));
