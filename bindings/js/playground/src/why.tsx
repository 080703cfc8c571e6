/** The engine's explanation of one contact. */
import { useEffect, useRef } from "preact/hooks";
import type { Explanation } from "cpc-engine";
import { explain } from "./scenario.ts";
import { instant } from "./texts.ts";
import type { Track } from "./track.ts";
import type { View } from "./view.ts";

export function Why(props: View & { lines: readonly string[]; track: Track; close: () => void }) {
  const { texts, story, language, lines, track, close } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const wallet = story.wallets[0];
  const last = story.steps.flatMap((step) => step.line.messages ?? []).find((message) => message.phone);
  const answer = explain(lines, language, {
    phone: track.phone,
    tag: wallet?.tag ?? "emp1",
    specialistCode: last?.specialistCode ?? "admin",
  });
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="why-title">
      <h2 id="why-title">{texts.whyTitle}</h2>
      <p class="phone">{track.phone}</p>
      {"status" in answer ? <Facts {...props} explanation={answer} /> : <p>{answer.message}</p>}
      <form method="dialog">
        <button type="submit" class="primary">
          {texts.close}
        </button>
      </form>
    </dialog>
  );
}

function Facts({ texts, language, explanation }: View & { explanation: Explanation }) {
  const { status, reason, message, retryAt, senders } = explanation;
  return (
    <>
      <p>
        <code class={status === "accepted" ? "good" : "bad"}>{status}</code> {reason}
      </p>
      {message && (
        <p>
          <b>{texts.lift}:</b> {message}
        </p>
      )}
      {retryAt !== undefined && (
        <p>
          <b>{texts.again}:</b> {instant(retryAt, language)}
        </p>
      )}
      <ul class="verdicts">
        {senders.map((sender) => (
          <li key={sender.id}>
            <span>{sender.id}</span>
            {sender.eligible ? (
              <span class="good">{texts.serves}</span>
            ) : (
              <span class="bad">
                {sender.obstacles.map((obstacle) => texts.obstacles[obstacle]).join(", ")}
                {sender.eligibleAt !== undefined && ` ${texts.until} ${instant(sender.eligibleAt, language)}`}
              </span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
