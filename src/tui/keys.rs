//! The keys as a table. The help pane and the hints of the status bar are printed from it.

use super::message::{Action, Message};
use super::screen::View;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Which keys count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Looking at findings.
    Browse,
    /// Typing a filter.
    Filter,
}

/// One line of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it counts.
    pub mode: Mode,
    /// Its keys: code, and whether Ctrl is held.
    pub keys: &'static [(KeyCode, bool)],
    /// The keys as a person reads them.
    pub label: &'static str,
    /// What they ask for.
    pub action: Action,
    /// What that does, for the help pane.
    pub help: &'static str,
    /// A word for the status bar, where there is room for it.
    pub hint: Option<&'static str>,
}

const fn bind(
    mode: Mode,
    keys: &'static [(KeyCode, bool)],
    label: &'static str,
    action: Action,
    help: &'static str,
    hint: Option<&'static str>,
) -> Binding {
    Binding {
        mode,
        keys,
        label,
        action,
        help,
        hint,
    }
}

const fn char_key(c: char) -> (KeyCode, bool) {
    (KeyCode::Char(c), false)
}

const fn ctrl(c: char) -> (KeyCode, bool) {
    (KeyCode::Char(c), true)
}

const fn plain(code: KeyCode) -> (KeyCode, bool) {
    (code, false)
}

use Action as A;
use Mode::{Browse, Filter};

/// All bindings, in the order of the help pane.
#[rustfmt::skip]
pub static BINDINGS: &[Binding] = &[
    bind(Browse, &[char_key('j'), plain(KeyCode::Down)], "j ↓", A::Down, "one row down", None),
    bind(Browse, &[char_key('k'), plain(KeyCode::Up)], "k ↑", A::Up, "one row up", None),
    bind(Browse, &[char_key('g'), plain(KeyCode::Home)], "g Home", A::First, "to the first row", None),
    bind(Browse, &[char_key('G'), plain(KeyCode::End)], "G End", A::Last, "to the last row", None),
    bind(Browse, &[ctrl('d'), plain(KeyCode::PageDown)], "Ctrl-d PgDn", A::HalfPageDown, "half a page down", None),
    bind(Browse, &[ctrl('u'), plain(KeyCode::PageUp)], "Ctrl-u PgUp", A::HalfPageUp, "half a page up", None),
    bind(Browse, &[char_key('n')], "n", A::Next, "next row, also from the details", None),
    bind(Browse, &[char_key('N')], "N", A::Previous, "previous row", None),
    bind(Browse, &[plain(KeyCode::Enter)], "Enter", A::Open, "the findings of a cause, the details of a finding", Some("open")),
    bind(Browse, &[plain(KeyCode::Tab), plain(KeyCode::BackTab)], "Tab", A::SwitchFocus, "the other pane", None),
    bind(Browse, &[plain(KeyCode::Esc)], "Esc", A::Back, "back: help, details, filter, findings", None),
    bind(Browse, &[char_key('/')], "/", A::StartFilter, "filter (see below)", Some("filter")),
    bind(Browse, &[char_key('1')], "1", A::Show(View::Causes), "the causes", Some("causes")),
    bind(Browse, &[char_key('2')], "2", A::Show(View::Findings), "all findings", Some("findings")),
    bind(Browse, &[char_key('3')], "3", A::Show(View::Coverage), "the coverage: what was judged", Some("coverage")),
    bind(Browse, &[char_key('!')], "!", A::ErrorsOnly, "only errors, or all again", None),
    bind(Browse, &[char_key('p')], "p", A::Privacy, "hide addresses, or show them", None),
    bind(Browse, &[char_key('?')], "?", A::Help, "open or close this help", Some("help")),
    bind(Browse, &[char_key('q'), ctrl('c')], "q Ctrl-c", A::Quit, "quit", Some("quit")),
    bind(Filter, &[plain(KeyCode::Enter)], "Enter", A::AcceptFilter, "keep the filter", Some("keep")),
    bind(Filter, &[plain(KeyCode::Esc)], "Esc", A::CancelFilter, "the filter as it was before", Some("cancel")),
    bind(Filter, &[plain(KeyCode::Backspace)], "Backspace", A::Erase, "erase a character", None),
    bind(Filter, &[ctrl('u')], "Ctrl-u", A::EraseAll, "erase everything", None),
    bind(Filter, &[ctrl('c')], "Ctrl-c", A::Quit, "quit", None),
];

/// How a filter is written, for the help pane.
pub const FILTER_HELP: &[&str] = &[
    "Words: every one must occur in rule, title, address or command.",
    "error, warning, note: that severity.  certain, likely, possible: that confidence.",
    "rule:auth: the rule's name has it.  !word: must not match.",
];

/// What `key` means in `mode`; `None` when it means nothing.
pub fn message(mode: Mode, key: KeyEvent) -> Option<Message> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let held = key.modifiers.contains(KeyModifiers::CONTROL);
    let bound = BINDINGS
        .iter()
        .find(|b| b.mode == mode && b.keys.contains(&(key.code, held)));
    match (bound, key.code) {
        (Some(binding), _) => Some(Message::Act(binding.action)),
        (None, KeyCode::Char(c)) if mode == Mode::Filter && types(key.modifiers) => {
            Some(Message::Type(c))
        }
        _ => None,
    }
}

/// AltGr arrives as Ctrl and Alt together on some terminals: that still types a character.
fn types(modifiers: KeyModifiers) -> bool {
    modifiers.contains(KeyModifiers::CONTROL) == modifiers.contains(KeyModifiers::ALT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        for mode in [Mode::Browse, Mode::Filter] {
            let mut seen = Vec::new();
            for key in BINDINGS
                .iter()
                .filter(|b| b.mode == mode)
                .flat_map(|b| b.keys)
            {
                assert!(!seen.contains(&key), "{key:?} twice in {mode:?}");
                seen.push(key);
            }
        }
    }

    #[test]
    fn keys_mean_what_the_table_says() {
        let table = [
            (
                Mode::Browse,
                KeyCode::Char('j'),
                KeyModifiers::NONE,
                Some(A::Down),
            ),
            (
                Mode::Browse,
                KeyCode::Char('G'),
                KeyModifiers::SHIFT,
                Some(A::Last),
            ),
            (
                Mode::Browse,
                KeyCode::Char('c'),
                KeyModifiers::CONTROL,
                Some(A::Quit),
            ),
            (Mode::Browse, KeyCode::Char('c'), KeyModifiers::NONE, None),
            (Mode::Browse, KeyCode::F(5), KeyModifiers::NONE, None),
            (
                Mode::Filter,
                KeyCode::Enter,
                KeyModifiers::NONE,
                Some(A::AcceptFilter),
            ),
        ];
        for (mode, code, modifiers, want) in table {
            let got = match message(mode, KeyEvent::new(code, modifiers)) {
                Some(Message::Act(action)) => Some(action),
                _ => None,
            };
            assert_eq!(got, want, "{code:?} in {mode:?}");
        }
    }

    #[test]
    fn the_filter_line_takes_letters_that_are_keys_elsewhere() {
        let q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        assert!(matches!(message(Mode::Filter, q), Some(Message::Type('q'))));
        let mut release = q;
        release.kind = KeyEventKind::Release;
        assert!(message(Mode::Filter, release).is_none());
    }
}
