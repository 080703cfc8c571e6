//! The playground, served to this machine alone.

use crate::js;
use crate::npm;
use crate::process::run;
use anyhow::Result;

/// Builds it and serves it until it is interrupted.
pub(crate) fn serve(port: u16) -> Result<()> {
    js::build()?;
    let port = port.to_string();
    run(npm::tool("vite")?.args([
        "preview",
        "--host",
        "127.0.0.1",
        "--strictPort",
        "--port",
        &port,
        "playground",
    ]))
}
