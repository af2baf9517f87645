//! A copy of the project that holds every change of the sample, each behind a switch.

use crate::sample::Mutant;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The switch: one change is on, by its number in the environment.
const SWITCH: &str = r#"
pub(crate) mod mutant {
    pub(crate) fn on(number: usize) -> bool {
        static CHOSEN: std::sync::OnceLock<Option<usize>> = std::sync::OnceLock::new();
        let chosen = || std::env::var("MUTANT").ok()?.parse().ok();
        *CHOSEN.get_or_init(chosen) == Some(number)
    }
}
"#;

/// A copy of the project.
pub struct Tree {
    project: PathBuf,
    copy: PathBuf,
}

/// Copies the tracked files of `project`.
pub fn copy(project: &Path, copy: &Path) -> Result<Tree> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(project)
        .args(["ls-files", "-z"])
        .output()?;
    for name in String::from_utf8(listed.stdout)?
        .split('\0')
        .filter(|n| !n.is_empty())
    {
        let to = copy.join(name);
        fs::create_dir_all(to.parent().context("a file without a folder")?)?;
        fs::copy(project.join(name), to).with_context(|| name.to_owned())?;
    }
    Ok(Tree {
        project: project.to_owned(),
        copy: copy.to_owned(),
    })
}

impl Tree {
    /// Writes the sources with all changes in them. The number of a change is its place in `mutants`.
    pub fn write(&self, mutants: &[Mutant]) -> Result<()> {
        let mut files: BTreeMap<&Path, Vec<(usize, &Mutant)>> = BTreeMap::new();
        for (number, mutant) in mutants.iter().enumerate() {
            files
                .entry(&mutant.file)
                .or_default()
                .push((number, mutant));
        }
        for (file, mut mutants) in files {
            mutants.sort_by_key(|(_, m)| std::cmp::Reverse((m.site.range.start, m.site.range.end)));
            let mut text = fs::read_to_string(self.project.join(file))?;
            for (number, mutant) in mutants {
                let switch = format!("crate::mutant::on({number})");
                text.replace_range(
                    mutant.site.range.clone(),
                    &mutant.site.text.replace('@', &switch),
                );
            }
            fs::write(self.copy.join(file), text)?;
        }
        let library = fs::read_to_string(self.project.join("src/lib.rs"))?;
        fs::write(self.copy.join("src/lib.rs"), library + SWITCH)?;
        Ok(())
    }

    /// The changes that do not compile.
    pub fn broken(&self, target: &Path) -> Result<BTreeSet<usize>> {
        let out = self
            .cargo(target, &["check", "--lib", "--message-format", "json"])
            .output()?;
        let mut broken = BTreeSet::new();
        for line in String::from_utf8_lossy(&out.stdout).lines() {
            let message: serde_json::Value = serde_json::from_str(line)?;
            if message["message"]["level"] == "error" {
                broken.extend(self.named(&message["message"]["spans"])?);
            }
        }
        if !out.status.success() && broken.is_empty() {
            bail!(
                "the copy does not compile, and no change is to blame:\n{}",
                String::from_utf8_lossy(&out.stderr)
            );
        }
        Ok(broken)
    }

    /// The numbers on the lines around an error: a change ends on the line it starts on, or close behind it.
    fn named(&self, spans: &serde_json::Value) -> Result<Vec<usize>> {
        let mut numbers = Vec::new();
        for span in spans.as_array().into_iter().flatten() {
            let Some(file) = span["file_name"].as_str() else {
                continue;
            };
            let Ok(text) = fs::read_to_string(self.copy.join(file)) else {
                continue;
            };
            let first = span["line_start"].as_u64().unwrap_or(1) as usize;
            let last = span["line_end"].as_u64().unwrap_or(1) as usize;
            let lines = text
                .lines()
                .skip(first.saturating_sub(6))
                .take(last - first + 7);
            for part in lines
                .collect::<Vec<_>>()
                .join("\n")
                .split("crate::mutant::on(")
                .skip(1)
            {
                numbers.extend(part.split(')').next().and_then(|n| n.parse::<usize>().ok()));
            }
        }
        Ok(numbers)
    }

    /// Builds the tests; returns their programs, the library's first.
    pub fn tests(&self, target: &Path) -> Result<Vec<PathBuf>> {
        let out = self
            .cargo(
                target,
                &[
                    "test",
                    "--no-run",
                    "--lib",
                    "--test",
                    "it",
                    "--message-format",
                    "json",
                ],
            )
            .output()?;
        if !out.status.success() {
            bail!(
                "the tests do not compile:\n{}",
                String::from_utf8_lossy(&out.stderr)
            );
        }
        let mut programs = Vec::new();
        for line in String::from_utf8_lossy(&out.stdout).lines() {
            let message: serde_json::Value = serde_json::from_str(line)?;
            let test = message["profile"]["test"] == true;
            if let (true, Some(program)) = (test, message["executable"].as_str()) {
                programs.push(PathBuf::from(program));
            }
        }
        Ok(programs)
    }

    fn cargo(&self, target: &Path, args: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(&self.copy)
            .env("CARGO_TARGET_DIR", target)
            .args(args);
        cargo
    }

    /// Where the copy is.
    pub fn folder(&self) -> &Path {
        &self.copy
    }
}
