/** The wallet's numbers: usage against limits, and what can happen to them. */
import type { SenderView } from "cpc-engine";
import { exhausted } from "./scenario.ts";
import { instant } from "./texts.ts";
import type { View } from "./view.ts";

export function Senders(props: View) {
  const { texts, story } = props;
  return (
    <section class="card" aria-labelledby="numbers-title">
      <h2 id="numbers-title">{texts.numbers}</h2>
      {story.wallets.length === 0 && <p class="nothing">{texts.noNumbers}</p>}
      {story.wallets.map((wallet) => (
        <div key={wallet.tag}>
          <h3>{wallet.tag}</h3>
          <ul class="senders">
            {wallet.senders.map((sender) => (
              <Sender key={sender.id} {...props} tag={wallet.tag} sender={sender} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Sender({ texts, language, story, tell, tag, sender }: View & { tag: string; sender: SenderView }) {
  const { id, state, usage, dailyLimit, until } = sender;
  const change = (more: object): void => void tell({ op: "sender", at: story.now, tag, id, ...more });
  const full = exhausted(sender);
  const share = dailyLimit ? Math.min(1, usage / dailyLimit) : usage > 0 ? 1 : 0;
  return (
    <li>
      <div class="sender-head">
        <strong>{id}</strong>
        <span class={`chip sender-${state}`}>
          {texts.senderStates[state]}
          {until !== undefined && ` ${texts.until} ${instant(until, language)}`}
        </span>
      </div>
      <div
        class={`meter ${full ? "full" : ""} ${dailyLimit === undefined ? "open" : ""}`}
        role="meter"
        aria-label={`${id}: ${texts.usage}`}
        aria-valuemin={0}
        aria-valuemax={dailyLimit ?? Math.max(usage, 1)}
        aria-valuenow={Math.min(usage, dailyLimit ?? usage)}
        aria-valuetext={`${usage} / ${dailyLimit ?? texts.noLimit}`}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <div class="sender-foot">
        <span>
          <b>{usage}</b> / {dailyLimit ?? texts.noLimit} <small>{texts.usage}</small>
        </span>
        <span class="buttons">
          {state === "ready" ? (
            <button type="button" class="small" aria-label={`${texts.pause}: ${id}`} onClick={() => change({ state: "paused" })}>
              {texts.pause}
            </button>
          ) : (
            <button type="button" class="small" aria-label={`${texts.resume}: ${id}`} onClick={() => change({ state: "ready" })}>
              {texts.resume}
            </button>
          )}
          {full ? (
            <button type="button" class="small" aria-label={`${texts.restore}: ${id}`} onClick={() => change({ dailyLimit: null })}>
              {texts.restore}
            </button>
          ) : (
            <button type="button" class="small" aria-label={`${texts.exhaust}: ${id}`} onClick={() => change({ dailyLimit: usage })}>
              {texts.exhaust}
            </button>
          )}
        </span>
      </div>
    </li>
  );
}
