//! What was meant: checked, with hints where it can not be.

#![expect(
    clippy::disallowed_methods,
    reason = "the reports quote the command line"
)]

use super::failure::Failure;
use super::moment::moment;
use super::nearest::nearest;
use super::options::{JudgeArgs, Opened, OutputArgs, ScopeArgs, TimeRangeArgs};
use crate::analyzer::{Config, Show};
use crate::report::{Options, Report, RuleChoice, Selection, TextOptions, TimeStyle, anonymous};
use crate::rules::{self, CATALOGUE, RESERVED, RuleInfo, Severity};
use jiff::tz::TimeZone;
use std::io::Write;

/// Settings of the analyzer.
pub(super) fn config(scope: &ScopeArgs) -> Result<Config, Failure> {
    for (at, (end, role)) in scope.role.iter().enumerate() {
        let before = scope.role.iter().take(at);
        if before
            .clone()
            .any(|(known, other)| known == end && other != role)
        {
            return Err(Failure::new("--role gives one address two roles").hint("keep one of them"));
        }
    }
    Ok(Config {
        show: opened(&scope.show).max().unwrap_or(Show::Tags),
        show_errors: scope.show.contains(&Opened::Errors),
        ports: scope.port.clone(),
        clients: scope.client.clone(),
        servers: scope.server.clone(),
        roles: scope.role.clone(),
        ..Config::default()
    })
}

fn opened(wanted: &[Opened]) -> impl Iterator<Item = Show> {
    wanted.iter().filter_map(|opened| match opened {
        Opened::Level(show) => Some(*show),
        Opened::Errors => None,
    })
}

/// Adds the part of the capture that is wanted. Times without a zone are taken as the output shows them.
pub(super) fn within(
    config: &mut Config,
    range: &TimeRangeArgs,
    style: TimeStyle,
) -> Result<(), Failure> {
    let zone = match style {
        TimeStyle::Local => TimeZone::system(),
        TimeStyle::Utc | TimeStyle::Relative => TimeZone::UTC,
    };
    let read = |name: &str, text: &Option<String>| match text {
        Some(text) => moment(text, &zone)
            .map(Some)
            .map_err(|why| Failure::new(format!("--{name}: {why}"))),
        None => Ok(None),
    };
    config.from = read("from", &range.from)?;
    config.to = read("to", &range.to)?;
    config.stream = range.stream;
    if let (Some(from), Some(to)) = (config.from, config.to)
        && from > to
    {
        return Err(
            Failure::new("--from is later than --to: no packet can match").hint("exchange the two"),
        );
    }
    Ok(())
}

/// `--stream` needs every packet from the first on: Wireshark numbers connections as they come.
pub(super) fn numbered(config: &Config, filtered: bool) -> Result<(), Failure> {
    if config.stream.is_none() || (config.from.is_none() && !filtered) {
        return Ok(());
    }
    Err(
        Failure::new("--stream goes with neither -f nor --from: the numbers count every packet")
            .hint("choose the connection by --client and --server instead"),
    )
}

/// What the reports show.
pub(super) fn options(judge: &JudgeArgs, output: &OutputArgs) -> Result<Options, Failure> {
    Ok(Options {
        selection: selection(&judge.rule, judge.min_severity)?,
        connections: judge.connections,
        findings: judge.findings,
        command_line: String::new(),
        hashes: Vec::new(),
        text: text_options(output),
    })
}

/// The report that `make` makes; with `--anonymize`, without addresses.
pub(super) fn report<'w>(
    output: &OutputArgs,
    out: Box<dyn Write + 'w>,
    make: impl FnOnce(Box<dyn Write + 'w>) -> Box<dyn Report + 'w>,
) -> Box<dyn Report + 'w> {
    match output.anonymize {
        true => anonymous(out, make),
        false => make(out),
    }
}

/// `--rule` and `--min-severity`.
pub(super) fn selection(
    rules: &[String],
    min_severity: Option<Severity>,
) -> Result<Selection, Failure> {
    let rules = rules.iter().map(|r| rule_choice(r));
    Ok(Selection {
        rules: rules.collect::<Result<_, _>>()?,
        min_severity,
    })
}

/// What was typed.
pub(super) fn command_line() -> String {
    let words = std::env::args_os().skip(1);
    let words: Vec<String> = words.map(|w| w.to_string_lossy().into_owned()).collect();
    format!("redorder {}", words.join(" "))
}

fn text_options(output: &OutputArgs) -> TextOptions {
    TextOptions {
        paint: output.color.paint(output.output.is_some()),
        time: output.time,
        verbose: output.verbose,
        live: false,
        brief: false,
        quiet: output.quiet,
    }
}

fn rule_choice(typed: &str) -> Result<RuleChoice, Failure> {
    let (name, excluded) = match typed.strip_prefix('!') {
        Some(name) => (name, true),
        None => (typed, false),
    };
    Ok(RuleChoice {
        name: rule(name)?.name.to_owned(),
        excluded,
    })
}

/// The rule of that name, or the names it may have been.
pub(super) fn rule(name: &str) -> Result<&'static RuleInfo, Failure> {
    if let Some(rule) = rules::rule(name) {
        return Ok(rule);
    }
    if RESERVED.contains(&name) {
        let why = format!("the rule '{name}' is not built yet: only its name is kept");
        return Err(Failure::new(why).hint("`redorder rules` lists those that are"));
    }
    let near = nearest(name, CATALOGUE.iter().map(|r| r.name));
    let hint = if near.is_empty() {
        "`redorder rules` lists them all".to_owned()
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    Err(Failure::new(format!("there is no rule '{name}'")).hint(hint))
}
