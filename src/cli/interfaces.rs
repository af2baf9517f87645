//! `redorder interfaces`.

use super::failure::{Failure, say};
use super::output;
use super::verdict::Outcome;
use crate::source::{Interface, interfaces};
use std::io::Write;

pub(super) fn run() -> Result<Outcome, Failure> {
    let interfaces = interfaces()?;
    if interfaces.is_empty() {
        say("redorder: no interface can be captured");
        say("hint: capturing needs rights; try sudo");
    }
    let name = interfaces.iter().map(|i| i.name.len()).max().unwrap_or(0);
    let mut out = output::open(None, &[])?;
    for i in &interfaces {
        let addresses: Vec<String> = i.addresses.iter().map(ToString::to_string).collect();
        let about = i.description.as_deref().unwrap_or_default();
        let state = state(i);
        let addresses = addresses.join(" ");
        let line = format!("{:name$}  {state:17}  {addresses}  {about}", i.name);
        writeln!(out, "{}", line.trim_end())?;
    }
    out.flush()?;
    Ok(Outcome::default())
}

fn state(i: &Interface) -> String {
    let up = match (i.up, i.running) {
        (false, _) => "down",
        (true, false) => "up, idle",
        (true, true) => "up",
    };
    match (i.loopback, i.wireless) {
        (true, _) => format!("{up}, loopback"),
        (false, true) => format!("{up}, wireless"),
        (false, false) => up.to_owned(),
    }
}
