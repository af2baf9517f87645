//! `redorder interfaces`.

use super::drive::Outcome;
use super::failure::{Failure, say};
use super::{devices, output};
use std::io::Write;

pub(super) fn run() -> Result<Outcome, Failure> {
    let interfaces = devices::interfaces()?;
    if interfaces.is_empty() {
        say("redorder: no interface can be captured");
        say("hint: capturing needs rights; try sudo");
    }
    let name = interfaces.iter().map(|i| i.name.len()).max().unwrap_or(0);
    let mut out = output::open(None, &[])?;
    for i in &interfaces {
        let addresses = i.addresses.join(" ");
        let about = i.description.as_deref().unwrap_or_default();
        let line = format!("{:name$}  {:8}  {addresses}  {about}", i.name, i.state);
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()?;
    Ok(Outcome::default())
}
