//! Where the data goes: standard output, or a file that is no input.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this file opens the outputs"
)]

use super::failure::Failure;
use crate::source::Input;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Bytes collected before a write.
const BUFFER: usize = 64 << 10;

/// Opens the output. `None` and `-` are standard output.
pub(super) fn open(path: Option<&Path>, inputs: &[PathBuf]) -> Result<Box<dyn Write>, Failure> {
    let Some(path) = path.filter(|p| *p != Path::new("-")) else {
        return Ok(Box::new(BufWriter::with_capacity(BUFFER, io::stdout())));
    };
    guard(path, inputs)?;
    refuse_other_places(path)?;
    let file = create(path).map_err(|e| {
        Failure::new(format!("-o {}: can not be written: {e}", path.display()))
            .hint("check that the folder exists and can be written")
    })?;
    Ok(Box::new(BufWriter::with_capacity(BUFFER, file)))
}

/// Opens a file for its owner alone, since a report may show keys. What was in it goes.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let is_there = fs::symlink_metadata(path).is_ok();
    // A new file fails if something has come in between, a link included.
    let file = options.create_new(!is_there).open(path)?;
    if file.metadata()?.is_file() {
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        file.set_len(0)?;
    }
    Ok(file)
}

/// Refuses a link to a file, which somebody else may have put there, and a capture.
fn refuse_other_places(path: &Path) -> Result<(), Failure> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
    let is_file = fs::metadata(path).map(|meta| meta.is_file());
    let shown = path.display();
    // /dev/stdout is a link too, to no file.
    if is_link && *is_file.as_ref().unwrap_or(&true) {
        return Err(Failure::new(format!("-o {shown}: it is a symbolic link"))
            .hint("name the file itself, or remove the link"));
    }
    if is_file.unwrap_or(false) && is_capture(path) {
        return Err(
            Failure::new(format!("-o {shown}: it is a capture, and would be lost"))
                .hint("choose another name for the output, or remove the capture"),
        );
    }
    Ok(())
}

/// A file that `redorder` could read.
fn is_capture(path: &Path) -> bool {
    let file = OpenOptions::new().read(true).open(path);
    file.is_ok_and(|file| Input::new("", Box::new(file), None).is_ok())
}

/// Somebody looks at the output while it grows: standard output is a terminal.
pub(super) fn is_watched(path: Option<&Path>) -> bool {
    path.is_none_or(|p| p == Path::new("-")) && io::stdout().is_terminal()
}

/// Refuses an output that is one of the inputs under whatever name: link, relative path, standard input.
pub(super) fn guard(path: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    let Some(output) = identity(path) else {
        return Ok(());
    };
    let input = inputs.iter().find(|i| match i.as_path() == Path::new("-") {
        true => identity(Path::new("/dev/stdin")) == Some(output),
        false => identity(i) == Some(output),
    });
    match input {
        Some(input) => Err(Failure::new(format!(
            "{} is the input {}: it would be overwritten",
            path.display(),
            input.display()
        ))
        .hint("choose another name for the output")),
        None => Ok(()),
    }
}

/// Both paths lead to one file that exists.
#[cfg(feature = "live")]
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    identity(one).is_some_and(|one| identity(other) == Some(one))
}

/// Device and inode of a regular file; `None` for what does not exist and for terminals and pipes.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((meta.dev(), meta.ino()))
}

/// A hash would do as well; paths are compared after resolving links.
#[cfg(not(unix))]
fn identity(path: &Path) -> Option<u64> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let path = fs::canonicalize(path).ok()?;
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn an_output_is_its_owners_and_takes_no_captures_place() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.txt");
        for _ in 0..2 {
            assert!(open(Some(&path), &[]).is_ok());
        }
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        fs::write(&path, "an older report").unwrap();
        assert!(open(Some(&path), &[]).is_ok());
        assert_eq!((mode(), fs::read(&path).unwrap().len()), (0o600, 0));
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        assert!(open(Some(&link), &[]).is_err(), "a link");
        let capture = dir.path().join("a.pcap");
        let header = [
            0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0,
        ];
        fs::write(&capture, header).unwrap();
        assert!(open(Some(&capture), &[]).is_err(), "a capture");
        assert_eq!(fs::read(&capture).unwrap(), header);
        assert!(open(Some(Path::new("/dev/null")), &[]).is_ok());
    }

    #[test]
    fn an_input_under_another_name_is_still_an_input() {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("a.pcap");
        let linked = dir.path().join("b.pcap");
        let other = dir.path().join("c.pcap");
        fs::write(&input, b"x").unwrap();
        fs::hard_link(&input, &linked).unwrap();
        fs::write(&other, b"x").unwrap();
        let inputs = [dir.path().join(".").join("a.pcap")];
        assert!(guard(&input, &inputs).is_err());
        assert!(cfg!(not(unix)) || guard(&linked, &inputs).is_err());
        assert!(guard(&other, &inputs).is_ok());
        assert!(guard(&dir.path().join("new"), &inputs).is_ok());
        assert_eq!(fs::read_to_string(&input).unwrap(), "x");
    }
}
