//! Several inputs as one capture: merged by time, each packet with its own file and number.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this file opens the captures"
)]

use super::input::Input;
use super::pcapng::Annotations;
use super::progress::Progress;
use super::skew;
use super::stop::{self, Stop};
use super::{InputReport, Source, SourceError};
use crate::model::Timestamp;
use crate::packet::Packet;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

/// How many inputs one run takes: a packet reference has 16 bits for them.
const MAX_INPUTS: usize = 1 << 16;

/// Name of standard input.
const STDIN: &str = "-";

/// What became of the paths of a command line.
pub struct Opened {
    /// The readable ones, in the order given. Packets refer to them by index.
    pub files: Files,
    /// Why the others are not.
    pub errors: Vec<SourceError>,
}

/// Opens every path; `-` is standard input. One that can not be read does not keep the others from being read.
pub fn open_files(paths: &[PathBuf]) -> Opened {
    open_files_until(paths, &Stop::default())
}

/// The same. Pipes are left, silent or not, once `stop` says so.
pub fn open_files_until(paths: &[PathBuf], stop: &Stop) -> Opened {
    let mut opened = open_with(paths, |path| open_one(path, stop));
    if opened.files.inputs.len() > 1 {
        opened.files.offsets = clock_offsets(&opened.files);
    }
    opened
}

/// Offsets of the clocks of a tap that writes one file per direction. The files are opened a second time for that: only
/// what can be read twice is compared.
fn clock_offsets(files: &Files) -> Vec<i64> {
    let again = |input: &Input| {
        let path = Path::new(input.path());
        let is_file = std::fs::metadata(path).is_ok_and(|meta| meta.is_file());
        is_file
            .then(|| open_one(path, &Stop::default()).ok())
            .flatten()
    };
    let all: Option<Vec<Input>> = files.inputs.iter().map(again).collect();
    all.map(|mut inputs| skew::offsets(&mut inputs))
        .unwrap_or_default()
}

fn open_with(
    paths: &[PathBuf],
    mut open: impl FnMut(&Path) -> Result<Input, SourceError>,
) -> Opened {
    let mut inputs = Vec::new();
    let mut errors = Vec::new();
    let mut stdin_taken = false;
    for path in paths {
        let is_stdin = path.as_os_str() == STDIN;
        let result = if inputs.len() == MAX_INPUTS {
            let what = format!("more than {MAX_INPUTS} inputs: give fewer at once");
            Err(fault(path, what))
        } else if is_stdin && stdin_taken {
            let what = "standard input is given twice: give '-' once".to_owned();
            Err(fault(path, what))
        } else {
            open(path)
        };
        stdin_taken |= is_stdin;
        match result {
            Ok(input) => inputs.push(input),
            Err(error) => errors.push(error),
        }
    }
    Opened {
        files: Files::new(inputs),
        errors,
    }
}

fn open_one(path: &Path, stop: &Stop) -> Result<Input, SourceError> {
    let name = shown(path);
    if name == STDIN {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            let what = "standard input is a terminal: pipe a capture into it (tcpdump -U -w - | redorder analyze -)";
            return Err(fault(path, what.to_owned()));
        }
        return Input::new(&name, standard_input(stdin, stop), None);
    }
    let (reader, total) = open_path(path, stop).map_err(|message| fault(path, message))?;
    Input::new(&name, reader, total)
}

fn open_path(path: &Path, stop: &Stop) -> Result<(Box<dyn Read + Send>, Option<u64>), String> {
    let meta = std::fs::metadata(path).map_err(|e| explain(path, &e))?;
    if meta.is_dir() {
        return Err(format!(
            "a directory: give the captures in it ({}/*.pcap*)",
            path.display()
        ));
    }
    if !meta.is_file() {
        let file = stop::open(path, stop).map_err(|e| explain(path, &e))?;
        return Ok((Box::new(stop::Waiting::new(file, stop.clone())), None));
    }
    let file = std::fs::File::open(path).map_err(|e| explain(path, &e))?;
    Ok((Box::new(file), Some(meta.len())))
}

/// Standard input without a buffer of its own: what is in one would not wake up who waits for the descriptor.
#[cfg(unix)]
fn standard_input(stdin: io::Stdin, stop: &Stop) -> Box<dyn Read + Send> {
    use std::os::fd::AsFd;
    match stdin.as_fd().try_clone_to_owned() {
        Ok(fd) => Box::new(stop::Waiting::new(fd.into(), stop.clone())),
        Err(_) => Box::new(stdin),
    }
}

#[cfg(not(unix))]
fn standard_input(stdin: io::Stdin, _: &Stop) -> Box<dyn Read + Send> {
    Box::new(stdin)
}

fn explain(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file: check the name".to_owned(),
        io::ErrorKind::PermissionDenied => format!(
            "permission denied: make it readable (sudo chown $USER {}) or run with sudo",
            path.display()
        ),
        _ => format!("can not be opened: {error}"),
    }
}

/// A path as it is shown: bytes that are no UTF-8 as `\xNN`.
fn shown(path: &Path) -> String {
    let mut out = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn fault(path: &Path, message: String) -> SourceError {
    SourceError {
        path: shown(path),
        message,
    }
}

/// Inputs merged by time. Packets of the same time come in the order of the inputs.
pub struct Files {
    inputs: Vec<Input>,
    /// The current packet of every input that is not at its end; the earliest is the one handed out.
    waiting: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// How far the clock of each input is ahead (ns); empty = not at all.
    offsets: Vec<i64>,
    started: bool,
}

impl Files {
    /// From opened inputs, in the order their packets shall refer to them. At most 65,536.
    pub fn new(inputs: Vec<Input>) -> Files {
        let number = |(index, input): (usize, Input)| {
            input.with_file(u16::try_from(index).unwrap_or(u16::MAX))
        };
        Files {
            inputs: inputs.into_iter().enumerate().map(number).collect(),
            waiting: BinaryHeap::new(),
            offsets: Vec::new(),
            started: false,
        }
    }

    /// No input at all.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// How far every input is read, in order.
    pub fn progress(&self) -> Vec<Progress> {
        self.inputs.iter().map(|i| i.progress().clone()).collect()
    }

    /// Comments, names and secrets of every pcapng input read so far, with its index.
    pub fn annotations(&self) -> impl Iterator<Item = (usize, &Annotations)> {
        self.inputs
            .iter()
            .enumerate()
            .filter_map(|(index, input)| Some((index, input.annotations()?)))
    }

    /// Time of the current packet of an input, its clock set right.
    fn time_of(&self, index: usize) -> Option<Timestamp> {
        let time = self.inputs.get(index)?.time()?;
        Some(time.plus(self.ahead(index).saturating_neg()))
    }

    fn ahead(&self, index: usize) -> i64 {
        self.offsets.get(index).copied().unwrap_or_default()
    }

    /// Index of the input whose packet is next in time.
    #[inline]
    fn advance(&mut self) -> Option<usize> {
        if let [only] = self.inputs.as_mut_slice() {
            return only.advance().then_some(0);
        }
        if !self.started {
            self.started = true;
            self.start();
        } else if let Some(mut top) = self.waiting.peek_mut() {
            let Reverse((_, index)) = *top;
            let input = self.inputs.get_mut(index)?;
            input.advance();
            let ahead = self.offsets.get(index).copied().unwrap_or_default();
            match input.time().map(|time| time.plus(-ahead)) {
                Some(time) => *top = Reverse((time, index)),
                None => {
                    PeekMut::pop(top);
                }
            }
        }
        self.waiting.peek().map(|Reverse((_, index))| *index)
    }

    fn next_of_several(&mut self) -> Option<Packet<'_>> {
        let index = self.advance()?;
        let ahead = self.ahead(index);
        let packet = self.inputs.get(index).and_then(Input::packet)?;
        Some(Packet {
            time: packet.time.plus(-ahead),
            ..packet
        })
    }

    fn start(&mut self) {
        for index in 0..self.inputs.len() {
            if let Some(input) = self.inputs.get_mut(index) {
                input.advance();
            }
            if let Some(time) = self.time_of(index) {
                self.waiting.push(Reverse((time, index)));
            }
        }
    }
}

impl Source for Files {
    #[inline]
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, SourceError> {
        // One file is its own order, and by whose clock it is read makes no difference.
        if self.inputs.len() == 1 && self.offsets.is_empty() {
            return self.inputs.first_mut().map_or(Ok(None), Input::next);
        }
        Ok(self.next_of_several())
    }

    fn inputs(&self) -> Vec<InputReport> {
        self.inputs.iter().map(Input::report).collect()
    }

    fn clock_offsets(&self) -> Vec<(u16, i64)> {
        let numbered = (0..).zip(self.offsets.iter().copied());
        numbered.filter(|(_, ns)| *ns != 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_input_is_taken_once() {
        let paths = ["-", "a", "-"].map(PathBuf::from);
        let mut asked = Vec::new();
        let opened = open_with(&paths, |path| {
            asked.push(path.to_owned());
            let header = [
                0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
            ];
            Input::new("test", Box::new(io::Cursor::new(header)), None)
        });
        assert_eq!(asked, ["-", "a"].map(PathBuf::from));
        assert_eq!((opened.files.inputs().len(), opened.errors.len()), (2, 1));
    }
}
