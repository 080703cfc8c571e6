const { Engine, CpcError, Status } = require("cpc-engine");
const { readFileSync } = require("node:fs");
const columns = require("cpc-engine/columns");

const at = new Date("2026-11-23T12:00:00Z");
const engine = new Engine({ language: "en" });
engine.execute({ op: "wallet", at, tag: "emp1", senders: [{ id: "5514990000001" }] });
const message = { phone: "5511988876204", closeTicket: true, specialistCode: "admin", mainTemplate: "Olá" };
const { outcomes } = engine.dispatch({ at, campaign: "c", tag: "emp1", messages: [message, message] });
console.log(outcomes.map((outcome) => outcome.code).join(), Status.duplicate_in_batch);
try {
  engine.reply({ at, phone: 5511988876204 });
} catch (error) {
  console.log(error instanceof CpcError, error.code, error.path);
}
columns.initializeSync(readFileSync(require.resolve("cpc-engine/cpc-columns.wasm")));
console.log(columns.ColumnEngine.restore(engine.snapshot()).digest() === engine.digest());
