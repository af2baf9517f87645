//! Options that several commands share.

use super::address;
use super::terminal::Color;
use crate::analyzer::{AddressFilter, ConnectionsWanted, Role, Show};
use crate::report::{FINDINGS, TimeStyle};
use crate::rules::Severity;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// Which captures.
#[derive(Args, Debug)]
pub(super) struct CaptureArgs {
    /// Capture files: pcap or pcapng, also compressed; '-' = standard input
    #[arg(value_name = "CAPTURE", required_unless_present = "read")]
    pub(super) captures: Vec<PathBuf>,
    /// The same as a positional CAPTURE (repeatable)
    #[arg(short, long, value_name = "FILE")]
    pub(super) read: Vec<PathBuf>,
}

/// Which findings and connections.
#[derive(Args, Debug)]
#[command(next_help_heading = "Findings")]
pub(super) struct JudgeArgs {
    /// Only this rule, or '!NAME' for all but this one (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) rule: Vec<String>,
    /// Hide findings below note, warning or error; they still count
    #[arg(long, value_name = "LEVEL", value_parser = words(&SEVERITIES, Severity::name))]
    pub(super) min_severity: Option<Severity>,
    /// Exit with 1 when there is a finding of note, warning or error, or above
    #[arg(long, value_name = "LEVEL", value_parser = words(&SEVERITIES, Severity::name))]
    pub(super) fail_on: Option<Severity>,
    /// List at most this many findings of a rule in JSON; all are counted
    #[arg(long, value_name = "N", default_value_t = FINDINGS)]
    pub(super) findings: usize,
    /// Report the notable connections (those that a finding names) or all
    #[arg(long, value_name = "WHICH", default_value = "notable", value_parser = words(&CONNECTIONS, connections_name))]
    pub(super) connections: ConnectionsWanted,
}

/// What traffic, and how much of it may be seen.
#[derive(Args, Debug)]
#[command(next_help_heading = "Traffic")]
pub(super) struct ScopeArgs {
    /// libpcap filter on the raw packets, such as 'tcp port 6379'
    #[cfg(feature = "live")]
    #[arg(short, long, value_name = "BPF")]
    pub(super) filter: Option<String>,
    /// Only connections with this client (repeatable; looks inside tunnels)
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = address::address)]
    pub(super) client: Vec<AddressFilter>,
    /// Only connections with this server (repeatable; looks inside tunnels)
    #[arg(long, value_name = "ADDR[:PORT]", value_parser = address::address)]
    pub(super) server: Vec<AddressFilter>,
    /// A port that is Redis although its bytes alone do not say so (repeatable)
    #[arg(long, value_name = "PORT", value_parser = address::port)]
    pub(super) port: Vec<u16>,
    /// What an address is: client, proxy, redis or auth-service (repeatable)
    #[arg(long, value_name = "ADDR=ROLE", value_parser = address::role)]
    pub(super) role: Vec<(AddressFilter, Role)>,
    /// Show keys, values as well, the words of errors, or even secrets (repeatable); by default only kind and length
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = words(&OPENED, opened_name))]
    pub(super) show: Vec<Opened>,
}

impl ScopeArgs {
    /// `-f` leaves packets out before they are looked at.
    #[cfg(feature = "live")]
    pub(super) fn is_filtered(&self) -> bool {
        self.filter.is_some()
    }

    /// `-f` needs libpcap.
    #[cfg(not(feature = "live"))]
    pub(super) fn is_filtered(&self) -> bool {
        false
    }
}

/// Which part of a capture.
#[derive(Args, Debug)]
#[command(next_help_heading = "Traffic")]
pub(super) struct TimeRangeArgs {
    /// Only packets from this time on, such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// Only packets up to this time
    #[arg(long, value_name = "TIME")]
    pub(super) to: Option<String>,
    /// Only the connection with this tcp.stream number of Wireshark (in the first capture)
    #[arg(long, value_name = "N")]
    pub(super) stream: Option<u32>,
}

/// Where the output goes and how it looks.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Write to this file instead of standard output; never over an input
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Times in utc, local, or relative to the first packet (text only; JSON is always UTC)
    #[arg(long, value_name = "STYLE", default_value = "utc", value_parser = words(&TimeStyle::ALL, TimeStyle::name))]
    pub(super) time: TimeStyle,
    /// Colours: auto, always or never
    #[arg(long, value_name = "WHEN", default_value = "auto", value_parser = words(&Color::ALL, Color::name))]
    pub(super) color: Color,
    /// Write client-1, proxy-1 and the like instead of addresses
    #[arg(long)]
    pub(super) anonymize: bool,
    /// Causes only: no counts, no progress, no warnings about damaged inputs
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Every finding in full
    #[arg(short, long)]
    pub(super) verbose: bool,
}

const SEVERITIES: [Severity; 3] = [Severity::Note, Severity::Warning, Severity::Error];
const CONNECTIONS: [ConnectionsWanted; 2] = [ConnectionsWanted::Notable, ConnectionsWanted::All];
const OPENED: [Opened; 4] = [
    Opened::Level(Show::Keys),
    Opened::Level(Show::Values),
    Opened::Errors,
    Opened::Level(Show::Secrets),
];

/// What `--show` opens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Opened {
    /// Arguments and replies up to this level.
    Level(Show),
    /// The words of error texts.
    Errors,
}

const fn connections_name(wanted: ConnectionsWanted) -> &'static str {
    match wanted {
        ConnectionsWanted::Notable => "notable",
        ConnectionsWanted::All => "all",
    }
}

const fn opened_name(opened: Opened) -> &'static str {
    match opened {
        Opened::Errors => "errors",
        Opened::Level(Show::Tags) => "tags",
        Opened::Level(Show::Keys) => "keys",
        Opened::Level(Show::Values) => "values",
        Opened::Level(Show::Secrets) => "secrets",
    }
}

/// A parser for the closed list `all`, each under its name. Keeps `clap` out of the modules that own the words.
pub(super) fn words<T, const N: usize>(
    all: &'static [T; N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + 'static,
{
    let names = all.iter().map(|t| name(*t));
    PossibleValuesParser::new(names).try_map(move |word| {
        let meant = all.iter().copied().find(|t| name(*t) == word);
        meant.ok_or("not one of the words")
    })
}
