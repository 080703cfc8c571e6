/** What the playground says, in both of its languages. */
import type { Language } from "./scenario.js";

const pt = {
  title: "Contato por cliente",
  lead: "Quem recebeu uma mensagem fica em paz até responder ou até o prazo acabar. Veja o motor decidir, aqui mesmo no seu navegador.",
  language: "Idioma",
  theme: "Tema",
  themes: { auto: "Automático", light: "Claro", dark: "Escuro" },
  share: "Copiar link",
  shared: "Link copiado",
  tooLong: "Longo demais para um link: salve como arquivo",
  save: "Salvar arquivo",
  open: "Abrir arquivo",
  empty: "Recomeçar",
  example: "Exemplo",
  timeline: "Linha do tempo",
  now: "agora",
  clock: "Relógio",
  clockAt: "Horário de Brasília",
  forward: { hour: "+1 h", six: "+6 h", day: "+1 dia" },
  nextDeadline: "Até o próximo prazo",
  setClock: "Ajustar o relógio",
  sendFollowUps: "Enviar repescagens",
  step: "Passo",
  of: "de",
  back: "Passo anterior",
  ahead: "Próximo passo",
  latest: "Voltar ao fim",
  past: "Você está vendo o passado. Uma nova ação continua daqui e descarta o que veio depois.",
  noContacts: "Nenhum contato ainda. Dispare o lote ao lado para começar.",
  answers: "Respondeu",
  asksOut: "Sair",
  why: "Por quê?",
  whyTitle: "Por que este contato pode ou não receber",
  close: "Fechar",
  lift: "O que libera",
  until: "até",
  again: "Pode tentar a partir de",
  never: "Não termina sozinho",
  numbers: "Números da carteira",
  usage: "envios em 24 h",
  noLimit: "sem limite",
  pause: "Pausar",
  resume: "Retomar",
  exhaust: "Esgotar",
  restore: "Liberar limite",
  noNumbers: "Nenhuma carteira ainda. Crie uma em “Carteira”.",
  refusals: "Recusas",
  noRefusals: "Nada foi recusado até aqui.",
  compose: "Comandos para o motor",
  body: "Lote (massivocpc)",
  policy: "Política",
  wallet: "Carteira",
  dispatch: "Disparar",
  apply: "Aplicar",
  log: "Comandos",
  logHint: "Uma linha por comando, como em “cpc replay”. Escolha uma para voltar até ela.",
  answer: "Resposta do motor",
  badFile: "Esse arquivo não tem linhas de comando.",
  states: { free: "Livre", blocked: "Bloqueado", expired: "Expirado", replied: "Respondeu", suppressed: "Suprimido" },
  marks: {
    dispatch: "Disparo",
    followUp: "Repescagem",
    reply: "Resposta do contato",
    refused: "Recusa",
    optOut: "Pediu para sair",
    report: "Relatório de entrega",
    other: "Evento",
  },
  senderStates: {
    ready: "pronto",
    paused: "pausado",
    existingOnly: "só contatos antigos",
    quarantined: "em quarentena",
    disabled: "desativado",
  },
  obstacles: {
    state: "estado",
    dailyLimit: "limite diário",
    groupLimit: "limite do grupo",
    pace: "ritmo",
    notLastSender: "não é o último número",
    operator: "operador",
  },
  serves: "pode enviar",
  skip: "Ir para a linha do tempo",
};

type Texts = typeof pt;

const en: Texts = {
  title: "One contact per client",
  lead: "A contact gets no further message until it answers, or until the window is over. Watch the engine decide, right here in your browser.",
  language: "Language",
  theme: "Theme",
  themes: { auto: "Automatic", light: "Light", dark: "Dark" },
  share: "Copy link",
  shared: "Link copied",
  tooLong: "Too long for a link: save it as a file",
  save: "Save file",
  open: "Open file",
  empty: "Start over",
  example: "Example",
  timeline: "Timeline",
  now: "now",
  clock: "Clock",
  clockAt: "Brasília time",
  forward: { hour: "+1 h", six: "+6 h", day: "+1 day" },
  nextDeadline: "To the next deadline",
  setClock: "Set the clock",
  sendFollowUps: "Send follow-ups",
  step: "Step",
  of: "of",
  back: "One step back",
  ahead: "One step on",
  latest: "Back to the end",
  past: "You are looking at the past. A new action goes on from here and drops what came later.",
  noContacts: "No contacts yet. Dispatch the batch beside this to begin.",
  answers: "Answers",
  asksOut: "Opt out",
  why: "Why?",
  whyTitle: "Why this contact may or may not be written to",
  close: "Close",
  lift: "What lifts it",
  until: "until",
  again: "Try again from",
  never: "It does not end by itself",
  numbers: "The wallet's numbers",
  usage: "sent in 24 h",
  noLimit: "no limit",
  pause: "Pause",
  resume: "Resume",
  exhaust: "Exhaust",
  restore: "Lift the limit",
  noNumbers: "No wallet yet. Make one under “Wallet”.",
  refusals: "Refusals",
  noRefusals: "Nothing was refused so far.",
  compose: "Commands for the engine",
  body: "Batch (massivocpc)",
  policy: "Policy",
  wallet: "Wallet",
  dispatch: "Dispatch",
  apply: "Apply",
  log: "Commands",
  logHint: "One line a command, as “cpc replay” takes them. Choose one to go back to it.",
  answer: "The engine's answer",
  badFile: "That file has no command lines.",
  states: { free: "Free", blocked: "Blocked", expired: "Expired", replied: "Replied", suppressed: "Suppressed" },
  marks: {
    dispatch: "Dispatch",
    followUp: "Follow-up",
    reply: "The contact's reply",
    refused: "Refusal",
    optOut: "Opt-out",
    report: "Delivery report",
    other: "Event",
  },
  senderStates: {
    ready: "ready",
    paused: "paused",
    existingOnly: "known contacts only",
    quarantined: "quarantined",
    disabled: "disabled",
  },
  obstacles: {
    state: "state",
    dailyLimit: "daily limit",
    groupLimit: "the group's limit",
    pace: "pace",
    notLastSender: "not the last number",
    operator: "operator",
  },
  serves: "can send",
  skip: "Skip to the timeline",
};

export type { Texts };

export const TEXTS: Record<Language, Texts> = { "pt-BR": pt, en };

const ZONE = "America/Sao_Paulo";

/** An instant for people, in Brasília: short, with the day only where it helps. */
export function instant(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "pt-BR", {
    timeZone: ZONE,
    weekday: "short",
    day: "2-digit",
    month: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).format(ms);
}

export function clockTime(ms: number): string {
  return new Intl.DateTimeFormat("pt-BR", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" }).format(ms);
}

export function dayOf(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "pt-BR", {
    timeZone: ZONE,
    weekday: "short",
    day: "2-digit",
    month: "2-digit",
  }).format(ms);
}

/** For an input of date and time, in Brasília, which keeps no summer time. */
export function localInput(ms: number): string {
  return new Date(ms - 3 * 3_600_000).toISOString().slice(0, 16);
}

export function fromLocalInput(text: string): number {
  return Date.parse(`${text}:00-03:00`);
}
