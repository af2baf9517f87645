//! Opens captures: where the command line meets files.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this file looks at what the inputs are"
)]

use super::failure::{Failure, say};
use super::signals::Interrupt;
use crate::source::{self, Files, Progress, SourceError};
use sha1::{Digest, Sha1};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The readable inputs as one source, and the errors of the others.
pub(super) struct Opened {
    pub(super) source: Files,
    pub(super) meter: Meter,
    pub(super) unreadable: Vec<SourceError>,
    /// Listens from before the first byte on.
    pub(super) interrupt: Interrupt,
}

/// A hash of each input that is a file, so that somebody else can tell that theirs is the same.
pub(super) fn hashes(paths: &[PathBuf]) -> Vec<(String, String)> {
    let files = paths.iter().filter(|path| path.is_file());
    files
        .filter_map(|path| Some((path.display().to_string(), hash(path)?)))
        .collect()
}

fn hash(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let mut hasher = Sha1::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => hasher.update(buffer.get(..n)?),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    let hex: Vec<String> = hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    Some(format!("SHA-1 {}", hex.concat()))
}

/// How far the inputs are read.
pub(super) struct Meter(Vec<Progress>);

impl Meter {
    /// Bytes read, and how many there are when that is known of every input.
    pub(super) fn bytes(&self) -> (u64, Option<u64>) {
        let read = self
            .0
            .iter()
            .map(Progress::read)
            .fold(0, u64::saturating_add);
        let total = self.0.iter().map(Progress::total).sum();
        (read, total)
    }
}

/// Opens `paths` and says on standard error which can not be read. Fails when none can.
pub(super) fn open(paths: &[PathBuf], interrupt: Interrupt) -> Result<Opened, Failure> {
    let opened = source::open_files_until(paths, &interrupt.stop());
    let mut unreadable = opened.errors;
    if interrupt.is_set() {
        // What was stopped before it began is no broken input.
        unreadable.clear();
    } else if opened.files.is_empty() {
        return Err(match (unreadable.pop(), unreadable.is_empty()) {
            (Some(only), true) => Failure::from(only),
            (last, _) => {
                unreadable.iter().chain(&last).for_each(tell);
                Failure::new("none of the inputs can be read")
            }
        });
    }
    unreadable.iter().for_each(tell);
    Ok(Opened {
        meter: Meter(opened.files.progress()),
        source: opened.files,
        unreadable,
        interrupt,
    })
}

/// One of the inputs may still be growing: it is a pipe, as standard input or by name.
pub(super) fn is_stream(paths: &[PathBuf]) -> bool {
    let is_file = |path: &PathBuf| {
        let path = match path.as_path() == Path::new("-") {
            true => Path::new("/dev/stdin"),
            false => path,
        };
        std::fs::metadata(path).is_ok_and(|meta| meta.is_file())
    };
    !paths.iter().all(is_file)
}

fn tell(error: &SourceError) {
    say(&format!("redorder: {error}"));
}
