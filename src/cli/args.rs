//! What was typed.

use super::moment;
use super::options::{CaptureArgs, JudgeArgs, OutputArgs, ScopeArgs, TimeRangeArgs, words};
use crate::report::{CatalogueFormat, CompareFormat, ExchangeFormat, Format};
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
