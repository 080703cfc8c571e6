//! The story that `cpc demo` plays: the customer document's own example request, and what may happen to it.

/// One thing that happens.
pub(crate) struct Scene {
    /// What happens, in Portuguese.
    pub(crate) pt_br: &'static str,
    /// The same in English.
    pub(crate) en: &'static str,
    /// The command line that makes it happen.
    pub(crate) line: &'static str,
}

/// The contact that the timeline follows.
pub(crate) const CONTACT: &str = "5511988876204";

const fn scene(pt_br: &'static str, en: &'static str, line: &'static str) -> Scene {
    Scene { pt_br, en, line }
}

/// Everything that happens, in order.
pub(crate) const SCENES: [Scene; 22] = [
    scene(
        "Uma carteira com dois números",
        "A wallet with two numbers",
        r#"{"op":"wallet","at":"2026-11-23T08:55:00-03:00","tag":"emp1","senders":[{"id":"5514990000001"},{"id":"5514990000002"}]}"#,
    ),
    scene(
        "O exemplo da documentação: o contato é novo, a mensagem sai",
        "The document's example: the contact is new, the message goes out",
        r#"{"op":"dispatch","at":"2026-11-23T09:00:00-03:00","campaign":"Campanha teste","idAccount":"1234","tag":"emp1","messages":[{"phone":"5511988876204","idMessage":1234,"clientId":"","contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento"}]}"#,
    ),
    scene(
        "A mesma requisição de novo, após um time-out: nada sai em dobro",
        "The same request again, after a time-out: nothing goes out twice",
        r#"{"op":"dispatch","at":"2026-11-23T09:00:30-03:00","campaign":"Campanha teste","idAccount":"1234","tag":"emp1","messages":[{"phone":"5511988876204","idMessage":1234,"clientId":"","contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento"}]}"#,
    ),
    scene(
        "Outra campanha, o mesmo contato: bloqueado, pois ainda não respondeu",
        "Another campaign, the same contact: blocked, it has not answered yet",
        r#"{"op":"dispatch","at":"2026-11-23T10:15:00-03:00","campaign":"Outra campanha","idAccount":"1234","tag":"emp1","messages":[{"phone":"+55 (11) 98887-6204","idMessage":1235,"contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"}]}"#,
    ),
    scene(
        "O operador tenta escrever por conta própria",
        "The operator tries to write on their own",
        r#"{"op":"operatorMessage","at":"2026-11-23T10:20:00-03:00","phone":"5511988876204","specialistCode":"admin"}"#,
    ),
    scene(
        "O contato responde (o WhatsApp informa o número sem o nono dígito)",
        "The contact answers (WhatsApp gives the number without its ninth digit)",
        r#"{"op":"reply","at":"2026-11-23T11:00:00-03:00","phone":"551188876204"}"#,
    ),
    scene(
        "Agora o operador pode conversar",
        "Now the operator may talk",
        r#"{"op":"operatorMessage","at":"2026-11-23T11:05:00-03:00","phone":"5511988876204","specialistCode":"admin"}"#,
    ),
    scene(
        "Um novo disparo, agora com duas repescagens",
        "A new dispatch, now with two follow-ups",
        r#"{"op":"dispatch","at":"2026-11-23T14:00:00-03:00","campaign":"Campanha teste","idAccount":"1234","tag":"emp1","messages":[{"phone":"5511988876204","idMessage":1236,"contract":"1091757","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá, temos uma nova proposta","retryTemplate":"Olá, conseguiu ver a proposta?","lastTemplate":"Olá, a proposta vence hoje"}]}"#,
    ),
    scene(
        "24 horas de silêncio: o ciclo expirou",
        "24 hours of silence: the cycle has expired",
        r#"{"op":"expire","at":"2026-11-24T14:00:00-03:00"}"#,
    ),
    scene(
        "Repescagem 1: sai e bloqueia por mais 24 horas",
        "Follow-up 1: it goes out and blocks for another 24 hours",
        r#"{"op":"followUps","at":"2026-11-24T14:00:00-03:00"}"#,
    ),
    scene(
        "Mais 24 horas de silêncio: repescagem 2",
        "Another 24 hours of silence: follow-up 2",
        r#"{"op":"followUps","at":"2026-11-25T14:00:00-03:00"}"#,
    ),
    scene(
        "Mais 24 horas: acabou, e o contato fica livre para outra campanha",
        "Another 24 hours: that was all, the contact is open to another campaign",
        r#"{"op":"expire","at":"2026-11-26T14:00:00-03:00"}"#,
    ),
    scene(
        "Uma carteira pequena: um número, dois disparos em 24 horas",
        "A small wallet: one number, two dispatches in 24 hours",
        r#"{"op":"wallet","at":"2026-11-26T14:20:00-03:00","tag":"emp2","senders":[{"id":"5514990000003","dailyLimit":2}]}"#,
    ),
    scene(
        "Três mensagens: a carteira esgota na terceira",
        "Three messages: the wallet runs dry at the third",
        r#"{"op":"dispatch","at":"2026-11-26T14:21:00-03:00","campaign":"Carteira pequena","tag":"emp2","messages":[{"phone":"5551965432101","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5551965432102","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5551965432103","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"}]}"#,
    ),
    scene(
        "O que a carteira já usou",
        "What the wallet has used",
        r#"{"op":"wallet","at":"2026-11-26T14:21:00-03:00","tag":"emp2"}"#,
    ),
    scene(
        "Por que a terceira não saiu",
        "Why the third did not go out",
        r#"{"op":"explain","at":"2026-11-26T14:21:00-03:00","phone":"5551965432103","tag":"emp2","specialistCode":"admin"}"#,
    ),
    scene(
        "Outro contato pede para sair",
        "Another contact asks to be left alone",
        r#"{"op":"reply","at":"2026-11-27T09:00:00-03:00","phone":"5531987654321","optOut":true}"#,
    ),
    scene(
        "Um lote misto; o segundo contato está bloqueado pela outra carteira",
        "A mixed batch; the second contact is blocked by the other wallet",
        r#"{"op":"dispatch","at":"2026-11-27T09:10:00-03:00","campaign":"Lote","idAccount":"1234","tag":"emp1","messages":[{"phone":"5511988876204","idMessage":1,"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5551965432101","idMessage":2,"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5521997654321","idMessage":3,"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"552197654321","idMessage":4,"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5520988876204","idMessage":5,"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5541976543210","idMessage":6,"closeTicket":true,"mainTemplate":"Olá"},{"phone":"5541976543210","idMessage":7,"closeTicket":false,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5531987654321","idMessage":8,"closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"},{"phone":"5541976543210","idMessage":9,"closeTicket":true,"specialistCode":"admin","mainTemplate":""}]}"#,
    ),
    scene(
        "Um milissegundo antes da hora anunciada (retryAt): ainda não",
        "A millisecond before the announced time (retryAt): not yet",
        r#"{"op":"dispatch","at":"2026-11-27T14:20:59.999-03:00","campaign":"Carteira pequena","tag":"emp2","messages":[{"phone":"5551965432103","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"}]}"#,
    ),
    scene(
        "Na hora anunciada: sai",
        "At the announced time: it goes out",
        r#"{"op":"dispatch","at":"2026-11-27T14:21:00-03:00","campaign":"Carteira pequena","tag":"emp2","messages":[{"phone":"5551965432103","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"}]}"#,
    ),
    scene(
        "Um comando errado é recusado inteiro, e nada muda",
        "A command that is wrong is refused whole, and nothing changes",
        r#"{"op":"dispatch","at":"2026-11-27T14:30:00-03:00","campaign":"Lote","tag":"emp9","messages":[{"phone":"5551965432103","closeTicket":true,"specialistCode":"admin","mainTemplate":"Olá"}]}"#,
    ),
    scene(
        "Os mesmos comandos dão sempre o mesmo estado, e o mesmo digest",
        "The same commands always give the same state, and the same digest",
        r#"{"op":"digest","at":"2026-11-27T14:30:00-03:00"}"#,
    ),
];
