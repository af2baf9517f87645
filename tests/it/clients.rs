//! Real clients that pipeline, against a real Redis: at least a thousand connections, and nobody is accused.
//!
//! Where a client is missing it is skipped and says so. `REDORDER_PYTHON` names a Python with redis-py; ioredis and
//! node-redis are found as `node` finds them, in `NODE_PATH` for example.

use super::servers::{Running, free_port, redis};
use redorder::analyzer::{Analyzer, Config, Event};
use redorder::rules::{Confidence, Finding, Severity};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

/// Connections of redis-benchmark, which is there wherever the server is.
const CONNECTIONS: u64 = 1_000;

const PYTHON: &str = "
import redis, sys
for n in range(100):
    r = redis.Redis(port=int(sys.argv[1]))
    for transaction in (False, True):
        p = r.pipeline(transaction=transaction)
        for i in range(20):
            p.set(f'py{n}', i).incr(f'py{n}').get(f'py{n}').hset('h', f'f{i}', i).mget('a', f'py{n}').echo(f'{n}-{i}')
        p.execute()
    r.close()
";
const IOREDIS: &str = "
const Redis = require('ioredis');
(async () => {
  for (let n = 0; n < 50; n++) {
    const r = new Redis({ port: Number(process.argv[1]), enableAutoPipelining: n % 2 == 0 });
    const all = [];
    for (let i = 0; i < 40; i++) all.push(r.set('io' + n, i), r.incr('io' + n), r.echo(n + '-' + i), r.hgetall('h'));
    await Promise.all(all);
    await r.pipeline().multi().set('a', 1).lrange('l', 0, -1).get('a').exec().exec();
    await r.quit();
  }
})();
";
const NODE_REDIS: &str = "
const { createClient } = require('redis');
(async () => {
  for (let n = 0; n < 50; n++) {
    const r = createClient({ url: 'redis://127.0.0.1:' + process.argv[1] });
    await r.connect();
    const all = [];
    for (let i = 0; i < 40; i++) all.push(r.set('nr' + n, i), r.incr('nr' + n), r.echo(n + '-' + i), r.hGetAll('h'));
    await Promise.all(all);
    await r.multi().set('a', 1).get('a').exec();
    await (r.close ? r.close() : r.quit());
  }
})();
";

/// Runs a program to its end. `false`, and a note, where it is missing or can not do what is asked.
fn run(name: &str, program: &str, args: &[&str], input: &[u8]) -> bool {
    let started = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let done = started.is_ok_and(|mut child| {
        // Whoever ends at once reads nothing.
        let mut stdin = child.stdin.take();
        let _ = stdin.as_mut().map(|stdin| stdin.write_all(input));
        drop(stdin);
        child.wait().is_ok_and(|status| status.success())
    });
    if !done {
        eprintln!("skipped: {name} is not installed, or failed");
    }
    done
}

/// What redis-cli sends, as it stands on the wire. It fails where one is answered with an error.
fn piped(number: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for i in 0..30 {
        let echo = format!("{number}-{i}");
        write!(
            out,
            "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n"
        )
        .unwrap();
        write!(out, "*2\r\n$4\r\nECHO\r\n${}\r\n{echo}\r\n", echo.len()).unwrap();
        write!(
            out,
            "*2\r\n$7\r\nHGETALL\r\n$1\r\nh\r\n*1\r\n$4\r\nTIME\r\n"
        )
        .unwrap();
    }
    out
}

/// All clients, one behind the other.
fn pipeline(port: u16) {
    let port = &*port.to_string();
    let benchmark = [
        "-p",
        port,
        "-P",
        "16",
        "-c",
        "20",
        "-k",
        "0",
        "-n",
        "4000",
        "-t",
        "set,get,incr,lpush",
        "-q",
    ];
    assert!(
        run("redis-benchmark", "redis-benchmark", &benchmark, b""),
        "it comes with the server"
    );
    for number in 0..50 {
        if !run(
            "redis-cli",
            "redis-cli",
            &["-p", port, "--pipe"],
            &piped(number),
        ) {
            break;
        }
    }
    let python = std::env::var("REDORDER_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    run("redis-py", &python, &["-c", PYTHON, port], b"");
    run("ioredis", "node", &["-e", IOREDIS, port], b"");
    run("node-redis", "node", &["-e", NODE_REDIS, port], b"");
}

#[test]
fn a_thousand_pipelining_connections_accuse_nobody() {
    let port = free_port();
    let Some(_server) = redis(port, &[]) else {
        return;
    };
    let Some(capture) = Running::start(port) else {
        return;
    };
    pipeline(port);
    let mut analyzer = Analyzer::new(Config::default());
    let mut told: BTreeMap<String, Finding> = BTreeMap::new();
    for packet in capture.packets() {
        analyzer.push(&packet.packet());
        take(&mut analyzer, &mut told);
    }
    let totals = analyzer.finish().totals;
    take(&mut analyzer, &mut told);
    eprintln!(
        "{} connections, {} commands, {} not paired",
        totals.redis_connections, totals.counts.commands, totals.counts.undecided_commands
    );
    assert!(totals.redis_connections >= CONNECTIONS);
    // The kernel may have had no room for a packet.
    let whole = totals.counts.gaps == 0;
    let firm = told
        .values()
        .find(|f| f.severity == Severity::Error && (whole || f.confidence > Confidence::Possible));
    assert!(firm.is_none(), "{firm:?}");
    assert!(!whole || totals.counts.undecided_commands == 0);
}

fn take(analyzer: &mut Analyzer, told: &mut BTreeMap<String, Finding>) {
    while let Some(event) = analyzer.poll() {
        if let Event::Finding(f) = event {
            let id = f.id.to_string();
            match f.withdrawn {
                true => drop(told.remove(&id)),
                false => drop(told.insert(id, std::sync::Arc::unwrap_or_clone(f))),
            }
        }
    }
}
