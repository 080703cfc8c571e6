//! Settings: the defaults, under what a file says, under the environment, under the arguments.
//!
//! | where | how `outbox.url` is written |
//! |---|---|
//! | the file (`--config`, TOML) | `url` in the table `[outbox]` |
//! | the environment | `CPC_OUTBOX__URL` |
//! | the arguments | `--set outbox.url=…` |
//!
//! Unknown settings are refused wherever they stand, and so are values that cannot be meant.

use super::setting_docs;
use crate::localized::Localized;
use config::{Config, Environment, File, FileFormat};
use cpc_http::Limits;
use cpc_wire::{Language, ResponseProfile};
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// All settings. What each means is written once, in [`setting_docs`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    pub(crate) data: PathBuf,
    pub(crate) language: String,
    pub(crate) response_profile: String,
    pub(crate) playground: PathBuf,
    pub(crate) limits: LimitSettings,
    pub(crate) log: LogSettings,
    pub(crate) outbox: OutboxSettings,
    pub(crate) whatsapp: WhatsappSettings,
    pub(crate) tls: TlsSettings,
    pub(crate) logs: LogsSettings,
}

/// Limits of requests and connections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitSettings {
    pub(crate) max_body: usize,
    pub(crate) timeout_ms: u64,
    pub(crate) max_concurrent: usize,
    pub(crate) max_connections: usize,
}

/// The log and its snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogSettings {
    pub(crate) sync: bool,
    pub(crate) snapshot_entries: u64,
    pub(crate) snapshot_minutes: u64,
    pub(crate) accept_gap: bool,
    pub(crate) keep_days: u64,
}

/// When snapshots are taken, and how long log entries are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogRetention {
    /// A snapshot is due after so many entries.
    pub(crate) snapshot_entries: u64,
    /// Or so long after the last one, if there are new entries.
    pub(crate) snapshot_every: Duration,
    /// Entries, and the texts in them, are kept at least this long, in ms.
    pub(crate) keep_ms: u64,
}

/// The transport of messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OutboxSettings {
    pub(crate) transport: String,
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) timeout_ms: u64,
    pub(crate) at_most_once: bool,
    pub(crate) per_sender: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) patience_minutes: u64,
}

/// The webhook of the WhatsApp Cloud API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WhatsappSettings {
    pub(crate) app_secret: String,
    pub(crate) verify_token: String,
    #[serde(deserialize_with = "words")]
    pub(crate) opt_out_words: Vec<String>,
}

/// TLS, used if both files are named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TlsSettings {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Logging to the standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LogsSettings {
    pub(crate) level: String,
    pub(crate) format: String,
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// A file or value cannot be read, or a setting is unknown.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// A value cannot be meant.
    #[error("{name}: {}", problem.en)]
    Value {
        /// The setting.
        name: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// An argument of `--set` is not `name=value`.
    #[error("--set takes name=value")]
    Set,
    /// An argument of `--set` names no setting.
    #[error("{0} is not a setting")]
    Unknown(String),
    /// An environment variable has the prefix `CPC_`, but names no setting.
    #[error("the environment variable {0} is not a setting")]
    Variable(String),
}

/// What is wrong with a value, in both languages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem {
    pt_br: &'static str,
    en: &'static str,
}

const fn problem(pt_br: &'static str, en: &'static str) -> Problem {
    Problem { pt_br, en }
}

impl Localized for SettingsError {
    fn portuguese(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            // The errors of the crate `config` are in English alone.
            SettingsError::Config(error) => error.to_string(),
            SettingsError::Value { name, problem } => format!("{name}: {}", problem.pt_br),
            SettingsError::Set => return Cow::Borrowed("--set recebe nome=valor"),
            SettingsError::Unknown(name) => format!("{name} não é uma configuração"),
            SettingsError::Variable(name) => format!("a variável de ambiente {name} não é uma configuração"),
        })
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
            data: PathBuf::from("cpc-data"),
            language: String::from("pt-BR"),
            response_profile: String::from("full"),
            playground: PathBuf::new(),
            limits: LimitSettings::default(),
            log: LogSettings::default(),
            outbox: OutboxSettings::default(),
            whatsapp: WhatsappSettings::default(),
            tls: TlsSettings::default(),
            logs: LogsSettings::default(),
        }
    }
}

impl Default for LimitSettings {
    fn default() -> LimitSettings {
        LimitSettings { max_body: 32 << 20, timeout_ms: 30_000, max_concurrent: 256, max_connections: 512 }
    }
}

impl Default for LogSettings {
    fn default() -> LogSettings {
        LogSettings {
            accept_gap: false,
            sync: true,
            snapshot_entries: 20_000,
            snapshot_minutes: 15,
            keep_days: 30,
        }
    }
}

impl Default for OutboxSettings {
    fn default() -> OutboxSettings {
        OutboxSettings {
            transport: String::from("none"),
            url: String::new(),
            secret: String::new(),
            timeout_ms: 10_000,
            at_most_once: false,
            per_sender: 4,
            max_in_flight: 64,
            patience_minutes: 60,
        }
    }
}

impl Default for LogsSettings {
    fn default() -> LogsSettings {
        LogsSettings { level: String::from("info"), format: String::from("text") }
    }
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl Settings {
    /// Loads the settings: the defaults, `file` if there is one, the environment, then `arguments`, pairs of name and value.
    pub(crate) fn load(
        file: Option<&Path>,
        arguments: &[(String, String)],
    ) -> Result<Settings, SettingsError> {
        let mut builder = Config::builder();
        if let Some(file) = file {
            builder = builder.add_source(File::new(&file.to_string_lossy(), FileFormat::Toml));
        }
        let environment = Environment::with_prefix("CPC").prefix_separator("_").separator("__");
        // Texts are not converted here, so that a secret may look like a number; numbers are parsed where one is expected.
        builder = builder.add_source(environment.source(Some(variables(std::env::vars_os())?)));
        for (name, value) in arguments {
            if !setting_docs::ALL.iter().any(|about| about.name == name) {
                return Err(SettingsError::Unknown(name.clone()));
            }
            builder = builder.set_override(name, value.as_str())?;
        }
        let settings: Settings = builder.build()?.try_deserialize()?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        let one_of = |name, value: &str, all: &[&str], problem| match all.contains(&value) {
            true => Ok(()),
            false => Err(SettingsError::Value { name, problem }),
        };
        one_of("language", &self.language, &["pt-BR", "en"], problem("pt-BR ou en", "pt-BR or en"))?;
        one_of(
            "response_profile",
            &self.response_profile,
            &["full", "spec"],
            problem("full ou spec", "full or spec"),
        )?;
        one_of(
            "outbox.transport",
            &self.outbox.transport,
            &["none", "webhook"],
            problem("none ou webhook", "none or webhook"),
        )?;
        let levels = ["error", "warn", "info", "debug", "trace"];
        one_of(
            "logs.level",
            &self.logs.level,
            &levels,
            problem("error, warn, info, debug ou trace", "error, warn, info, debug or trace"),
        )?;
        one_of("logs.format", &self.logs.format, &["text", "json"], problem("text ou json", "text or json"))?;
        let positive = [
            ("limits.max_body", self.limits.max_body as u64),
            ("limits.timeout_ms", self.limits.timeout_ms),
            ("limits.max_concurrent", self.limits.max_concurrent as u64),
            ("limits.max_connections", self.limits.max_connections as u64),
            ("log.snapshot_entries", self.log.snapshot_entries),
            ("log.snapshot_minutes", self.log.snapshot_minutes),
            ("outbox.timeout_ms", self.outbox.timeout_ms),
            ("outbox.per_sender", self.outbox.per_sender as u64),
            ("outbox.max_in_flight", self.outbox.max_in_flight as u64),
        ];
        if let Some((name, _)) = positive.into_iter().find(|(_, value)| *value == 0) {
            return Err(SettingsError::Value { name, problem: problem("pelo menos 1", "at least 1") });
        }
        if self.outbox.patience_minutes > 7 * 24 * 60 {
            return Err(SettingsError::Value {
                name: "outbox.patience_minutes",
                problem: problem("no máximo 10080", "10080 at most"),
            });
        }
        if !(4..=3650).contains(&self.log.keep_days) {
            return Err(SettingsError::Value {
                name: "log.keep_days",
                problem: problem("de 4 a 3650", "4 to 3650"),
            });
        }
        if self.outbox.transport == "webhook" && reqwest::Url::parse(&self.outbox.url).is_err() {
            return Err(SettingsError::Value {
                name: "outbox.url",
                problem: problem(
                    "um endereço, pois transport é webhook",
                    "an address, as transport is webhook",
                ),
            });
        }
        if self.tls.certificate.as_os_str().is_empty() != self.tls.key.as_os_str().is_empty() {
            return Err(SettingsError::Value {
                name: "tls",
                problem: problem("certificate e key, ou nenhum dos dois", "certificate and key, or neither"),
            });
        }
        if self.whatsapp.app_secret.is_empty() != self.whatsapp.verify_token.is_empty() {
            return Err(SettingsError::Value {
                name: "whatsapp",
                problem: problem(
                    "app_secret e verify_token, ou nenhum dos dois",
                    "app_secret and verify_token, or neither",
                ),
            });
        }
        Ok(())
    }

    /// The settings as a file, each with its meaning, secrets redacted.
    pub(crate) fn shown(&self, language: Language) -> String {
        let mut shown = self.clone();
        for secret in
            [&mut shown.outbox.secret, &mut shown.whatsapp.app_secret, &mut shown.whatsapp.verify_token]
        {
            if !secret.is_empty() {
                *secret = String::from("***");
            }
        }
        shown.outbox.url = redacted(&shown.outbox.url);
        // Serializing strings, numbers and lists does not fail.
        setting_docs::annotated(&toml::to_string(&shown).unwrap_or_default(), language)
    }

    /// All settings as a table in Markdown, for the README.
    pub(crate) fn markdown(language: Language) -> String {
        setting_docs::markdown(&toml::to_string(&Settings::default()).unwrap_or_default(), language)
    }

    pub(crate) fn language(&self) -> Language {
        Language::from_tag(&self.language).unwrap_or_default()
    }

    pub(crate) fn response_profile(&self) -> ResponseProfile {
        if self.response_profile == "spec" { ResponseProfile::Spec } else { ResponseProfile::Full }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits::default()
            .max_body(self.limits.max_body)
            .timeout(Duration::from_millis(self.limits.timeout_ms))
            .max_concurrent(self.limits.max_concurrent)
    }

    pub(crate) fn retention(&self) -> LogRetention {
        LogRetention {
            snapshot_entries: self.log.snapshot_entries,
            snapshot_every: Duration::from_secs(60)
                .saturating_mul(u32::try_from(self.log.snapshot_minutes).unwrap_or(u32::MAX)),
            keep_ms: self.log.keep_days * DAY_MS,
        }
    }
}

/// Redacts user info and query (where API keys live) so that the URL can be logged.
fn redacted(url: &str) -> String {
    let Ok(mut shown) = reqwest::Url::parse(url) else { return url.to_owned() };
    if shown.query().is_some() {
        shown.set_query(Some("***"));
    }
    let has_user = !shown.username().is_empty() || shown.password().is_some();
    // Setting them fails only for URLs without a host, which have no user info either.
    if has_user && (shown.set_username("***").is_err() || shown.set_password(None).is_err()) {
        return String::from("***");
    }
    shown.into()
}

/// The environment variables that are settings. Others with the prefix `CPC_` are refused: a misspelt setting must not
/// silently keep its default.
fn variables(
    all: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<HashMap<String, String>, SettingsError> {
    let mut variables = HashMap::new();
    for (name, value) in all {
        let name = name.to_string_lossy().into_owned();
        let is_ours = name.starts_with("CPC_") && !value.is_empty();
        // The bindings of other languages find libcpc by it.
        if !is_ours || name == "CPC_LIBRARY" {
            continue;
        }
        if !setting_docs::ALL.iter().any(|about| about.variable() == name) {
            return Err(SettingsError::Variable(name));
        }
        variables.insert(name, value.to_string_lossy().into_owned());
    }
    Ok(variables)
}

/// A list, or a text with commas, as the environment and arguments have no lists.
fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Words {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Words::deserialize(deserializer)? {
        Words::List(words) => words,
        Words::Text(text) => text.split(',').map(|word| word.trim().to_owned()).collect(),
    })
}

/// Name and value of an argument of `--set`.
pub(crate) fn name_and_value(argument: &str) -> Result<(String, String), SettingsError> {
    let (name, value) = argument.split_once('=').ok_or(SettingsError::Set)?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(arguments: &[&str]) -> Result<Settings, SettingsError> {
        let arguments: Vec<_> = arguments.iter().map(|it| name_and_value(it).unwrap()).collect();
        Settings::load(None, &arguments)
    }

    #[test]
    fn every_setting_has_a_meaning_and_every_meaning_a_setting() {
        let file = toml::to_string(&Settings::default()).unwrap();
        for language in [Language::PtBr, Language::En] {
            let shown = setting_docs::annotated(&file, language);
            let settings = shown.lines().filter(|line| line.contains(" = ")).count();
            let meanings = shown.lines().filter(|line| line.starts_with("# ")).count();
            assert_eq!((settings, meanings), (setting_docs::ALL.len(), setting_docs::ALL.len()));
            assert_eq!(toml::from_str::<Settings>(&shown).unwrap(), Settings::default());
        }
    }

    #[test]
    fn the_readme_has_the_table_of_settings() {
        let (readme, table) = (include_str!("../../README.md"), Settings::markdown(Language::En));
        assert!(readme.contains(&table), "its table should be:\n{table}");
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let settings =
            load(&["outbox.transport=webhook", "outbox.url=http://127.0.0.1:9/hook", "log.sync=false"]);
        let settings = settings.unwrap();
        assert_eq!(toml::from_str::<Settings>(&settings.shown(Language::En)).unwrap(), settings);
        assert!(!settings.log.sync);
    }

    #[test]
    fn secrets_are_not_shown() {
        let settings =
            load(&["outbox.secret=s3cret", "whatsapp.app_secret=s3cret", "whatsapp.verify_token=s3cret"]);
        let shown = settings.unwrap().shown(Language::PtBr);
        assert!(!shown.contains("s3cret") && shown.contains("***"), "{shown}");
        for (url, expected) in [
            ("https://u:s3cret@example.com/hook?key=s3cret", "https://***@example.com/hook?***"),
            ("https://s3cret@example.com/", "https://***@example.com/"),
            ("http://127.0.0.1:9/hook", "http://127.0.0.1:9/hook"),
            ("", ""),
        ] {
            assert_eq!(redacted(url), expected);
        }
    }

    #[test]
    fn what_is_unknown_or_cannot_be_meant_is_refused_by_name() {
        for (argument, named) in [
            ("lisen=127.0.0.1:1", "lisen"),
            ("listen=nowhere", "listen"),
            ("limits.max_body=0", "limits.max_body"),
            ("limits.max_body=many", "limits.max_body"),
            ("log.keep_days=3", "log.keep_days"),
            ("outbox.patience_minutes=10081", "outbox.patience_minutes"),
            ("outbox.transport=pigeon", "outbox.transport"),
            ("outbox.transport=webhook", "outbox.url"),
            ("tls.key=key.pem", "tls"),
            ("whatsapp.app_secret=x", "whatsapp"),
            ("logs.level=loud", "logs.level"),
        ] {
            let error = load(&[argument]).unwrap_err().to_string();
            assert!(error.contains(named), "{argument}: {error}");
        }
        assert!(name_and_value("listen").is_err());
    }

    #[test]
    fn what_is_wrong_is_said_in_both_languages() {
        for (argument, pt_br, en) in [
            (
                "outbox.transport=pigeon",
                "outbox.transport: none ou webhook",
                "outbox.transport: none or webhook",
            ),
            ("log.keep_days=3", "log.keep_days: de 4 a 3650", "log.keep_days: 4 to 3650"),
            ("lisen=1", "lisen não é uma configuração", "lisen is not a setting"),
        ] {
            let error = load(&[argument]).unwrap_err();
            assert_eq!((error.text(Language::PtBr), error.text(Language::En)), (pt_br.into(), en.into()));
        }
    }

    #[test]
    fn a_variable_of_the_environment_is_a_setting_or_the_bindings_or_refused_by_name() {
        let read = |name: &str, value: &str| variables([(name.into(), value.into())]);
        assert_eq!(read("CPC_OUTBOX__URL", "x").unwrap()["CPC_OUTBOX__URL"], "x");
        for (name, value) in
            [("CPC_LIBRARY", "/usr/lib/libcpc.so"), ("HOME", "/root"), ("CPC_LISTEN", ""), ("CPCX", "1")]
        {
            assert!(read(name, value).unwrap().is_empty(), "{name}");
        }
        for name in ["CPC_TOKEN", "CPC_STATE", "CPC_LISTNE", "CPC_OUTBOX_URL"] {
            let error = read(name, "x").unwrap_err();
            assert_eq!(
                error.text(Language::PtBr),
                format!("a variável de ambiente {name} não é uma configuração")
            );
            assert_eq!(error.text(Language::En), format!("the environment variable {name} is not a setting"));
        }
    }
}
