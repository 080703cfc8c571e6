import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { adviceOfCode, CpcError, Engine, faultOfCode, isOptOut, whatsappEvents } from "cpc-engine";
import { batch, DAY, HOUR, message, NINE, ready } from "./support.js";

const PHONE = "5511988876204";

test("a contact that does not answer is left alone for a day", () => {
  const engine = ready({ language: "en" });
  const [accepted] = engine.dispatch(batch([message(PHONE)])).outcomes;
  assert.equal(accepted.status, "accepted");
  assert.equal(accepted.blockedUntil, NINE + DAY);
  const [blocked] = engine.dispatch(batch([message(PHONE)], NINE + HOUR)).outcomes;
  assert.deepEqual([blocked.status, blocked.retryAt], ["contact_blocked", NINE + DAY]);
  assert.match(blocked.reason, /^Contact blocked until 2026-11-24 09:00:00/);
  assert.equal(engine.contact({ at: NINE + HOUR, phone: PHONE }).state, "blocked");
  assert.equal(engine.nextDeadline(), NINE + DAY);
});

test("a reply under the other form of the number frees the contact", () => {
  const engine = ready();
  engine.dispatch(batch([message(PHONE)]));
  assert.equal(engine.reply({ at: NINE + HOUR, phone: "551188876204" }).outcomes[0].status, "replied");
  const preview = engine.preview(batch([message(PHONE)], NINE + 2 * HOUR));
  assert.deepEqual([preview[0].status, preview[0].to], ["accepted", "551188876204"]);
});

test("follow-ups go out when the window ends, and reports move a dispatch", () => {
  const engine = ready();
  engine.dispatch(batch([message(PHONE, { retryTemplate: "Olá, de novo" })]));
  const failed = engine.report({ at: NINE + 1, dispatch: 1, status: "failed", fault: "sender" });
  assert.deepEqual([failed.outcomes[0].status, failed.outcomes[0].sender], ["moved", "5514990000002"]);
  assert.equal(engine.followUps({ at: NINE + HOUR }).outcomes.length, 0);
  const [followUp] = engine.followUps({ at: NINE + DAY + HOUR, limit: 5 }).outcomes;
  assert.deepEqual([followUp.status, followUp.stage, followUp.origin], ["accepted", 1, 1]);
});

test("an explanation names the rule, its facts and what lifts it", () => {
  const engine = ready({ language: "en" });
  engine.dispatch(batch([message(PHONE)]));
  const explanation = engine.explain({ at: NINE, phone: PHONE, tag: "emp1", specialistCode: "admin" });
  assert.deepEqual([explanation.status, explanation.phone.state], ["contact_blocked", "blocked"]);
  assert.match(explanation.message, /forceUnblock/);
  assert.deepEqual(explanation.senders.map((sender) => sender.eligible), [true, true]);
});

test("massivocpc answers with a status and a body to be sent as it is", () => {
  const engine = ready();
  const body = { campaign: "teste", tag: "emp1", messages: [message(PHONE), message("5520988876204")] };
  const partial = engine.massivocpc(JSON.stringify(body), NINE);
  assert.equal(partial.status, 200);
  assert.equal(partial.json().status, "partial");
  assert.deepEqual(partial.json().errors, [
    { phone: "5520988876204", reason: "Número inválido", code: "invalid_phone" },
  ]);
  const refused = engine.massivocpc(body, NINE + 1, { profile: "spec" });
  assert.deepEqual([refused.status, "processed" in refused.json()], [422, false]);
  assert.equal(engine.massivocpc("{", NINE).status, 400);
  assert.equal(engine.massivocpc(body, NINE + 40 * DAY).status, 503);
});

test("a time is milliseconds, a Date or an RFC 3339 text", () => {
  for (const at of [NINE, new Date(NINE), "2026-11-23T12:00:00Z", "2026-11-23T09:00:00.000-03:00"]) {
    const engine = new Engine();
    assert.equal(engine.execute({ op: "clock", at }).at, NINE);
    assert.equal(engine.massivocpc({ campaign: "c", tag: "x", messages: [] }, at).status, 404);
    assert.equal(engine.clock, NINE);
  }
});

const refusals = [
  ["a number for a phone", (engine) => engine.dispatch(batch([message(5511988876204)])), "messages[0].phone"],
  ["a text for closeTicket", (engine) => engine.dispatch(batch([message(PHONE, { closeTicket: "yes" })])), "messages[0].closeTicket"],
  ["no messages", (engine) => engine.execute({ op: "dispatch", at: NINE, tag: "emp1", campaign: "c" }), "messages"],
  ["no time", (engine) => engine.reply({ phone: PHONE }), "at"],
  ["a time that is none", (engine) => engine.reply({ at: new Date(Number.NaN), phone: PHONE }), "at"],
  ["a half millisecond", (engine) => engine.massivocpc("{}", NINE + 0.5), "at"],
  ["a day instead of an instant", (engine) => engine.massivocpc("{}", "2026-11-23"), "at"],
  ["a profile that does not exist", (engine) => engine.massivocpc("{}", NINE, { profile: "short" }), "profile"],
  ["a rounded idMessage", (engine) => engine.dispatch(batch([message(PHONE, { idMessage: 2 ** 53 })])), "messages[0].idMessage"],
  ["two targets", (engine) => engine.contact({ at: NINE, phone: PHONE, clientId: "c1" }), "phone"],
  ["a policy out of bounds", (engine) => engine.execute({ op: "policy", at: NINE, policy: { windowMs: 0 } }), "windowMs", "invalid_policy"],
  ["a rule that does not exist", (engine) => engine.execute({ op: "policy", at: NINE, policy: { windowsMs: 1 } }), "windowsMs", "invalid_policy"],
  ["an unknown wallet", (engine) => engine.dispatch({ ...batch([message(PHONE)]), tag: "emp2" }), "tag", "unknown_wallet"],
  ["a jump of the clock", (engine) => engine.reply({ at: NINE + 31 * DAY, phone: PHONE }), "at", "clock_jump"],
  ["an unknown op", (engine) => engine.execute({ op: "dance", at: NINE }), "op", "unknown_op"],
  ["a text instead of an object", (engine) => engine.execute("clock"), undefined],
  ["an object that refers to itself", (engine) => {
    const line = { op: "clock", at: NINE };
    engine.execute({ ...line, line: Object.assign(line, { line }) });
  }, undefined, "invalid_json"],
];

for (const [name, call, path, code = "invalid_field"] of refusals) {
  test(`${name} is refused with its place, and nothing changes`, () => {
    const engine = ready();
    const before = engine.snapshot();
    assert.throws(() => call(engine), (error) => {
      assert.ok(error instanceof CpcError && error instanceof Error);
      assert.deepEqual([error.code, error.path, error.name], [code, path, "CpcError"]);
      assert.ok(!error.message.includes("88876204"), "a phone in an error text");
      return true;
    });
    assert.deepEqual(engine.snapshot(), before);
    assert.equal(engine.dispatch(batch([message(PHONE)])).outcomes[0].status, "accepted");
  });
}

test("big integers are exact", () => {
  const engine = ready();
  const twice = (idMessage) => engine.dispatch(batch([message(PHONE, { idMessage })])).outcomes[0].status;
  assert.equal(twice(2n ** 64n - 1n), "accepted");
  assert.equal(twice("18446744073709551615"), "already_accepted");
  assert.equal(twice(2n ** 64n - 2n), "contact_blocked");
});

test("a snapshot restores to the same engine, and other bytes are refused", () => {
  const engine = ready();
  engine.dispatch(batch([message(PHONE)]));
  const restored = Engine.restore(engine.snapshot());
  assert.equal(restored.digest(), engine.digest());
  assert.match(restored.digest(), /^[0-9a-f]{32}$/);
  assert.deepEqual(restored.reply({ at: NINE, phone: PHONE }), engine.reply({ at: NINE, phone: PHONE }));
  const damaged = engine.snapshot().with(100, 0xff);
  for (const bytes of [damaged, damaged.subarray(0, 50), new Uint8Array()]) {
    assert.throws(() => Engine.restore(bytes), { code: "invalid_snapshot" });
  }
  assert.throws(() => Engine.restore(undefined), { code: "invalid_field", path: "snapshot" });
});

test("a freed engine is refused, and freeing it again does nothing", () => {
  const engine = ready();
  engine[Symbol.dispose]();
  engine.free();
  assert.throws(() => engine.digest(), { code: "freed" });
  assert.throws(() => engine.executeLine("{"), { code: "freed" });
});

test("an unknown language is refused", () => {
  assert.throws(() => new Engine({ language: "es" }), { code: "invalid_field", path: "language" });
});

/** Calls with ever less stack, from so little that WebAssembly cannot go on to enough. */
function withTooLittleStack(call) {
  let interrupted = 0;
  (function deeper() {
    try {
      deeper();
    } catch (error) {
      if (!(error instanceof RangeError)) return;
      interrupted += 1;
      // Throws RangeError again wherever the stack ends within it.
      call();
    }
  })();
  return interrupted;
}

test("a call that the host's stack cuts off never locks the handle", () => {
  const other = ready();
  const engine = ready();
  engine.dispatch(batch([message(PHONE)]));
  const before = engine.digest();
  assert.ok(withTooLittleStack(() => engine.snapshot()) > 1);
  assert.equal(engine.digest(), before);
  assert.ok(withTooLittleStack(() => engine.executeLine(`{"op":"clock","at":${NINE + 1}}`)) > 1);
  // Either every cut was before the engine was touched, or the handle says what became of it.
  let code = "works";
  try {
    engine.digest();
  } catch (error) {
    code = error.code;
  }
  assert.ok(["works", "poisoned"].includes(code), code);
  engine.free();
  assert.throws(() => engine.digest(), { code: "freed" });
  assert.equal(other.dispatch(batch([message(PHONE)])).outcomes[0].status, "accepted");
});

test("a message that is an opt-out word, and nothing else, is an opt-out", () => {
  for (const words of ["parar", "PÁRAR!", " stop 🙏"]) assert.equal(isOptOut(words), true, words);
  for (const words of ["", "não parar", "quero sair", "\ud800"]) assert.equal(isOptOut(words), false, words);
  assert.throws(() => isOptOut(undefined), { code: "invalid_field", path: "message" });
});

test("error codes of WhatsApp are translated to faults", () => {
  const faults = new Map([
    [131026, "contact"],
    [131048, "sender"],
    [131049, "request"],
    [131000, "ambiguous"],
    [7, "ambiguous"],
    [-1, "ambiguous"],
    [131026.5, "ambiguous"],
    [131026 + 2 ** 32, "ambiguous"],
  ]);
  for (const [code, fault] of faults) assert.equal(faultOfCode(code), fault, code);
  assert.throws(() => faultOfCode("131026"), { code: "invalid_field", path: "code" });
});

test("error codes of WhatsApp say what is to be done", () => {
  assert.deepEqual(adviceOfCode(130429), {
    fault: "sender",
    sender: "hold",
    holdMs: 10_000,
    retry: "backOff",
    optOut: false,
  });
  assert.equal(adviceOfCode(131050).optOut, true);
  assert.equal(adviceOfCode(131056).afterMs, 6_000);
});

test("notifications of WhatsApp lead to commands, as everywhere", () => {
  const { at, given, cases } = JSON.parse(
    readFileSync(new URL("../../conformance/whatsapp.json", import.meta.url), "utf8"),
  );
  assert.ok(cases.length > 30);
  for (const one of cases) {
    const engine = new Engine();
    for (const line of [...given, ...(one.given ?? [])]) engine.execute(line);
    const asked = () => {
      const events = one.event === undefined ? whatsappEvents(one.notification) : [one.event];
      return events.map((event) => {
        const { commands, ignored } = engine.whatsappCommands(event, at);
        for (const command of commands) engine.execute(command);
        return ignored === undefined ? { commands } : { ignored };
      });
    };
    if (one.invalid) assert.throws(asked, { code: "invalid_field" }, one.name);
    else assert.deepEqual(asked(), one.events, one.name);
    engine.free();
  }
  assert.throws(() => whatsappEvents("{"), { code: "invalid_field", path: "notification" });
});
