//! Where the data goes: standard output, or a file that is no input.

use super::failure::Failure;
use std::fs::{self, OpenOptions};
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
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
        .map_err(|e| {
            Failure::new(format!("-o {}: can not be written: {e}", path.display()))
                .hint("check that the folder exists and can be written")
        })?;
    Ok(Box::new(BufWriter::with_capacity(BUFFER, file)))
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
