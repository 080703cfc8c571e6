/** For browsers, workers and bundlers: the WebAssembly is fetched from beside this file. */
import { initialize } from "./engine.js";

export * from "./slim.js";

await initialize(new URL("../cpc.wasm", import.meta.url));
