//! Tries small changes of the code that judges, one at a time, and tells which of them no test notices.
//!
//! All changes are compiled into one program, each behind a switch. So the tests are built once, not once a change.

mod sample;
mod site;
mod tree;

use anyhow::{Context, Result, bail};
use sample::Mutant;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The tests of those rooms, the quick ones first: the library's own, then those that run whole conversations.
const LIBRARY: &[&str] = &["rules::", "finding::"];
const WHOLE: &[&[&str]] = &[
    &[
        "rules::",
        "golden::",
        "doubts::",
        "logins::",
        "review::",
        "overdue::",
        "loss::",
        "vectors::",
        "awkward::",
        "report::",
        "wire::",
        "random::",
    ],
    &["stories::"],
];
/// A change that makes a loop endless is noticed by this.
const PATIENCE: Duration = Duration::from_secs(180);

struct Options {
    seed: u64,
    count: usize,
    /// Only these of the sample are tried; all if there is none.
    only: Vec<usize>,
    target: PathBuf,
    rooms: Vec<PathBuf>,
}

fn options() -> Result<Options> {
    let mut options = Options {
        seed: 1,
        count: 200,
        only: Vec::new(),
        target: PathBuf::from("target/mutants"),
        rooms: Vec::new(),
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seed" => options.seed = args.next().context("--seed N")?.parse()?,
            "--count" => options.count = args.next().context("--count N")?.parse()?,
            "--only" => {
                let list = args.next().context("--only N,N,...")?;
                options.only = list.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            "--target" => options.target = args.next().context("--target FOLDER")?.into(),
            room if !room.starts_with('-') => options.rooms.push(room.into()),
            other => {
                bail!(
                    "{other} is unknown: [--seed N] [--count N] [--only N,N,...] [--target FOLDER] FOLDER..."
                )
            }
        }
    }
    if options.rooms.is_empty() {
        options.rooms = vec!["src/rules".into(), "src/finding".into()];
    }
    Ok(options)
}

fn main() -> Result<()> {
    let options = options()?;
    let project = std::env::current_dir()?;
    let target = std::path::absolute(&options.target)?;
    let mut all = Vec::new();
    for room in &options.rooms {
        collect(&project, room, &mut all)?;
    }
    println!("{} places where a change is possible", all.len());
    let folder = tempfile::tempdir()?;
    // Some tests look for files beside the project.
    let copy = folder.path().join("project");
    if let Ok(shared) = project.join("../shared").canonicalize() {
        std::os::unix::fs::symlink(shared, folder.path().join("shared"))?;
    }
    let tree = tree::copy(&project, &copy)?;
    let (mutants, unviable) = viable(
        &tree,
        &target,
        sample::shuffled(all, options.seed),
        options.count,
    )?;
    println!(
        "{} changes in the sample, {unviable} others do not compile",
        mutants.len()
    );
    let programs = tree.tests(&target)?;
    if let Some(test) = noticed(&tree, &programs, None)? {
        bail!("{test} fails without any change");
    }
    let mut survivors = Vec::new();
    let wanted = |number: &usize| options.only.is_empty() || options.only.contains(number);
    for (number, mutant) in mutants.iter().enumerate().filter(|(n, _)| wanted(n)) {
        match noticed(&tree, &programs, Some(number))? {
            Some(test) => println!("noticed  {number} {mutant} [{test}]"),
            None => {
                println!("SURVIVES {number} {mutant}");
                survivors.push(mutant);
            }
        }
    }
    println!("\n{} of {} survive", survivors.len(), mutants.len());
    for mutant in survivors {
        println!("{mutant}");
    }
    Ok(())
}

fn collect(project: &Path, folder: &Path, all: &mut Vec<Mutant>) -> Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(project.join(folder))?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let file = folder.join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            collect(project, &file, all)?;
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let source = std::fs::read_to_string(project.join(&file))?;
            let sites = site::sites(&source).with_context(|| name.clone())?;
            all.extend(sites.into_iter().map(|site| Mutant {
                file: file.clone(),
                site,
            }));
        }
    }
    Ok(())
}

/// A sample of which everything compiles, and how many had to be left out for that.
fn viable(
    tree: &tree::Tree,
    target: &Path,
    all: Vec<Mutant>,
    count: usize,
) -> Result<(Vec<Mutant>, usize)> {
    let mut rest = all.into_iter();
    let mut taken = Vec::new();
    let mut unviable = 0;
    loop {
        sample::fill(&mut taken, &mut rest, count);
        tree.write(&taken)?;
        let broken = tree.broken(target)?;
        if broken.is_empty() {
            return Ok((taken, unviable));
        }
        unviable += broken.len();
        let mut number = 0;
        taken.retain(|_| {
            number += 1;
            !broken.contains(&(number - 1))
        });
    }
}

/// The tests that fail with that change, `None` if all pass.
fn noticed(
    tree: &tree::Tree,
    programs: &[PathBuf],
    number: Option<usize>,
) -> Result<Option<String>> {
    let [library, whole] = programs else {
        bail!("{} test programs instead of two", programs.len());
    };
    let runs = std::iter::once((library, LIBRARY)).chain(WHOLE.iter().map(|names| (whole, *names)));
    for (program, names) in runs {
        let mut tests = Command::new(program);
        tests
            .current_dir(tree.folder())
            .args(names)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(number) = number {
            tests.env("MUTANT", number.to_string());
        }
        if !passes(tests.spawn()?)? {
            return Ok(Some(names.join(" ")));
        }
    }
    Ok(None)
}

/// The first test that fails is enough: the others are not waited for.
fn passes(mut tests: Child) -> Result<bool> {
    let begun = Instant::now();
    let failed = failure(tests.stdout.take().context("no output of the tests")?);
    loop {
        if let Some(status) = tests.try_wait()? {
            return Ok(status.success());
        }
        if failed.load(Ordering::Relaxed) || begun.elapsed() > PATIENCE {
            tests.kill()?;
            tests.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Becomes true when the output of tests names one that failed.
fn failure(output: ChildStdout) -> Arc<AtomicBool> {
    let failed = Arc::new(AtomicBool::new(false));
    let found = Arc::clone(&failed);
    std::thread::spawn(move || {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        let mut names = lines.filter(|line| line.starts_with("test ") && line.ends_with("FAILED"));
        if names.next().is_some() {
            found.store(true, Ordering::Relaxed);
        }
        // The rest has to be read all the same, or the tests wait for a reader.
        names.for_each(drop);
    });
    failed
}
