//! `--anonymize`: addresses become `client-1`, `proxy-1`, `redis-1` in everything that a format writes.
//!
//! A name is given when an address is first written. A format that writes at the end knows every role by then; one that
//! writes at once knows only which end was the client: `client-1`, `server-1`. Equal addresses keep equal names. Ports,
//! names of files and tags stay.

use super::{Progress, Report};
use crate::analyzer::{Event, Summary};
use crate::model::{Endpoint, Role, Timestamp, mask_addresses};
use crate::source::InputReport;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

/// Addresses with a name of their own; later ones are `client-?`.
const NAMED: usize = 65_536;

/// What is known of the addresses, and the names given so far.
#[derive(Debug, Default)]
struct Names {
    clients: BTreeSet<IpAddr>,
    servers: BTreeMap<SocketAddr, &'static str>,
    given: BTreeMap<(&'static str, IpAddr), usize>,
    counts: BTreeMap<&'static str, usize>,
}

impl Names {
    fn learn(&mut self, client: Option<Endpoint>, server: Option<Endpoint>) {
        if self.clients.len() + self.servers.len() >= NAMED {
            return;
        }
        self.clients.extend(client.map(|end| end.addr));
        if let Some(end) = server {
            let end = SocketAddr::new(end.addr, end.port);
            self.servers.entry(end).or_insert("server");
        }
    }

    /// The end of the run: who is what.
    fn learn_roles(&mut self, summary: &Summary) {
        for load in &summary.loads {
            self.learn(
                Some(Endpoint {
                    addr: load.client,
                    port: 0,
                }),
                Some(load.server),
            );
        }
        for endpoint in &summary.endpoints {
            match (endpoint.role, endpoint.address.parse::<SocketAddr>()) {
                (Role::Unknown, Ok(end)) => drop(self.servers.entry(end).or_insert("server")),
                (role, Ok(end)) => drop(self.servers.insert(end, role.name())),
                (_, Err(_)) => self.clients.extend(endpoint.address.parse::<IpAddr>()),
            }
        }
    }

    fn role(&self, addr: IpAddr, port: Option<u16>) -> &'static str {
        let end = port.map(|port| SocketAddr::new(addr, port));
        let known = end.and_then(|end| self.servers.get(&end));
        let of_address = || self.servers.iter().find(|(end, _)| end.ip() == addr);
        match known {
            Some(role) => role,
            None if self.clients.contains(&addr) => "client",
            None => of_address().map_or("host", |(_, role)| *role),
        }
    }

    fn name(&mut self, addr: IpAddr, port: Option<u16>) -> String {
        let role = self.role(addr, port);
        if let Some(n) = self.given.get(&(role, addr)) {
            return format!("{role}-{n}");
        }
        if self.given.len() >= NAMED {
            return format!("{role}-?");
        }
        let n = self.counts.entry(role).or_default();
        *n += 1;
        self.given.insert((role, addr), *n);
        format!("{role}-{n}")
    }

    fn mask(&mut self, text: &str) -> String {
        without_community_id(&mask_addresses(text, |addr, port| self.name(addr, port)))
    }
}

/// A Community ID is a hash of addresses and ports that anybody can try out.
fn without_community_id(text: &str) -> String {
    const KEY: &str = "\"community_id\":";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(KEY) {
        out.push_str(before);
        out.push_str(KEY);
        rest = behind;
        let value = behind.trim_start().strip_prefix('"');
        if let Some((_, tail)) = value.and_then(|value| value.split_once('"')) {
            out.push_str(" \"hidden\"");
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

/// Masks what is written, line by line.
#[derive(Debug)]
pub(super) struct Masked<W: Write> {
    out: W,
    names: Rc<RefCell<Names>>,
    line: Vec<u8>,
}

impl<W: Write> Masked<W> {
    fn pass_on(&mut self, up_to: usize) -> io::Result<()> {
        let rest = self.line.split_off(up_to);
        let lines = std::mem::replace(&mut self.line, rest);
        let text = String::from_utf8_lossy(&lines);
        let masked = self.names.borrow_mut().mask(&text);
        self.out.write_all(masked.as_bytes())
    }
}

impl<W: Write> Write for Masked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(at) = self.line.iter().rposition(|byte| *byte == b'\n') {
            self.pass_on(at + 1)?;
        }
        Ok(bytes.len())
    }

    /// Half a line waits: an address may be cut in it.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write> Drop for Masked<W> {
    fn drop(&mut self) {
        // What has no end of line is written all the same. Nobody is left to hear of an error.
        let _ = self
            .pass_on(self.line.len())
            .and_then(|()| self.out.flush());
    }
}

/// A report whose output is masked.
struct Anonymous<'w> {
    inner: Box<dyn Report + 'w>,
    names: Rc<RefCell<Names>>,
}

/// The report that `make` makes, without addresses in what it writes.
pub fn anonymous<'w, W: Write + 'w>(
    out: W,
    make: impl FnOnce(Box<dyn Write + 'w>) -> Box<dyn Report + 'w>,
) -> Box<dyn Report + 'w> {
    let names = Rc::new(RefCell::new(Names::default()));
    let inner = make(Box::new(Masked {
        out,
        names: Rc::clone(&names),
        line: Vec::new(),
    }));
    Box::new(Anonymous { inner, names })
}

/// Lets `write` write to `out`, without the addresses of these runs.
pub(super) fn without_addresses<'s, W: Write>(
    out: W,
    runs: impl IntoIterator<Item = &'s Summary>,
    write: impl FnOnce(&mut Masked<W>) -> io::Result<()>,
) -> io::Result<()> {
    let mut names = Names::default();
    for summary in runs {
        names.learn_roles(summary);
    }
    let mut masked = Masked {
        out,
        names: Rc::new(RefCell::new(names)),
        line: Vec::new(),
    };
    write(&mut masked)?;
    masked.pass_on(masked.line.len())
}

impl Report for Anonymous<'_> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let ends = match event {
            Event::Finding(finding) => (finding.client, finding.server),
            Event::Connection(c) => (Some(c.client), Some(c.server)),
            Event::Exchange(line) => (Some(line.client), Some(line.server)),
        };
        self.names.borrow_mut().learn(ends.0, ends.1);
        self.inner.event(event)
    }

    fn begin(&mut self, first: Timestamp) {
        self.inner.begin(first);
    }

    fn progress(&mut self, progress: &Progress) -> io::Result<()> {
        self.inner.progress(progress)
    }

    fn wants_more(&self) -> bool {
        self.inner.wants_more()
    }

    fn finish(&mut self, summary: &Summary, inputs: &[InputReport]) -> io::Result<()> {
        self.names.borrow_mut().learn_roles(summary);
        self.inner.finish(summary, inputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::default();
        let addr = IpAddr::from([10, 0, 0, 1]);
        let end = |port| Some(Endpoint { addr, port });
        names.learn(end(40_000), end(6379));
        names
    }

    #[test]
    fn one_address_may_be_client_and_server() {
        let mut names = names();
        let told =
            names.mask("10.0.0.1:40000 > 10.0.0.1:6379, 10.0.0.1; 10.9.9.9:1 > 10.0.0.1:6379");
        assert_eq!(
            told,
            "client-1:40000 > server-1:6379, client-1; host-1:1 > server-1:6379"
        );
    }

    #[test]
    fn a_community_id_does_not_give_it_away() {
        let told =
            names().mask("{\"community_id\": \"1:LQU9qZlK+B5F3KDmev6m5PMibrg=\", \"x\": null}");
        assert_eq!(told, "{\"community_id\": \"hidden\", \"x\": null}");
        assert_eq!(
            names().mask("\"community_id\":null"),
            "\"community_id\":null"
        );
    }

    #[test]
    fn an_address_that_comes_in_two_pieces_is_masked() {
        let mut out = Vec::new();
        let names = Rc::new(RefCell::new(names()));
        let mut masked = Masked {
            out: &mut out,
            names,
            line: Vec::new(),
        };
        masked.write_all(b"from 10.0.").unwrap();
        masked.flush().unwrap();
        masked.write_all(b"0.1\nto 10.0.0.1:63").unwrap();
        masked.write_all(b"79").unwrap();
        drop(masked);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "from client-1\nto server-1:6379"
        );
    }
}
