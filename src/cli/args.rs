//! What was typed.

use super::address;
use super::moment;
use super::terminal::Color;
use crate::analyzer::{AddressFilter, ConnectionsWanted, Role, Show};
use crate::report::CompareFormat;
use crate::report::{CatalogueFormat, ExchangeFormat, FINDINGS, Format, TimeStyle};
use crate::rules::Severity;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  redorder analyze app.pcapng                      who broke the order of replies?
  tcpdump -i any -w - tcp port 6379 | redorder analyze -
  redorder analyze client.pcap proxy.pcap --format json -o report.json
  redorder analyze app.pcap --fail-on error        exit code 1 when something is broken
  redorder exchanges app.pcap --command AUTH       every AUTH with its reply
  redorder rules auth-race                         what a finding means

Exit codes:
  0    ran, whatever was found (damaged inputs too)
  1    findings at or above --fail-on
  2    could not do the job, or not for every input; --fail-on had nothing to judge
  130  stopped by Ctrl-C, 143 by SIGTERM; `live` is meant to end so and says 0";

/// Reads packet captures of Redis traffic and says who broke the order of replies.
#[derive(Parser, Debug)]
#[command(
    name = "redorder",
    version,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Findings of one or more captures ('-' = standard input)
    Analyze(AnalyzeArgs),
    /// The same while it happens
    #[cfg(feature = "live")]
    Live(LiveArgs),
    /// Look around on a screen: causes, findings with their ladders, coverage
    #[cfg(feature = "tui")]
    Tui(TuiArgs),
    /// Every command with its reply, one line each
    Exchanges(ExchangesArgs),
    /// Two captures side by side: did the change help?
    Compare(CompareArgs),
    /// The catalogue of rules; with a name, that rule explained
    Rules(RulesArgs),
    /// What can be captured
    #[cfg(feature = "live")]
    Interfaces,
    /// A completion script for a shell, with the names of rules and of this machine's interfaces
    Completions(CompletionsArgs),
    /// The manual page, or that of a command
    Man(ManArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  redorder analyze app.pcapng
  redorder analyze client.pcap proxy.pcap --role 10.0.0.2:6379=proxy
  redorder analyze app.pcap --brief
  redorder analyze app.pcap --rule auth-race --fail-on error -q
  redorder analyze app.pcap --rule '!slow-auth' --min-severity warning")]
pub(super) struct AnalyzeArgs {
    #[command(flatten)]
    pub(super) captures: CaptureArgs,
    /// text, json (one document), ndjson (one object a line) or markdown (for an issue)
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(&Format::ALL, Format::name))]
    pub(super) format: Format,
    /// Write the verdict alone: a line for each cause, and what was not judged
    #[arg(long, conflicts_with_all = ["verbose", "quiet"])]
    pub(super) brief: bool,
    /// Send every command and reply through the full lane: the same comes out, later. For tests
    #[arg(long, hide = true)]
    pub(super) no_fast_lane: bool,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    #[command(flatten)]
    pub(super) time: TimeRangeArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[cfg(feature = "live")]
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  redorder live -i eth0
  redorder live -i any -f 'tcp port 6379' -w kept.pcapng
  redorder live -i lo --duration 10s --format ndjson")]
pub(super) struct LiveArgs {
    /// Interface to capture on (see `redorder interfaces`)
    #[arg(short, long, value_name = "IFACE")]
    pub(super) interface: String,
    /// Keep the packets in this file as well; it holds what was on the wire, passwords included
    #[arg(short, long, value_name = "FILE")]
    pub(super) write: Option<PathBuf>,
    /// Let -w take the place of a file that is there already
    #[arg(long, requires = "write")]
    pub(super) overwrite: bool,
    /// Stop after this many packets
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) count: Option<u64>,
    /// Stop after this long, such as 30s or 5m
    #[arg(long, value_name = "T", value_parser = moment::duration)]
    pub(super) duration: Option<i64>,
    /// Only what is addressed to this machine
    #[arg(short = 'p', long)]
    pub(super) no_promiscuous: bool,
    /// text (a line per finding, the report at the end) or ndjson
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(&[Format::Text, Format::Ndjson], Format::name))]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[cfg(feature = "tui")]
#[derive(Args, Debug)]
pub(super) struct TuiArgs {
    /// Capture files: pcap or pcapng, also compressed; '-' = standard input
    #[arg(value_name = "CAPTURE", required_unless_present_any = SOURCES)]
    pub(super) captures: Vec<PathBuf>,
    /// The same as a positional CAPTURE (repeatable)
    #[arg(short, long, value_name = "FILE")]
    pub(super) read: Vec<PathBuf>,
    /// Look at this interface instead
    #[cfg(feature = "live")]
    #[arg(short, long, value_name = "IFACE", conflicts_with_all = ["captures", "read"])]
    pub(super) interface: Option<String>,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    #[command(flatten)]
    pub(super) time: TimeRangeArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  redorder exchanges app.pcap --errors
  redorder exchanges app.pcap --stats
  redorder exchanges app.pcap --command GET --min-latency 10ms
  redorder exchanges app.pcap --format tsv -o exchanges.tsv")]
pub(super) struct ExchangesArgs {
    #[command(flatten)]
    pub(super) captures: CaptureArgs,
    /// text, tsv or ndjson
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(&ExchangeFormat::ALL, ExchangeFormat::name))]
    pub(super) format: ExchangeFormat,
    /// Only error replies
    #[arg(long)]
    pub(super) errors: bool,
    /// Only this command (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) command: Vec<String>,
    /// Only commands with this argument: a tag such as key#1, or the key itself with --show keys (repeatable)
    #[arg(long, value_name = "KEY")]
    pub(super) key: Vec<String>,
    /// One row for each command: how often, errors, latency (~ is within 7 %)
    #[arg(long, conflicts_with_all = ["format", "count"])]
    pub(super) stats: bool,
    /// Only exchanges that took at least this long, such as 5ms
    #[arg(long, value_name = "T", value_parser = moment::duration)]
    pub(super) min_latency: Option<i64>,
    /// Stop after this many lines
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) count: Option<u64>,
    /// Send every command and reply through the full lane: the same comes out, later. For tests
    #[arg(long, hide = true)]
    pub(super) no_fast_lane: bool,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
    #[command(flatten)]
    pub(super) time: TimeRangeArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  redorder compare before.pcap after.pcap
  redorder compare before.pcap after.pcap --fail-on worse
  redorder compare before.pcap after.pcap --format markdown -o change.md")]
pub(super) struct CompareArgs {
    /// The capture from before the change
    #[arg(value_name = "BEFORE")]
    pub(super) before: PathBuf,
    /// The capture from after it
    #[arg(value_name = "AFTER")]
    pub(super) after: PathBuf,
    /// text, json or markdown
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(&CompareFormat::ALL, CompareFormat::name))]
    pub(super) format: CompareFormat,
    /// Exit with 1 when a fault is new, surer, or hits a larger share of connections
    #[arg(long, value_name = "WHAT", value_parser = ["worse"])]
    pub(super) fail_on: Option<String>,
    /// Only this rule, or '!NAME' for all but this one (repeatable)
    #[arg(long, value_name = "NAME")]
    pub(super) rule: Vec<String>,
    /// Write client-1, proxy-1 and the like instead of addresses
    #[arg(long)]
    pub(super) anonymize: bool,
    /// Write to this file instead of standard output; never over an input
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) scope: ScopeArgs,
}

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// Explain this rule
    pub(super) name: Option<String>,
    /// text, json or markdown
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = words(&CatalogueFormat::ALL, CatalogueFormat::name))]
    pub(super) format: CatalogueFormat,
}

#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// The page of this command
    pub(super) command: Option<String>,
}

/// What may stand in for a CAPTURE of `tui`.
#[cfg(all(feature = "tui", feature = "live"))]
const SOURCES: [&str; 2] = ["read", "interface"];
#[cfg(all(feature = "tui", not(feature = "live")))]
const SOURCES: [&str; 1] = ["read"];

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
fn words<T, const N: usize>(
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
