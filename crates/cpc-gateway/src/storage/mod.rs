//! What is on the disk: the data folder, the log, and commands as the log keeps them.

pub(crate) mod command_json;
pub(crate) mod data_folder;
pub(crate) mod log;
pub(crate) mod stored_command;
