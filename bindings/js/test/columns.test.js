import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { runInNewContext } from "node:vm";
import { Engine } from "cpc-engine";
import { ColumnEngine, CpcError, initialize, NO_SENDER, Status, statusName, Template } from "cpc-engine/columns";
import { batch, DAY, HOUR, message, NINE, ready } from "./support.js";

const bytes = readFileSync(new URL(import.meta.resolve("cpc-engine/cpc-columns.wasm")));

before(async () => {
  assert.throws(() => new ColumnEngine(), { code: "not_initialized" });
  await initialize(bytes);
  await initialize("nothing is fetched a second time");
});

const phones = (count, first = 5511980000000) => Float64Array.from({ length: count }, (_, row) => first + row);
const columns = (rows) => ({
  status: new Uint8Array(rows),
  dispatch: new Float64Array(rows),
  sender: new Uint32Array(rows),
  to: new Float64Array(rows),
  sendAt: new Float64Array(rows),
  blockedUntil: new Float64Array(rows),
  retryAt: new Float64Array(rows),
});
const rowsOf = (numbers, more = {}) => ({
  at: NINE,
  campaign: "teste",
  tag: "emp1",
  phones: numbers,
  specialistCode: "admin",
  closeTicket: true,
  out: columns(numbers.length),
  ...more,
});

function small() {
  const engine = new ColumnEngine();
  engine.wallet({ at: NINE, tag: "emp1", senders: [{ id: "5514990000001", dailyLimit: 1000 }, { id: "5514990000002" }] });
  return engine;
}

test("outcomes are written into the caller's arrays", () => {
  const engine = small();
  const numbers = Float64Array.of(5511988876204, 551188876204, 5520988876204, Number.NaN, 5521988876204.5);
  const rows = rowsOf(numbers);
  assert.deepEqual(engine.dispatchColumns(rows), { seq: 2, at: NINE, rows: 5, accepted: 1 });
  const { out } = rows;
  assert.deepEqual(Array.from(out.status, statusName), [
    "accepted",
    "duplicate_in_batch",
    "invalid_phone",
    "invalid_phone",
    "invalid_phone",
  ]);
  assert.deepEqual([...out.dispatch], [1, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  assert.deepEqual([out.to[0], out.sendAt[0], out.blockedUntil[0], out.retryAt[1]], [5511988876204, NINE, NINE + DAY, NINE + DAY]);
  assert.deepEqual([engine.senderId(out.sender[0]), out.sender[1]], ["5514990000001", NO_SENDER]);
  assert.equal(engine.senderId(NO_SENDER), undefined);
  engine.free();
});

test("columns and messages are decided alike, to the byte", () => {
  const numbers = phones(500);
  const idMessages = BigUint64Array.from(numbers, (_, row) => 2n ** 64n - 1n - BigInt(row));
  const clientIds = Array.from(numbers, (_, row) => (row % 3 === 0 ? null : `c${row % 40}`));
  const specialistCode = Array.from(numbers, (_, row) => `op${row % 4}`);
  const templates = Uint8Array.from(numbers, (_, row) => row % 8);
  const by = { columns: ready(), messages: ready() };
  const rows = rowsOf(numbers, { idMessages, clientIds, specialistCode, templates });
  by.columns.dispatchColumns(rows);
  const messages = Array.from(numbers, (phone, row) =>
    message(String(phone), {
      idMessage: idMessages[row],
      clientId: clientIds[row],
      specialistCode: specialistCode[row],
      mainTemplate: templates[row] & Template.main ? "x" : " ",
      retryTemplate: templates[row] & Template.retry ? "x" : null,
      lastTemplate: templates[row] & Template.last ? "x" : "",
    }),
  );
  const { outcomes } = by.messages.dispatch(batch(messages));
  assert.deepEqual([...rows.out.status], outcomes.map((outcome) => outcome.code));
  assert.ok(new Set(rows.out.status).size > 1);
  assert.deepEqual(by.columns.snapshot(), by.messages.snapshot());
});

test("both modules are the same engine: snapshots go from one to the other", () => {
  const engine = small();
  engine.dispatchColumns(rowsOf(phones(100)));
  const whole = Engine.restore(engine.snapshot());
  assert.equal(whole.digest(), engine.digest());
  whole.execute({ op: "policy", at: NINE, policy: { windowMs: HOUR } });
  const back = ColumnEngine.restore(whole.snapshot());
  const rows = rowsOf(phones(1, 5521980000000));
  back.dispatchColumns(rows);
  assert.equal(rows.out.blockedUntil[0], NINE + HOUR);
});

test("arrays and dates of another realm are as good", () => {
  const other = runInNewContext("({ phones: Float64Array.of(5511988876204), status: new Uint8Array(1).fill(99), at: new Date(0) })");
  assert.ok(!(other.phones instanceof Float64Array));
  other.at.setTime(NINE);
  const engine = small();
  engine.dispatchColumns(rowsOf(other.phones, { at: other.at, out: { status: other.status } }));
  assert.equal(other.status[0], Status.accepted);
});

test("replies and follow-ups", () => {
  const engine = small();
  const numbers = phones(3);
  engine.dispatchColumns(rowsOf(numbers, { templates: new Uint8Array(3).fill(Template.main | Template.retry) }));
  const status = new Uint8Array(2);
  engine.replyColumns({
    at: NINE + HOUR,
    phones: numbers.subarray(0, 2),
    receivedAt: Float64Array.of(NINE + 5000, NINE - DAY),
    out: { status },
  });
  assert.deepEqual([...status], [Status.replied, Status.stale_reply]);
  assert.equal(engine.nextDeadline(), NINE + DAY);
  const out = { ...columns(10), phone: new Float64Array(10), origin: new Float64Array(10), stage: new Uint8Array(10) };
  const receipt = engine.followUpColumns({ at: NINE + DAY, out });
  assert.deepEqual([receipt.rows, receipt.accepted], [2, 2]);
  assert.deepEqual([out.phone[0], out.origin[0], out.stage[0], out.dispatch[0]], [numbers[1], 2, 1, 4]);
});

const refusals = [
  ["phones as an array", { phones: [5511988876204] }, "phones"],
  ["no arrays for outcomes", { out: undefined }, "out"],
  ["too short an array", { out: { status: new Uint8Array(1) } }, "out.status"],
  ["an array of another type", { out: { status: new Float64Array(2) } }, "out.status"],
  ["too few client ids", { clientIds: ["c1"] }, "clientIds"],
  ["a client id that is no text", { clientIds: ["c1", 2] }, "clientIds[1]"],
  ["a NUL in a client id", { clientIds: ["c1", "c\0"] }, "clientIds[1]"],
  ["a NUL in the operator", { specialistCode: "a\0b" }, "specialistCode"],
  ["no operator of a type", { specialistCode: 7 }, "specialistCode"],
  ["too few templates", { templates: new Uint8Array(1) }, "templates"],
  ["too few numbers", { idMessages: new BigUint64Array(1) }, "idMessages"],
  ["a rounded number", { idMessages: Float64Array.of(1, 2 ** 53) }, "idMessages"],
  ["closeTicket that is no boolean", { closeTicket: 1 }, "closeTicket"],
  ["a campaign that is no text", { campaign: 5 }, "campaign"],
  ["no campaign", { campaign: "" }, "campaign"],
  ["an unknown wallet", { tag: "emp2" }, "tag", "unknown_wallet"],
  ["a time in seconds", { at: NINE / 1000 }, "at", "timestamp_out_of_range"],
  ["no rows", { phones: new Float64Array() }, "messages", "empty_batch"],
];

for (const [name, change, path, code = "invalid_field"] of refusals) {
  test(`${name}: refused with its place, and nothing changes`, () => {
    const engine = small();
    const before = engine.snapshot();
    assert.throws(() => engine.dispatchColumns(rowsOf(phones(2), change)), (error) => {
      assert.ok(error instanceof CpcError);
      assert.deepEqual([error.code, error.path], [code, path]);
      return true;
    });
    assert.deepEqual(engine.snapshot(), before);
  });
}

test("a wallet that does not fit is refused with its place", () => {
  const engine = small();
  const wallet = (sender) => () => engine.wallet({ at: NINE, tag: "emp1", senders: [{ id: "1" }, sender] });
  assert.throws(wallet({ id: 2 }), { code: "invalid_field", path: "senders[1].id" });
  assert.throws(wallet({ id: "2", weight: 0.5 }), { code: "invalid_field", path: "senders[1].weight" });
  assert.throws(wallet({ id: "2", burst: 5 }), { code: "invalid_field", path: "burst" });
  assert.equal(engine.seq, 1);
});
