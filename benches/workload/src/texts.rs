//! The texts of batches and messages: those of the massivocpc document's example.

/// The wallet's tag.
pub const TAG: &str = "emp1";

pub(crate) const CAMPAIGN: &str = "Campanha teste";
pub(crate) const ACCOUNT: &str = "1234";
pub(crate) const MAIN: &str = "Olá, seu contrato BV está disponível para negociação. Inicie seu atendimento";
pub(crate) const RETRY: &str = "Ainda dá tempo de negociar o seu contrato. Responda esta mensagem";
