/** What the playground begins with: a day and a half of a small wallet, with most of what can happen. */

export const BODY = `{
  "campaign": "Campanha teste",
  "idAccount": "1234",
  "tag": "emp1",
  "messages": [
    {
      "phone": "5511988876204",
      "idMessage": 1234,
      "clientId": "",
      "contract": "1091757",
      "closeTicket": true,
      "specialistCode": "admin",
      "mainTemplate": "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento",
      "retryTemplate": "Olá, ainda podemos ajudar com o seu contrato?",
      "lastTemplate": "Última mensagem sobre o seu contrato"
    },
    {
      "phone": "+55 (21) 97654-3210",
      "closeTicket": true,
      "specialistCode": "admin",
      "mainTemplate": "Olá, temos uma proposta para você"
    }
  ]
}`;

export const POLICY = `{
  "windowMs": 86400000,
  "gate": "phoneOrClient",
  "sticky": "prefer",
  "finalBlock": false
}`;

const at = (day: number, time: string): string => `2026-11-${day}T${time}:00-03:00`;

const message = (phone: string, more: object = {}): object => ({
  phone,
  closeTicket: true,
  specialistCode: "admin",
  mainTemplate: "Olá, seu contrato está disponível para negociação",
  ...more,
});

const batch = (when: string, campaign: string, messages: object[]): object => ({
  op: "dispatch",
  at: when,
  campaign,
  tag: "emp1",
  messages,
});

export const EXAMPLE: readonly string[] = [
  {
    op: "wallet",
    at: at(23, "08:55"),
    tag: "emp1",
    senders: [
      { id: "5514990000001", dailyLimit: 6 },
      { id: "5514990000002", dailyLimit: 4, weight: 2 },
      { id: "5514990000003", dailyLimit: 2 },
    ],
  },
  batch(at(23, "09:00"), "Campanha teste", [
    message("5511988876204", { idMessage: 1, retryTemplate: "Olá, de novo", lastTemplate: "Última mensagem" }),
    message("5521976543210", { idMessage: 2 }),
    message("5531998765432", { idMessage: 3, retryTemplate: "Olá, de novo" }),
    message("551132345678", { idMessage: 4 }),
    message("5520988876204", { idMessage: 5 }),
  ]),
  batch(at(23, "10:15"), "Outra campanha", [message("+55 (11) 98887-6204"), message("5541991234567")]),
  { op: "reply", at: at(23, "11:40"), phone: "552176543210" },
  { op: "report", at: at(23, "12:05"), dispatch: 4, status: "failed", fault: "contact" },
  batch(at(23, "15:00"), "Segunda rodada", [message("5521976543210"), message("551132345678")]),
  { op: "reply", at: at(23, "18:20"), phone: "5541991234567", optOut: true },
  { op: "followUps", at: at(24, "09:30") },
  batch(at(24, "10:00"), "Terceira rodada", [message("5541991234567"), message("5551987654321")]),
  { op: "clock", at: at(24, "12:00") },
].map((line) => JSON.stringify(line));
