/** The engine has no clock: here it is moved. */
import type { View } from "./view.ts";
import { fromLocalInput, instant, localInput } from "./texts.ts";

const HOUR = 3_600_000;

export function TimeControls({ language, texts, story, tell }: View) {
  const { now, deadlines } = story;
  const move = (at: number): void => void tell({ op: "clock", at });
  const next = [deadlines.followUp, deadlines.expiry].filter((at) => at !== undefined && at > now);
  const due = deadlines.followUp !== undefined && deadlines.followUp <= now;
  return (
    <div class="clock">
      <label>
        <span>
          {texts.clock} <small>({texts.clockAt})</small>
        </span>
        <input
          type="datetime-local"
          value={localInput(now)}
          min={localInput(now)}
          onChange={(event) => {
            const at = fromLocalInput(event.currentTarget.value);
            if (at > now) move(at);
          }}
        />
      </label>
      <div class="buttons" role="group" aria-label={texts.setClock}>
        <button type="button" onClick={() => move(now + HOUR)}>
          {texts.forward.hour}
        </button>
        <button type="button" onClick={() => move(now + 6 * HOUR)}>
          {texts.forward.six}
        </button>
        <button type="button" onClick={() => move(now + 24 * HOUR)}>
          {texts.forward.day}
        </button>
        <button
          type="button"
          disabled={next.length === 0}
          title={next.length > 0 ? instant(Math.min(...(next as number[])), language) : ""}
          onClick={() => move(Math.min(...(next as number[])))}
        >
          {texts.nextDeadline}
        </button>
        <button type="button" class={due ? "primary" : ""} disabled={!due} onClick={() => void tell({ op: "followUps", at: now })}>
          {texts.sendFollowUps}
        </button>
      </div>
    </div>
  );
}
