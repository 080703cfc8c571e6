/** A row for every contact: its states as bars, what happened as marks. */
import { useState } from "preact/hooks";
import { Why } from "./why.tsx";
import { type Bar, type Mark, type Track, tracks } from "./track.ts";
import { clockTime, dayOf, instant } from "./texts.ts";
import type { View } from "./view.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** From when to when the time line goes, and where on it an instant is. */
interface Scale {
  from: number;
  to: number;
  place: (at: number) => string;
}

function scaleOf(all: Track[], now: number): Scale {
  const instants = all.flatMap((track) => [
    ...track.marks.map((mark) => mark.at),
    ...track.bars.flatMap((bar) => [bar.from, bar.to]),
  ]);
  const first = Math.min(now, ...instants);
  const last = Math.max(now, ...instants);
  const margin = Math.max(HOUR / 2, (last - first) * 0.03);
  const [from, to] = [first - margin, last + margin];
  return { from, to, place: (at) => `${(((at - from) / (to - from)) * 100).toFixed(3)}%` };
}

/** Round hours, about eight of them. */
function ticks(scale: Scale): number[] {
  const steps = [HOUR / 4, HOUR / 2, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY];
  const step = steps.find((each) => (scale.to - scale.from) / each <= 9) ?? 90 * DAY;
  // Midnight in Brasília is a round hour too.
  const first = Math.ceil((scale.from - 3 * HOUR) / step) * step + 3 * HOUR;
  return Array.from({ length: Math.floor((scale.to - first) / step) + 1 }, (_, index) => first + index * step);
}

export function Timeline(props: View & { lines: readonly string[] }) {
  const { language, texts, story } = props;
  const [asked, ask] = useState<Track>();
  const all = tracks(story);
  if (all.length === 0) return <p class="nothing">{texts.noContacts}</p>;
  const scale = scaleOf(all, story.now);
  return (
    <>
      <Legend {...props} />
      <div class="tracks">
        <div class="axis" aria-hidden="true">
          {ticks(scale).map((at) => (
            <span key={at} style={{ left: scale.place(at) }}>
              {clockTime(at) === "00:00" ? <b>{dayOf(at, language)}</b> : clockTime(at)}
            </span>
          ))}
          <em style={{ left: scale.place(story.now) }}>{texts.now}</em>
        </div>
        <ul>
          {all.map((track) => (
            <Row key={track.key} {...props} {...{ track, scale }} ask={() => ask(track)} />
          ))}
        </ul>
      </div>
      {asked && <Why {...props} track={asked} close={() => ask(undefined)} />}
    </>
  );
}

function Legend({ texts }: View) {
  return (
    <p class="legend" aria-hidden="true">
      {(["blocked", "replied", "expired", "suppressed"] as const).map((state) => (
        <span key={state}>
          <i class={`swatch ${state}`} /> {texts.states[state]}
        </span>
      ))}
      {(["dispatch", "followUp", "reply", "refused"] as const).map((kind) => (
        <span key={kind}>
          <i class={`swatch mark ${kind}`}>{GLYPHS[kind]}</i> {texts.marks[kind]}
        </span>
      ))}
    </p>
  );
}

const GLYPHS: Record<Mark["kind"], string> = {
  dispatch: "▲",
  followUp: "↻",
  reply: "✓",
  refused: "×",
  optOut: "⊘",
  report: "!",
  other: "•",
};

function Row(props: View & { track: Track; scale: Scale; ask: () => void }) {
  const { language, texts, story, tell, track, scale, ask } = props;
  const { view, phone, key } = track;
  const reply = (optOut: boolean): void =>
    void tell({ op: "reply", at: story.now, phone, ...(optOut && { optOut }) });
  return (
    <li class="track">
      <div class="who">
        <strong>{phone}</strong>
        <span class={`chip ${view.state}`}>
          {texts.states[view.state]}
          {view.until !== undefined && ` ${texts.until} ${instant(view.until, language)}`}
        </span>
        <span class="buttons">
          <button type="button" class="small" aria-label={`${texts.answers}: ${phone}`} onClick={() => reply(false)}>
            {texts.answers}
          </button>
          <button type="button" class="small" aria-label={`${texts.asksOut}: ${phone}`} onClick={() => reply(true)}>
            {texts.asksOut}
          </button>
          <button type="button" class="small" aria-label={`${texts.why} ${phone}`} onClick={ask}>
            {texts.why}
          </button>
        </span>
      </div>
      <div class="lane" role="group" aria-label={`${texts.timeline}: ${phone}`}>
        {ticks(scale).map((at) => (
          <i key={at} class="tick" style={{ left: scale.place(at) }} />
        ))}
        {track.bars.map((bar) => (
          <BarOf key={`${bar.state}${bar.from}`} {...props} {...{ bar, id: key }} />
        ))}
        <i class="now" style={{ left: scale.place(story.now) }} />
        {track.marks.map((mark, index) => (
          <MarkOf key={`${mark.step}-${index}`} {...props} mark={mark} />
        ))}
      </div>
    </li>
  );
}

function BarOf({ bar, scale, texts, language }: View & { bar: Bar; scale: Scale }) {
  const label = `${texts.states[bar.state]}: ${instant(bar.from, language)} – ${instant(bar.to, language)}`;
  const width = `calc(${scale.place(bar.to)} - ${scale.place(bar.from)})`;
  return (
    <span
      role="img"
      aria-label={label}
      title={label}
      class={`state ${bar.state} ${bar.ahead ? "later" : ""}`}
      style={{ left: scale.place(bar.from), width }}
    />
  );
}

function MarkOf({ mark, scale, texts, language }: View & { mark: Mark; scale: Scale }) {
  const { outcome } = mark;
  const facts = [
    texts.marks[mark.kind] + (outcome.stage ? ` ${outcome.stage}` : ""),
    instant(mark.at, language),
    outcome.sender,
    outcome.reason,
  ];
  const label = facts.filter(Boolean).join(" · ");
  return (
    <button
      type="button"
      class={`mark ${mark.kind}`}
      aria-label={label}
      data-tip={label}
      style={{ left: scale.place(mark.at) }}
    >
      {mark.kind === "followUp" && outcome.stage ? outcome.stage : GLYPHS[mark.kind]}
    </button>
  );
}
