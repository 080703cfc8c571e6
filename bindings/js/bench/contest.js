// The engine beside what one would write in JavaScript instead, in one run, in Node.js or on a page.
//
// The opponents decide far less: a gate by phone that lasts a day, and senders in turn. They know no replies, client
// ids, limits, follow-ups or hours, and forget nothing.

const NINE = 1_795_435_200_000;
const DAY = 86_400_000;
const BATCH = 1000;
const SENDERS = Array.from({ length: 10 }, (_, index) => `55149900000${String(index).padStart(2, "0")}`);

/** Every phone once, in an order that no cache foresees. */
export function shuffledPhones(count) {
  const phones = Float64Array.from({ length: count }, (_, index) => 5511980000000 + index);
  let random = 0x2545f491;
  for (let last = count - 1; last > 0; last--) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const other = random % (last + 1);
    [phones[last], phones[other]] = [phones[other], phones[last]];
  }
  return phones;
}

function ready(Engine) {
  const engine = new Engine();
  engine.execute({ op: "wallet", at: NINE, tag: "emp1", senders: SENDERS.map((id) => ({ id })) });
  return engine;
}

/** Columns in, columns out; one reused set of arrays, as a host would have. */
export function engineColumns(Engine) {
  const engine = ready(Engine);
  const out = { status: new Uint8Array(BATCH), sender: new Uint32Array(BATCH), blockedUntil: new Float64Array(BATCH) };
  const batch = { at: NINE, campaign: "c", tag: "emp1", specialistCode: "admin", closeTicket: true, phones: null, out };
  return {
    decide(phones, at) {
      batch.phones = phones;
      batch.at = at;
      return engine.dispatchColumns(batch).accepted;
    },
    free: () => engine.free(),
  };
}

/** The least one would write: the phone's number and until when it is blocked. */
export function mapColumns() {
  const gate = new Map();
  const status = new Uint8Array(BATCH);
  const blockedUntil = new Float64Array(BATCH);
  return {
    decide(phones, at) {
      let accepted = 0;
      for (let row = 0; row < phones.length; row++) {
        const until = gate.get(phones[row]);
        if (until !== undefined && until > at) {
          status[row] = 40;
          blockedUntil[row] = until;
        } else {
          gate.set(phones[row], at + DAY);
          status[row] = 0;
          blockedUntil[row] = at + DAY;
          accepted++;
        }
      }
      return accepted;
    },
    free: () => gate.clear(),
  };
}

/** The document's body in, its response out. */
export function engineBodies(Engine) {
  const engine = ready(Engine);
  return { decide: (body, at) => engine.massivocpc(body, at).body.length, free: () => engine.free() };
}

/** `JSON.parse`, a `Map` by the phone's text, senders in turn, `JSON.stringify`. */
export function mapBodies() {
  const gate = new Map();
  let turn = 0;
  return {
    decide(body, at) {
      const { messages } = JSON.parse(body);
      const errors = [];
      for (const { phone, closeTicket, idMessage } of messages) {
        const known = gate.get(phone);
        if (closeTicket !== true) {
          errors.push({ phone, reason: "closeTicket deve ser true", code: "close_ticket_required", idMessage });
        } else if (known !== undefined && known.until > at) {
          errors.push({ phone, reason: `Contato bloqueado até ${known.until}`, code: "contact_blocked", idMessage, retryAt: known.until });
        } else {
          gate.set(phone, { until: at + DAY, sender: SENDERS[turn++ % SENDERS.length] });
        }
      }
      const processed = messages.length - errors.length;
      return JSON.stringify({ status: errors.length ? "partial" : "success", message: "", processed, errors }).length;
    },
    free: () => gate.clear(),
  };
}

/** The body of a batch, with the members and the length of the document's example. */
function body(phones) {
  const messages = Array.from(phones, (phone, row) => ({
    phone: String(phone),
    idMessage: 1000 + row,
    clientId: "",
    contract: "1091757",
    closeTicket: true,
    specialistCode: "admin",
    mainTemplate: "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento",
  }));
  return JSON.stringify({ campaign: "Campanha teste", idAccount: "1234", tag: "emp1", messages });
}

/** Nanoseconds a decision, of first contacts and of blocked ones, each phone once. */
function measure(contestant, phones, shape) {
  const times = [0, 0];
  for (const pass of [0, 1]) {
    for (let start = 0; start < phones.length; start += BATCH) {
      const input = shape(phones.subarray(start, start + BATCH));
      const begin = performance.now();
      contestant.decide(input, NINE + pass);
      times[pass] += performance.now() - begin;
    }
  }
  contestant.free();
  return times.map((ms) => (ms * 1e6) / phones.length);
}

const median = (values) => values.toSorted((one, other) => one - other)[values.length >> 1];

/** Runs everything; a row is what was decided how, on how many contacts, and how many times as fast the engine is. */
export function contest(Engine, sizes, runs) {
  const pairs = [
    ["columns", engineColumns, mapColumns, (phones) => phones],
    ["massivocpc", engineBodies, mapBodies, body],
  ];
  const rows = [];
  for (const size of sizes) {
    const phones = shuffledPhones(size);
    for (const [name, ours, theirs, shape] of pairs) {
      const found = { ours: [[], []], theirs: [[], []] };
      for (let run = 0; run < runs; run++) {
        // Alternating, so that other load on the machine affects both alike.
        for (const [side, make] of [["ours", ours], ["theirs", theirs]]) {
          measure(make(Engine), phones, shape).forEach((ns, pass) => found[side][pass].push(ns));
        }
      }
      const [first, blocked] = found.ours.map(median);
      const [theirFirst, theirBlocked] = found.theirs.map(median);
      rows.push({ name, size, first, blocked, theirFirst, theirBlocked, ratio: (theirFirst + theirBlocked) / (first + blocked) });
    }
  }
  return rows;
}
