//! `redorder tui`.

use super::args::TuiArgs;
use super::drive::Outcome;
use super::failure::Failure;
use super::{analyze, inputs, settings};
use crate::report::TimeStyle;

pub(super) fn run(args: TuiArgs) -> Result<Outcome, Failure> {
    let mut config = settings::config(&args.scope);
    settings::within(&mut config, &args.time, TimeStyle::Utc)?;
    let _filter = analyze::filter(&args.scope)?;
    let _opened = inputs::open(&analyze::paths(args.captures))?;
    // TODO-MERGE: an engine thread that feeds crate::tui::run.
    Err(Failure::new("the screen is not connected yet").hint("use `redorder analyze`"))
}
