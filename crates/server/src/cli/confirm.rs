//! Asking before something goes that can't be brought back.

use std::io::{IsTerminal, Write};

use anyhow::bail;

/// Lets the operator type the name of what is to go. `what` is it with its kind, `along` what goes with it.
pub(super) fn deletion(what: &str, name: &str, along: &str) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        bail!("deleting {what} can't be undone: say --yes");
    }
    eprint!("This deletes {what} with all its {along}. Type {name:?} without quotes to go on: ");
    std::io::stderr().flush()?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed)?;
    if typed.trim() != name {
        bail!("nothing was deleted");
    }
    Ok(())
}
