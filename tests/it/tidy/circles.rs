//! Inside one room no two files need each other, so that each can be read alone.
//!
//! What a `mod.rs` hands on (`pub use child::Item`) counts as the child's: whoever names it needs the child, and the
//! `mod.rs` itself needs nothing by it. What a `mod.rs` imports for its own code counts like any other import.

use super::layers::expand;
use super::{every_name, read, without_comments};
use std::collections::{BTreeMap, BTreeSet};

/// A module by its path from the root: `["redis", "pairing", "lane"]`.
type Path = Vec<String>;

/// One file, as far as its names go.
#[derive(Default)]
struct Module {
    file: String,
    /// Names that the file brings in, and from where.
    imports: BTreeMap<String, Path>,
    /// What its own code names: everything but what is only handed on.
    needs: Vec<Path>,
}

/// All files of a tree, by module.
#[derive(Default)]
struct Tree {
    modules: BTreeMap<Path, Module>,
}

fn module_of(file: &str) -> Path {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let parts = inside.trim_end_matches(".rs").split('/');
    let parts: Path = parts.map(str::to_owned).collect();
    match parts.split_last() {
        Some((last, front)) if last == "mod" || last == "lib" => front.to_vec(),
        _ => parts,
    }
}

/// Tests need what they test and may need anything else.
fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/") || file == "src/tui/fixture.rs"
}

impl Tree {
    fn new(files: &[(String, String)]) -> Tree {
        let mut tree = Tree::default();
        for (file, _) in files {
            let module = Module {
                file: file.clone(),
                ..Module::default()
            };
            tree.modules.insert(module_of(file), module);
        }
        for (file, text) in files {
            let code = without_comments(text);
            let code = code.split("\nmod tests {").next().unwrap_or("");
            tree.read(&module_of(file), code);
        }
        tree
    }

    fn read(&mut self, at: &Path, code: &str) {
        let (mut imports, mut needs) = (BTreeMap::new(), Vec::new());
        let mut rest = String::new();
        for statement in code.split_inclusive(';') {
            let Some((front, used, is_handed_on)) = import(statement) else {
                rest.push_str(statement);
                continue;
            };
            rest.push_str(front);
            for (path, name) in renamed(used) {
                let Some(path) = self.absolute(at, &path) else {
                    continue;
                };
                if !is_handed_on {
                    needs.push(path.clone());
                }
                imports.insert(name, path);
            }
        }
        needs.extend(paths(&rest).filter_map(|path| self.absolute(at, &path)));
        if let Some(module) = self.modules.get_mut(at) {
            module.imports = imports;
            module.needs = needs;
        }
    }

    /// A path of this crate from its root; `None` for those of other crates and of local names.
    fn absolute(&self, at: &Path, path: &[String]) -> Option<Path> {
        let mut from = at.clone();
        let mut rest = path;
        match rest.split_first()? {
            (first, tail) if first == "crate" => (from, rest) = (Path::new(), tail),
            (first, tail) if first == "self" => rest = tail,
            (first, _) if first == "super" => {
                while let Some((first, tail)) = rest.split_first()
                    && first == "super"
                {
                    from.pop();
                    rest = tail;
                }
            }
            (first, _) => {
                let child = [at.as_slice(), std::slice::from_ref(first)].concat();
                self.modules.get(&child)?;
            }
        }
        Some([from, rest.to_vec()].concat())
    }

    /// The module that holds what a path names, behind everything that is handed on.
    fn home(&self, path: &[String], depth: usize) -> Path {
        let known = (0..=path.len()).rev();
        let mut known = known.filter(|len| self.modules.contains_key(&path[..*len]));
        let module = path[..known.next().unwrap_or(0)].to_vec();
        let from = self.modules.get(&module);
        match from.zip(path.get(module.len())) {
            Some((from, name)) if depth > 0 => match from.imports.get(name) {
                Some(behind) => self.home(behind, depth - 1),
                None => module,
            },
            _ => module,
        }
    }

    /// Which files of its own room each file needs.
    fn edges(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (at, module) in &self.modules {
            for need in &module.needs {
                let home = self.home(need, 8);
                if home == *at || home.first() != at.first() || at.is_empty() {
                    continue;
                }
                let to = &self.modules[&home].file;
                edges.entry(&module.file).or_default().insert(to);
            }
        }
        edges
    }

    /// A way from each file back to itself, the shortest first found; each circle once.
    fn circles(&self) -> Vec<String> {
        let edges = self.edges();
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for start in edges.keys() {
            let Some(way) = way_back(&edges, start) else {
                continue;
            };
            let files: BTreeSet<&str> = way.iter().copied().collect();
            if seen.insert(files) {
                found.push(format!("{} -> {start}", way.join(" -> ")));
            }
        }
        found
    }
}

/// `[pub] use TREE;`: what stands in front of it, the tree, and whether it is handed on.
fn import(statement: &str) -> Option<(&str, &str, bool)> {
    let body = statement.strip_suffix(';')?;
    let lines = body.match_indices("use ").map(|(at, _)| at);
    let mut starts = lines.filter(|at| {
        let line = body[..*at].rsplit('\n').next().unwrap_or("").trim();
        line.is_empty() || line == "pub" || (line.starts_with("pub(") && line.ends_with(')'))
    });
    let at = starts.next()?;
    let line = body[..at].rfind('\n').map_or(0, |n| n + 1);
    let is_handed_on = body[line..at].trim_start().starts_with("pub");
    Some((&body[..line], &body[at + 4..], is_handed_on))
}

/// The paths of a tree, each with the name under which it is known.
fn renamed(tree: &str) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    // `a as b` is read as the path `a::=::b`.
    for mut path in expand(&tree.replace(" as ", "::as_::")) {
        let name = path.last().cloned().unwrap_or_default();
        if let Some(at) = path.iter().position(|part| part == "as_") {
            path.truncate(at);
        }
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        let name = match name.as_str() {
            "self" => path.last().cloned().unwrap_or_default(),
            _ => name,
        };
        found.push((path, name));
    }
    found
}

/// Every `a::b::c` in code.
fn paths(code: &str) -> impl Iterator<Item = Path> {
    let words = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    let words = words.filter(|word| word.contains("::") && !word.starts_with("::"));
    words.map(|word| {
        let parts = word.split("::").filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    })
}

fn way_back<'f>(
    edges: &BTreeMap<&'f str, BTreeSet<&'f str>>,
    start: &'f str,
) -> Option<Vec<&'f str>> {
    let mut ways = std::collections::VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in edges.get(way.last()?).into_iter().flatten() {
            if *next == start {
                return Some(way);
            }
            if seen.insert(*next) {
                ways.push_back([way.as_slice(), &[*next]].concat());
            }
        }
    }
    None
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let owned = files.iter();
    let owned: Vec<_> = owned
        .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
        .collect();
    Tree::new(&owned)
}

#[test]
fn no_two_files_of_a_room_need_each_other() {
    let names = every_name(&["src"], &[".rs"]);
    let files = names.into_iter().filter(|name| !is_test(name));
    let files: Vec<_> = files.map(|name| (name.clone(), read(&name))).collect();
    let circles = Tree::new(&files).circles();
    assert!(
        circles.is_empty(),
        "\n{}\nMove what both need to a file of its own below them, or hand it in as an argument\n",
        circles.join("\n")
    );
}

#[test]
fn circles_are_seen_however_they_are_spelled() {
    let two = "src/a/two.rs";
    for (head, one, back) in [
        ("", "use super::two::X;", "use super::one::Y;"),
        (
            "",
            "use crate::a::{two::X, other};",
            "fn f() { super::one::y() }",
        ),
        ("pub use one::Y;", "use super::two::X;", "use super::Y;"),
        (
            "pub use one::{Y as Z};",
            "use super::two::X;",
            "use crate::a::Z;",
        ),
        ("use two::X; pub struct Z;", "", "use super::Z;"),
        (
            "mod two;\nfn f() { two::g() } pub struct Z;",
            "",
            "use super::Z;",
        ),
    ] {
        let found = tree(&[("src/a/mod.rs", head), ("src/a/one.rs", one), (two, back)]).circles();
        assert_eq!(found.len(), 1, "{head} / {one} / {back}: {found:?}");
    }
}

#[test]
fn what_is_no_circle_passes() {
    for (head, one, two) in [
        ("", "use super::two::X;", "use crate::b::Y;"),
        ("pub use one::Y; pub use two::X;", "use super::X;", ""),
        ("pub use one::Y; pub struct Z;", "use super::Z;", ""),
        (
            "",
            "use super::two::X;",
            "#[cfg(test)]\nmod tests {\nuse super::super::one::Y;\n}",
        ),
        ("", "use super::two::X;", "// use super::one::Y;"),
        (
            "use two::X;",
            "use super::two::X;",
            "use std::fmt::{self, Display};",
        ),
    ] {
        let files = [
            ("src/a/mod.rs", head),
            ("src/a/one.rs", one),
            ("src/a/two.rs", two),
        ];
        let found = tree(&files).circles();
        assert!(found.is_empty(), "{head} / {one} / {two}: {found:?}");
    }
}
