//! What each setting means, in both languages, written once: `cpc serve --print-config` and the table of the README are
//! made from it.

use cpc_wire::Language;
use std::fmt::Write;

/// The meaning of a setting.
pub(super) struct SettingDoc {
    /// Its name, with its table: `outbox.url`.
    pub(super) name: &'static str,
    pt_br: &'static str,
    en: &'static str,
}

impl SettingDoc {
    const fn text(&self, language: Language) -> &'static str {
        match language {
            Language::PtBr => self.pt_br,
            Language::En => self.en,
        }
    }

    /// The environment variable that sets it.
    pub(super) fn variable(&self) -> String {
        format!("CPC_{}", self.name.replace('.', "__").to_uppercase())
    }
}

const fn doc(name: &'static str, pt_br: &'static str, en: &'static str) -> SettingDoc {
    SettingDoc { name, pt_br, en }
}

/// Every setting, in the order of a settings file.
pub(super) const ALL: [SettingDoc; 29] = [
    doc(
        "listen",
        "Endereço e porta em que escuta. O padrão só é acessível da própria máquina",
        "Address and port to listen on. The default can be reached from this machine alone",
    ),
    doc("data", "A pasta de dados", "The data folder"),
    doc(
        "language",
        "Idioma das respostas: pt-BR ou en. --lang na linha de comando também o define",
        "The language of responses: pt-BR or en. --lang on the command line sets it too",
    ),
    doc(
        "response_profile",
        "Campos das respostas de massivocpc: full, ou spec, só os da documentação do cliente",
        "Fields of massivocpc's responses: full, or spec for only those of the customer's document",
    ),
    doc(
        "playground",
        "Pasta servida em /playground; nenhuma se vazio",
        "A folder that is served at /playground; none if empty",
    ),
    doc("limits.max_body", "Tamanho máximo de um corpo, em bytes", "The largest body, in bytes"),
    doc(
        "limits.timeout_ms",
        "Quanto uma requisição pode demorar, em ms",
        "How long a request may take, in ms",
    ),
    doc("limits.max_concurrent", "Máximo de requisições simultâneas", "The most requests at once"),
    doc(
        "limits.max_connections",
        "Máximo de conexões simultâneas; as demais são fechadas. Cada uma ocupa um descritor de arquivo",
        "The most connections at once; further ones are closed. Each takes a file descriptor",
    ),
    doc(
        "log.sync",
        "Se cada escrita é sincronizada com o disco. Sem isso, uma resposta sobrevive ao processo, mas talvez não à máquina",
        "Whether appends are synced to the disk. If not, an answer survives the process, but perhaps not the machine",
    ),
    doc(
        "log.snapshot_entries",
        "Um snapshot do estado depois de tantos comandos…",
        "A snapshot of the state after so many commands…",
    ),
    doc("log.snapshot_minutes", "…ou de tantos minutos", "…or so many minutes"),
    doc(
        "log.accept_gap",
        "Se pode iniciar com o relógio mais que maxClockJump à frente do último comando. Só para uma partida",
        "Whether to start although the clock is further ahead of the last command than maxClockJump. For one start only",
    ),
    doc(
        "log.keep_days",
        "Por quantos dias os textos são guardados, de 4 a 3650. Uma repescagem cujo texto expirou não é enviada",
        "For how many days texts are kept, 4 to 3650. A follow-up whose text has expired is not sent",
    ),
    doc(
        "outbox.transport",
        "none: as mensagens são lidas em GET /api/outbox; webhook: são enviadas a outbox.url",
        "none: messages are read from GET /api/outbox; webhook: they are posted to outbox.url",
    ),
    doc(
        "outbox.url",
        "Destino das mensagens: https://…, ou http://… na própria máquina ou em rede de confiança",
        "Where messages are posted: https://…, or http://… on this machine or a trusted network",
    ),
    doc(
        "outbox.secret",
        "Chave do cabeçalho x-cpc-signature; sem ela nada é assinado",
        "The key of the header x-cpc-signature; without it, nothing is signed",
    ),
    doc(
        "outbox.timeout_ms",
        "Quanto esperar por uma resposta, em ms; depois a mensagem é enviada de novo, com o mesmo id",
        "How long to wait for a response, in ms; after that the message is posted again, with the same id",
    ),
    doc(
        "outbox.at_most_once",
        "Para destinos que não guardam os ids: o que talvez tenha chegado não é enviado de novo. O preço: a cada conexão que cai uma mensagem pode se perder, e o contato fica bloqueado assim mesmo. Depois de uma queda do gateway, o que estava a caminho é enviado de novo",
        "For receivers that do not keep ids: what may have arrived is not posted again. The price: with every connection that breaks a message may be lost, and its contact is blocked all the same. After a crash of the gateway, what was on its way is posted again",
    ),
    doc(
        "outbox.per_sender",
        "Máximo de mensagens simultâneas de um número",
        "The most messages of one sender in flight",
    ),
    doc(
        "outbox.max_in_flight",
        "Máximo de mensagens simultâneas de todos os números",
        "The most messages of all senders in flight",
    ),
    doc(
        "outbox.patience_minutes",
        "Depois de iniciar, a repescagem espera as respostas atrasadas pelo tempo que o gateway ficou parado, no máximo tantos minutos",
        "After a start, follow-ups wait for late replies as long as the gateway was down, but no more than so many minutes",
    ),
    doc(
        "whatsapp.app_secret",
        "Segredo do app, com que os webhooks do WhatsApp são assinados; sem ele /webhooks/whatsapp não existe",
        "The app's secret, which signs WhatsApp's webhooks; without it there is no /webhooks/whatsapp",
    ),
    doc(
        "whatsapp.verify_token",
        "Token que o handshake confere; junto com app_secret",
        "The token that the handshake checks; together with app_secret",
    ),
    doc(
        "whatsapp.opt_out_words",
        "Palavras que são descadastro quando são a mensagem inteira; as usuais se vazio. Fora do arquivo, um só texto com vírgulas",
        "Words that are opt-outs when they are the whole message; the usual ones if empty. Outside the file, one text with commas",
    ),
    doc("tls.certificate", "Certificado e sua cadeia, em PEM", "The certificate and its chain, in PEM"),
    doc("tls.key", "Sua chave, em PEM; junto com certificate", "Its key, in PEM; together with certificate"),
    doc(
        "logs.level",
        "O que vai para a saída de erros: error, warn, info, debug ou trace",
        "What is logged to the standard error: error, warn, info, debug or trace",
    ),
    doc("logs.format", "text ou json", "text or json"),
];

/// A settings file with the meaning of each setting above it.
pub(super) fn annotated(file: &str, language: Language) -> String {
    let mut text = String::new();
    for (name, line) in named_lines(file) {
        if let Some(doc) = ALL.iter().find(|doc| name.as_deref() == Some(doc.name)) {
            text += &format!("# {}\n", doc.text(language));
        }
        text += line;
        text.push('\n');
    }
    text
}

/// All settings as a table in Markdown: name, environment variable, default, meaning. `defaults` is a settings file with
/// the defaults.
pub(super) fn markdown(defaults: &str, language: Language) -> String {
    let [setting, variable, default, meaning] = match language {
        Language::PtBr => ["configuração", "variável", "padrão", "o que significa"],
        Language::En => ["setting", "variable", "default", "what it means"],
    };
    let mut table = format!("| {setting} | {variable} | {default} | {meaning} |\n|---|---|---|---|\n");
    for (name, line) in named_lines(defaults) {
        let Some(doc) = ALL.iter().find(|doc| name.as_deref() == Some(doc.name)) else { continue };
        let (name, variable, meaning) = (doc.name, doc.variable(), doc.text(language));
        let default = line.split_once(" = ").map_or("", |(_, value)| value);
        // Writing to a string does not fail.
        let _ = writeln!(table, "| `{name}` | `{variable}` | `{default}` | {meaning} |");
    }
    table
}

/// The lines of a settings file, each with the name of the setting in it, if there is one.
fn named_lines(file: &str) -> impl Iterator<Item = (Option<String>, &str)> {
    let mut table = String::new();
    file.lines().map(move |line| {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = format!("{name}.");
        }
        (line.split_once(" = ").map(|(name, _)| format!("{table}{name}")), line)
    })
}
