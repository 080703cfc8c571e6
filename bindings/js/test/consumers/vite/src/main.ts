import { Engine } from "cpc-engine";
import * as columns from "cpc-engine/columns";
import columnsUrl from "cpc-engine/cpc-columns.wasm?url";

const engine = new Engine();
engine.execute({ op: "clock", at: 1_795_435_200_000 });
await columns.initialize(columnsUrl);
const same = columns.ColumnEngine.restore(engine.snapshot()).digest() === engine.digest();
document.querySelector("output")!.textContent = `${engine.digest()} ${same}`;
