import { Engine } from "cpc-engine";
import { ColumnEngine, initialize } from "cpc-engine/columns";
import { Engine as SlimEngine } from "cpc-engine/slim";
import { readFile } from "node:fs/promises";

const at = "2026-11-23T09:00:00-03:00";
const engine = new Engine();
engine.execute({ op: "wallet", at, tag: "emp1", senders: [{ id: "5514990000001" }] });
const body = {
  campaign: "Campanha teste",
  tag: "emp1",
  messages: [{ phone: "5511988876204", closeTicket: true, specialistCode: "admin", mainTemplate: "Olá" }],
};
console.log(engine.massivocpc(body, at).body);

await initialize(await readFile(new URL(import.meta.resolve("cpc-engine/cpc-columns.wasm"))));
const columns = ColumnEngine.restore(engine.snapshot());
console.log(columns.digest() === engine.digest(), SlimEngine === Engine);
engine.free();
