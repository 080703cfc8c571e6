//! The arguments of `cpc` and their help, in Portuguese and in English.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;
use cpc_wire::Language;

const EXIT_CODES_PT: &str = "\
Códigos de saída:
  0  tudo certo
  1  problemas encontrados (check), ou uma linha recusada (replay --strict, explain)
  2  argumentos inválidos
  3  um arquivo não pôde ser lido, a saída não pôde ser escrita, ou o gateway não pôde funcionar";
const EXIT_CODES_EN: &str = "\
Exit codes:
  0  all went well
  1  problems found (check), or a line was refused (replay --strict, explain)
  2  wrong arguments
  3  a file could not be read, the output could not be written, or the gateway could not run";

const EXAMPLES_PT: &str = "\
Exemplos:
  cpc demo
  cpc serve
  cpc check requisicao.json
  cpc replay comandos.jsonl > respostas.jsonl
  cpc explain comandos.jsonl --phone 5511988876204 --tag emp1 --operator admin
  cpc demo --lang en";
const EXAMPLES_EN: &str = "\
Examples:
  cpc demo --lang en
  cpc serve
  cpc check request.json
  cpc replay commands.jsonl > answers.jsonl
  cpc explain commands.jsonl --phone 5511988876204 --tag emp1 --operator admin";

/// The arguments and their help, in a language.
pub(crate) fn command_line(language: Language) -> Command {
    let help = Help { language };
    Command::new("cpc")
        .version(env!("CARGO_PKG_VERSION"))
        .about(help.say(
            "Regras de CPC (contato por cliente): quem pode receber um novo disparo, quando, e de qual número",
            "The rules of CPC (contato por cliente, one contact per client): who may be contacted, when, and from \
             which number",
        ))
        .override_usage(help.say("cpc [OPÇÕES] <COMANDO>", "cpc [OPTIONS] <COMMAND>"))
        .help_template(help.say(
            "{about-with-newline}\nUso: {usage}\n\nComandos:\n{subcommands}\n\nOpções:\n{options}{after-help}",
            "{about-with-newline}\nUsage: {usage}\n\nCommands:\n{subcommands}\n\nOptions:\n{options}{after-help}",
        ))
        .after_help(help.say(EXAMPLES_PT, EXAMPLES_EN).to_owned() + "\n\n" + help.exit_codes())
        .next_help_heading(help.say("Opções", "Options"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(help.global_arguments())
        .subcommands([
            help.serve(),
            help.replay(),
            help.demo(),
            help.explain(),
            help.check(),
            help.log(),
            help.token(),
            help.completions(),
        ])
}

/// Texts of one language, and the arguments made of them.
struct Help {
    language: Language,
}

impl Help {
    fn say(&self, pt_br: &'static str, en: &'static str) -> &'static str {
        match self.language {
            Language::PtBr => pt_br,
            Language::En => en,
        }
    }

    fn exit_codes(&self) -> &'static str {
        self.say(EXIT_CODES_PT, EXIT_CODES_EN)
    }

    fn global_arguments(&self) -> [Arg; 4] {
        let language = self.option("lang", self.say("IDIOMA", "LANG")).help(self.say(
            "Idioma dos textos e, em serve, das respostas: pt-BR (padrão) ou en",
            "Language of texts and, in serve, of answers: pt-BR (default) or en",
        ));
        let color = self.option("color", self.say("QUANDO", "WHEN")).help(
            self.say("Cores: auto (padrão), always ou never", "Colours: auto (default), always or never"),
        );
        [
            choice(language, ["pt-BR", "en"]).global(true).display_order(100),
            choice(color, ["auto", "always", "never"]).global(true).display_order(101),
            self.help_flag(),
            Arg::new("version")
                .short('V')
                .display_order(103)
                .long("version")
                .action(ArgAction::Version)
                .help(self.say("Mostra a versão", "Prints the version")),
        ]
    }

    fn serve(&self) -> Command {
        let about = self.say(
            "Atende por HTTP: o motor com log durável, caixa de saída e webhooks",
            "Serves over HTTP: the engine with a durable log, an outbox and webhooks",
        );
        let examples = "  cpc serve\n  cpc serve --data /var/lib/cpc --set outbox.transport=webhook --set \
                        outbox.url=https://example.com/messages\n  cpc serve --config cpc.toml --print-config";
        let listen = self
            .option("listen", self.say("ENDEREÇO", "ADDRESS"))
            .help(self.say("Onde escutar; padrão 127.0.0.1:8470", "Where to listen; default 127.0.0.1:8470"));
        let print = self.say(
            "Mostra a configuração, sem os segredos, e termina",
            "Shows the settings, without the secrets, and ends",
        );
        self.subcommand("serve", "", None, about, examples)
            .arg(listen)
            .args(self.settings())
            .arg(Arg::new("print-config").long("print-config").action(ArgAction::SetTrue).help(print))
    }

    fn log(&self) -> Command {
        let about = self.say("Verifica, mostra ou compacta o log", "Checks, shows or compacts the log");
        let task = |name, about, examples| {
            self.subcommand_of("log", name, "", None, about, examples).args(self.settings())
        };
        let verify =
            self.say("Confere cada comando e cada snapshot", "Checks every command and every snapshot");
        let dump = self.say(
            "Escreve o log como linhas de comando, que `cpc replay` aceita",
            "Writes the log as command lines, which `cpc replay` takes",
        );
        let compact = self.say(
            "Descarta o que não é mais preciso e devolve o espaço ao disco",
            "Forgets what is no longer needed and gives the room back to the disk",
        );
        self.group("log", about).subcommands([
            task("verify", verify, "  cpc log verify --data cpc-data"),
            task("dump", dump, "  cpc log dump --data cpc-data | cpc replay --digest - | tail -n 1"),
            task("compact", compact, "  cpc log compact --data cpc-data"),
        ])
    }

    fn token(&self) -> Command {
        let about = self.say("Cria tokens de acesso", "Makes access tokens");
        let new = self.say(
            "Cria um token e o mostra, uma única vez; um gateway em execução passa a aceitá-lo",
            "Makes a token and shows it, once; a gateway that runs takes it from then on",
        );
        let label = Arg::new("label")
            .value_name(self.say("RÓTULO", "LABEL"))
            .help(self.say(
                "De quem é: o nome de um sistema, que aparece nos logs",
                "Whose it is: the name of a system, which is logged",
            ))
            .help_heading(self.say("Argumentos", "Arguments"))
            .required(true);
        let usage = self.say(" <RÓTULO>", " <LABEL>");
        let new = self
            .subcommand_of("token", "new", usage, Some(label), new, "  cpc token new crm")
            .args(self.settings());
        self.group("token", about).subcommand(new)
    }

    /// Options that say where settings come from.
    fn settings(&self) -> [Arg; 3] {
        [
            self.option("config", self.say("ARQUIVO", "FILE"))
                .help(self.say("Configuração em TOML", "Settings in TOML")),
            self.option("data", self.say("PASTA", "FOLDER"))
                .help(self.say("Pasta de dados; padrão cpc-data", "The data folder; default cpc-data")),
            self.option("set", self.say("NOME=VALOR", "NAME=VALUE")).action(ArgAction::Append).help(
                self.say(
                    "Um valor da configuração, acima do arquivo e do ambiente (CPC_…); pode repetir",
                    "A setting, over the file and the environment (CPC_…); may be repeated",
                ),
            ),
        ]
    }

    fn replay(&self) -> Command {
        let about = self.say(
            "Responde a linhas de comando em JSON, uma resposta por linha",
            "Answers command lines in JSON, one answer a line",
        );
        let examples = self.say(
            "  cpc replay comandos.jsonl > respostas.jsonl\n  cpc replay --digest - < comandos.jsonl | tail -n 1",
            "  cpc replay commands.jsonl > answers.jsonl\n  cpc replay --digest - < commands.jsonl | tail -n 1",
        );
        let file = self.say(
            "Um comando por linha; `-` lê a entrada padrão. Linhas em branco são puladas; de vetores de \
             conformidade usa `do` e `reset`",
            "One command a line; `-` is the standard input. Blank lines are skipped; of conformance vectors, `do` \
             and `reset` are taken",
        );
        let strict = self.say("Para na primeira linha recusada", "Stops at the first line that is refused");
        let digest =
            self.say("A última resposta é o digest do estado", "The last answer is the digest of the state");
        self.subcommand(
            "replay",
            self.say(" <ARQUIVO|->", " <FILE|->"),
            Some(self.file(file)),
            about,
            examples,
        )
        .arg(Arg::new("strict").long("strict").action(ArgAction::SetTrue).help(strict))
        .arg(Arg::new("digest").long("digest").action(ArgAction::SetTrue).help(digest))
    }

    fn demo(&self) -> Command {
        let about = self.say(
            "Mostra a vida de um contato, do exemplo da documentação às repescagens",
            "Shows the life of a contact, from the document's example to its follow-ups",
        );
        self.subcommand("demo", "", None, about, "  cpc demo\n  cpc demo --lang en --color always | less -R")
    }

    fn explain(&self) -> Command {
        let about = self.say(
            "Diz por que um contato pode ou não receber um disparo, e o que o liberaria",
            "Says why a contact may or may not be written to, and what would free it",
        );
        let examples = self.say(
            "  cpc explain comandos.jsonl --phone 5511988876204 --tag emp1 --operator admin\n  \
             cpc explain comandos.jsonl --phone 5511988876204 --tag emp1 --operator admin --at 2026-11-24T09:00:00-03:00",
            "  cpc explain commands.jsonl --phone 5511988876204 --tag emp1 --operator admin\n  \
             cpc explain commands.jsonl --phone 5511988876204 --tag emp1 --operator admin --at 2026-11-24T09:00:00-03:00",
        );
        let usage = self.say(
            " <ARQUIVO|-> --phone <TELEFONE> --tag <CARTEIRA> --operator <CÓDIGO>",
            " <FILE|-> --phone <PHONE> --tag <WALLET> --operator <CODE>",
        );
        let [phone, tag, operator, client, at] = [
            ("phone", "TELEFONE", "PHONE", "Telefone do contato", "The contact's phone"),
            ("tag", "CARTEIRA", "WALLET", "Carteira do disparo", "The wallet that would send"),
            ("operator", "CÓDIGO", "CODE", "Operador (specialistCode)", "The operator (specialistCode)"),
            (
                "client-id",
                "CLIENTE",
                "CLIENT",
                "Cliente (clientId), se houver",
                "The client (clientId), if any",
            ),
            (
                "at",
                "INSTANTE",
                "TIME",
                "Quando: milissegundos ou RFC 3339; sem ele, o instante do último comando",
                "When: milliseconds or RFC 3339; without it, the time of the last command",
            ),
        ]
        .map(|(name, value, value_en, help, help_en)| {
            self.option(name, self.say(value, value_en)).help(self.say(help, help_en))
        });
        let file = self.say(
            "Os comandos que levaram ao estado, um por linha; `-` lê a entrada padrão",
            "The commands that led there, one a line; `-` is the standard input",
        );
        self.subcommand("explain", usage, Some(self.file(file)), about, examples).args([
            phone.required(true),
            tag.required(true),
            operator.required(true),
            client,
            at,
        ])
    }

    fn check(&self) -> Command {
        let about = self.say(
            "Procura erros no corpo de uma requisição massivocpc: linha, campo e motivo",
            "Looks for mistakes in the body of a massivocpc request: line, member and reason",
        );
        let examples = self.say(
            "  cpc check requisicao.json\n  cpc check --profile strict - < requisicao.json",
            "  cpc check request.json\n  cpc check --profile strict - < request.json",
        );
        let profile = self.option("profile", self.say("PERFIL", "PROFILE")).help(self.say(
            "standard (padrão), ou strict: exige também idMessage, clientId, contract e idAccount",
            "standard (default), or strict: idMessage, clientId, contract and idAccount are required too",
        ));
        let file = self
            .say("O corpo, em JSON; `-` lê a entrada padrão", "The body, in JSON; `-` is the standard input");
        self.subcommand(
            "check",
            self.say(" <ARQUIVO|->", " <FILE|->"),
            Some(self.file(file)),
            about,
            examples,
        )
        .arg(choice(profile, ["standard", "strict"]))
    }

    fn completions(&self) -> Command {
        let about = self.say("Escreve as sugestões de um shell", "Prints the completions of a shell");
        let examples = "  cpc completions bash > ~/.local/share/bash-completion/completions/cpc";
        let shell = Arg::new("shell")
            .value_name("SHELL")
            .help("bash, elvish, fish, powershell, zsh")
            .help_heading(self.say("Argumentos", "Arguments"))
            .value_parser(value_parser!(Shell))
            .hide_possible_values(true)
            .required(true);
        self.subcommand("completions", " <SHELL>", Some(shell), about, examples)
    }

    /// What all subcommands have in common; `usage` is what follows the options, the argument comes first in the
    /// help.
    fn subcommand(
        &self,
        name: &'static str,
        usage: &str,
        argument: Option<Arg>,
        about: &'static str,
        examples: &str,
    ) -> Command {
        self.subcommand_of("", name, usage, argument, about, examples)
    }

    /// A command that only has others below it.
    fn group(&self, name: &'static str, about: &'static str) -> Command {
        Command::new(name)
            .about(about)
            .override_usage(format!("cpc {name} {}", self.say("<COMANDO>", "<COMMAND>")))
            .help_template(self.say(
                "{about-with-newline}\nUso: {usage}\n\nComandos:\n{subcommands}",
                "{about-with-newline}\nUsage: {usage}\n\nCommands:\n{subcommands}",
            ))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .disable_help_flag(true)
            .disable_help_subcommand(true)
            .arg(self.help_flag())
    }

    /// The same below the command `above`, if that is not empty.
    fn subcommand_of(
        &self,
        above: &str,
        name: &'static str,
        usage: &str,
        argument: Option<Arg>,
        about: &'static str,
        examples: &str,
    ) -> Command {
        let heading = self.say("Exemplos", "Examples");
        let path = if above.is_empty() { String::from(name) } else { format!("{above} {name}") };
        Command::new(name)
            .about(about)
            .override_usage(format!("cpc {path} {}{usage}", self.say("[OPÇÕES]", "[OPTIONS]")))
            .help_template(self.say(
                "{about-with-newline}\nUso: {usage}\n\n{all-args}{after-help}",
                "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}",
            ))
            .after_help(format!("{heading}:\n{examples}\n\n{}", self.exit_codes()))
            .next_help_heading(self.say("Opções", "Options"))
            .disable_help_flag(true)
            .args(argument)
            .arg(self.help_flag())
    }

    fn option(&self, name: &'static str, value: &'static str) -> Arg {
        Arg::new(name).long(name).value_name(value)
    }

    fn file(&self, help: &'static str) -> Arg {
        Arg::new("file")
            .value_name(self.say("ARQUIVO", "FILE"))
            .help(help)
            .help_heading(self.say("Argumentos", "Arguments"))
            .required(true)
    }

    fn help_flag(&self) -> Arg {
        let help = self.say("Mostra esta ajuda", "Prints this help");
        Arg::new("help").short('h').long("help").action(ArgAction::Help).help(help).display_order(102)
    }
}

/// An option that takes one of a few values, which its help names.
fn choice<const N: usize>(option: Arg, values: [&'static str; N]) -> Arg {
    option.value_parser(PossibleValuesParser::new(values)).hide_possible_values(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed_in_both_languages() {
        command_line(Language::PtBr).debug_assert();
        command_line(Language::En).debug_assert();
    }
}
