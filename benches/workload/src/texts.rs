//! The texts of every batch, with the lengths of the document's example.

/// The wallet's tag.
pub const TAG: &str = "emp1";

pub(crate) const CAMPAIGN: &str = "Campanha teste";
pub(crate) const ACCOUNT: &str = "1234";
/// The document's own example.
pub(crate) const MAIN: &str = "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento";
pub(crate) const RETRY: &str = "Ainda dá tempo de negociar o seu contrato. Responda esta mensagem";
