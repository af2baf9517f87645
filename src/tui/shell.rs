//! The impure part: the terminal, the keyboard, the clock. Everything else in this folder is a function of its input.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this file owns the terminal, and draws by the clock"
)]

use super::keys;
use super::message::{Effect, Feed, Message};
use super::model::{Model, Stage};
use super::theme::Theme;
use super::update::update;
use super::view;
use crossterm::event::{self, Event};
use crossterm::terminal::is_raw_mode_enabled;
use ratatui::DefaultTerminal;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

/// News is drawn at most this often; keys are answered at once.
const DRAW_EVERY: Duration = Duration::from_millis(100);
/// While packets are read, keys are looked for this often.
const FEED_WAIT: Duration = Duration::from_millis(20);
/// When all is read, a signal to end is looked for this often.
const IDLE_WAIT: Duration = Duration::from_millis(250);
/// News taken in before keys are looked for again.
const FEED_BURST: usize = 64;

/// Settings of the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// No colours, as `NO_COLOR` asks for.
    pub mono: bool,
    /// Start with addresses hidden.
    pub privacy: bool,
}

/// How the screen was left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exit {
    /// Why the analysis stopped early, if it did. It was on the screen; it belongs on stderr as well.
    pub failure: Option<String>,
    /// Everything had been read and judged when the screen was left.
    pub complete: bool,
}

/// Shows what comes through `feed` until the user leaves. The analysis runs in a thread of the caller; a bounded
/// channel keeps it from running ahead. When the screen is left, `feed` is dropped and sending fails: that is the
/// sign for the thread to end.
///
/// The terminal is restored on every way out, a panic in any thread included.
///
/// # Errors
/// Standard output is no terminal, or the terminal can not be read or written.
pub fn run(feed: Receiver<Feed>, options: Options) -> io::Result<Exit> {
    if !io::stdout().is_terminal() {
        let message = "the screen needs a terminal; use `redorder analyze` for text";
        return Err(io::Error::new(io::ErrorKind::Unsupported, message));
    }
    let stop = stop_flag()?;
    let restore = Restore;
    let mut terminal = ratatui::try_init()?;
    let size = terminal.size()?;
    let theme = Theme { mono: options.mono };
    let mut model = Model::new(theme, (size.width, size.height));
    model.lens.privacy = options.privacy;
    let mut screen = Screen {
        feed: Some(feed),
        stop: Arc::clone(&stop),
        dirty: true,
        drawn: None,
    };
    while screen.turn(&mut terminal, &mut model)? {}
    drop(restore);
    stop.store(true, Ordering::Relaxed);
    Ok(exit(model))
}

fn exit(model: Model) -> Exit {
    Exit {
        complete: model.stage == Stage::Done,
        failure: match model.stage {
            Stage::Failed(reason) => Some(reason),
            Stage::Reading | Stage::Done => None,
        },
    }
}

/// Gives the terminal back, also when `run` returns early.
struct Restore;

impl Drop for Restore {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// Raised by the signals that would otherwise end the program with the terminal still in raw mode. Once it is raised,
/// by a signal or because the screen was left, a signal ends the program as usual.
fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        let status = 128_i32.saturating_add(signal);
        signal_hook::flag::register_conditional_shutdown(signal, status, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}

struct Screen {
    feed: Option<Receiver<Feed>>,
    stop: Arc<AtomicBool>,
    dirty: bool,
    drawn: Option<Instant>,
}

impl Screen {
    /// Draws if there is something new, takes in news and keys. `false` when it is time to leave.
    fn turn(&mut self, terminal: &mut DefaultTerminal, model: &mut Model) -> io::Result<bool> {
        self.draw(terminal, model)?;
        self.take_news(model);
        let more = self.take_keys(model)?;
        // The hook of a panic in another thread has already given the terminal back: the screen is gone.
        let usable = is_raw_mode_enabled()?;
        if !usable {
            sender_gone(model);
        }
        Ok(more && usable && !self.stop.load(Ordering::Relaxed))
    }

    fn draw(&mut self, terminal: &mut DefaultTerminal, model: &mut Model) -> io::Result<()> {
        let now = Instant::now();
        let early = |drawn: Instant| now.duration_since(drawn) < DRAW_EVERY;
        if !self.dirty || (self.feed.is_some() && self.drawn.is_some_and(early)) {
            return Ok(());
        }
        let size = terminal.size()?;
        if model.size != (size.width, size.height) {
            update(model, Message::Resize(size.width, size.height));
        }
        terminal.draw(|frame| view::draw(frame, model))?;
        self.drawn = Some(now);
        self.dirty = false;
        Ok(())
    }

    /// Waits a moment for news, then takes what is there.
    fn take_news(&mut self, model: &mut Model) {
        let Some(feed) = &self.feed else {
            return;
        };
        let mut next = match feed.recv_timeout(FEED_WAIT) {
            Err(RecvTimeoutError::Timeout) => Err(TryRecvError::Empty),
            Err(RecvTimeoutError::Disconnected) => Err(TryRecvError::Disconnected),
            Ok(news) => Ok(news),
        };
        for _ in 0..FEED_BURST {
            match next {
                Ok(news) => {
                    update(model, Message::Feed(news));
                    self.dirty = true;
                }
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.feed = None;
                    self.dirty = true;
                    return sender_gone(model);
                }
            }
            next = feed.try_recv();
        }
        if let Ok(news) = next {
            update(model, Message::Feed(news));
        }
    }

    fn take_keys(&mut self, model: &mut Model) -> io::Result<bool> {
        let mut wait = match (&self.feed, self.dirty) {
            (None, false) => IDLE_WAIT,
            _ => Duration::ZERO,
        };
        while event::poll(wait)? {
            wait = Duration::ZERO;
            let message = match event::read()? {
                Event::Key(key) => keys::message(model.mode(), key),
                Event::Resize(columns, rows) => Some(Message::Resize(columns, rows)),
                _ => None,
            };
            let Some(message) = message else { continue };
            self.dirty = true;
            self.drawn = None;
            if update(model, message) == Some(Effect::Quit) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whoever ran the analysis went away: fine after its last word, a failure before.
fn sender_gone(model: &mut Model) {
    if model.stage == Stage::Reading {
        let reason =
            "the analysis ended without a summary; what is shown is what it found until then";
        update(model, Message::Feed(Feed::Failed(reason.to_owned())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_goes_away_early_is_a_failure() {
        let mut model = Model::default();
        sender_gone(&mut model);
        assert!(
            exit(model)
                .failure
                .is_some_and(|reason| reason.contains("without a summary"))
        );

        let mut model = Model::default();
        update(
            &mut model,
            Message::Feed(Feed::Done(Box::default(), Vec::new())),
        );
        sender_gone(&mut model);
        let exit = exit(model);
        assert_eq!((exit.failure, exit.complete), (None, true));
    }
}
