//! What each setting means, for people: `--print-config` and the README say it in these words.

use cpc_wire::Language;

/// One setting: its name, and what it means in Portuguese and in English.
pub(super) struct About {
    pub(super) name: &'static str,
    pt_br: &'static str,
    en: &'static str,
}

impl About {
    const fn text(&self, language: Language) -> &'static str {
        match language {
            Language::PtBr => self.pt_br,
            Language::En => self.en,
        }
    }

    /// The variable of the environment that sets it.
    pub(super) fn variable(&self) -> String {
        format!("CPC_{}", self.name.replace('.', "__").to_uppercase())
    }
}

const fn about(name: &'static str, pt_br: &'static str, en: &'static str) -> About {
    About { name, pt_br, en }
}

/// Every setting, in the order in which a file has them.
pub(super) const ALL: [About; 28] = [
    about(
        "listen",
        "Onde escutar: endereço e porta. O padrão só é visto da própria máquina",
        "Where to listen: address and port. The default is seen from this machine alone",
    ),
    about("data", "A pasta de dados", "The data folder"),
    about(
        "language",
        "Idioma das respostas: pt-BR ou en. Com --lang na linha de comando, o que ela disser",
        "The language of answers: pt-BR or en. With --lang on the command line, what that says",
    ),
    about(
        "response_profile",
        "Quanto dizem as respostas de massivocpc: full, ou spec, só o que a documentação do cliente tem",
        "How much answers of massivocpc say: full, or spec for only what the customer's document has",
    ),
    about(
        "playground",
        "Pasta servida em /playground; nenhuma se vazio",
        "A folder that is served at /playground; none if empty",
    ),
    about("limits.max_body", "Tamanho máximo de um corpo, em bytes", "The longest body, in bytes"),
    about(
        "limits.timeout_ms",
        "Quanto uma requisição pode demorar, em ms",
        "How long a request may take, in ms",
    ),
    about("limits.max_concurrent", "Requisições ao mesmo tempo", "Requests at once"),
    about(
        "limits.max_connections",
        "Conexões ao mesmo tempo; as demais são fechadas. Cada uma ocupa um descritor de arquivo",
        "Connections at once; what is more is closed. Each takes a file descriptor",
    ),
    about(
        "log.sync",
        "Se cada escrita é sincronizada com o disco. Sem isso, uma resposta sobrevive ao processo, mas talvez não à máquina",
        "Whether appends are synced to the disk. Without, an answer survives the process, but perhaps not the machine",
    ),
    about(
        "log.snapshot_entries",
        "Um retrato do estado depois de tantos comandos…",
        "A snapshot after so many commands…",
    ),
    about("log.snapshot_minutes", "…ou de tantos minutos", "…or so many minutes"),
    about(
        "log.accept_gap",
        "Se pode iniciar com o relógio mais que maxClockJump à frente do último comando. Só para uma partida",
        "Whether to start with the clock further ahead of the last command than maxClockJump. For one start only",
    ),
    about(
        "log.keep_days",
        "Quantos dias os textos são guardados, de 4 a 3650. Repescagem sem texto não sai",
        "How many days texts are kept, 4 to 3650. A follow-up whose text is gone is not sent",
    ),
    about(
        "outbox.transport",
        "none: o que sai é lido em GET /api/outbox; webhook: é enviado a outbox.url",
        "none: what goes out is read from GET /api/outbox; webhook: it is posted to outbox.url",
    ),
    about(
        "outbox.url",
        "Para onde: https://…, ou http://… na própria máquina ou em rede de confiança",
        "Where to: https://…, or http://… on this machine or a network that is trusted",
    ),
    about(
        "outbox.secret",
        "Chave do cabeçalho x-cpc-signature; sem ela nada é assinado",
        "The key of the header x-cpc-signature; without one, nothing is signed",
    ),
    about(
        "outbox.timeout_ms",
        "Quanto esperar por uma resposta, em ms; depois não se sabe se a mensagem saiu",
        "How long an answer may take, in ms; after that it is not known whether the message was sent",
    ),
    about(
        "outbox.per_sender",
        "Mensagens de um número a caminho ao mesmo tempo",
        "Messages of one sender on their way at once",
    ),
    about(
        "outbox.max_in_flight",
        "Mensagens de todos os números a caminho ao mesmo tempo",
        "Messages of all senders on their way at once",
    ),
    about(
        "outbox.patience_minutes",
        "Depois de iniciar, a repescagem espera as respostas atrasadas pelo tempo que o gateway ficou parado, no máximo tantos minutos",
        "After a start, follow-ups wait for late replies as long as the gateway was down, so many minutes at the most",
    ),
    about(
        "whatsapp.app_secret",
        "Segredo do app, com que os webhooks do WhatsApp são assinados; sem ele /webhooks/whatsapp não existe",
        "The app's secret, by which WhatsApp's webhooks are signed; without it there is no /webhooks/whatsapp",
    ),
    about(
        "whatsapp.verify_token",
        "O que o handshake pergunta; junto com app_secret",
        "What the handshake asks for; together with app_secret",
    ),
    about(
        "whatsapp.opt_out_words",
        "Palavras que são descadastro quando são a mensagem inteira; as usuais se vazio. Fora do arquivo, um só texto com vírgulas",
        "Words that are opt-outs when they are the whole message; the usual ones if empty. Outside the file, one text with commas",
    ),
    about("tls.certificate", "Certificado e sua cadeia, em PEM", "The certificate and its chain, in PEM"),
    about(
        "tls.key",
        "Sua chave, em PEM; junto com certificate",
        "Its key, in PEM; together with certificate",
    ),
    about(
        "logs.level",
        "O que vai para a saída de erros: error, warn, info, debug ou trace",
        "What goes to the standard error: error, warn, info, debug or trace",
    ),
    about("logs.format", "text ou json", "text or json"),
];

/// Settings as a file has them, with what each means above it.
pub(super) fn explained(file: &str, language: Language) -> String {
    let (mut table, mut text) = (String::new(), String::new());
    for line in file.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = format!("{name}.");
        }
        let name = line.split_once(" = ").map(|(name, _)| format!("{table}{name}"));
        if let Some(about) = ALL.iter().find(|about| Some(about.name) == name.as_deref()) {
            text += &format!("# {}\n", about.text(language));
        }
        text += line;
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    /// What each setting is unless it is set, as a file would have it.
    fn defaults() -> Vec<(String, String)> {
        let (mut table, mut defaults) = (String::new(), Vec::new());
        let file = toml::to_string(&Settings::default()).unwrap();
        for line in file.lines() {
            match (line.strip_prefix('['), line.split_once(" = ")) {
                (Some(name), None) => table = name.replace(']', "."),
                (_, Some((name, value))) => defaults.push((format!("{table}{name}"), value.to_owned())),
                _ => {}
            }
        }
        defaults
    }

    #[test]
    fn every_setting_is_explained_and_everything_explained_is_one() {
        let names: Vec<String> = defaults().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ALL.map(|about| about.name));
        for language in [Language::PtBr, Language::En] {
            let shown = explained(&toml::to_string(&Settings::default()).unwrap(), language);
            assert_eq!(shown.lines().filter(|line| line.starts_with("# ")).count(), ALL.len());
            assert_eq!(toml::from_str::<Settings>(&shown).unwrap(), Settings::default());
        }
    }

    #[test]
    fn the_readme_has_a_row_for_every_setting() {
        let readme = include_str!("../../README.md");
        let shown: Vec<&str> = readme.lines().filter(|line| line.contains("` | `CPC_")).collect();
        let expected: Vec<String> = defaults()
            .into_iter()
            .zip(&ALL)
            .map(|((name, default), about)| {
                format!("| `{name}` | `{}` | `{default}` | {} |", about.variable(), about.en)
            })
            .collect();
        assert_eq!(shown, expected);
    }
}
