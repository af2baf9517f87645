//! A connection as rules see it.

use super::connection::RedisTalk;
use crate::rules::Scene;
use crate::tcp::FlowMeta;

pub(super) fn scene(meta: &FlowMeta, talk: &RedisTalk) -> Scene {
    let client = talk.client;
    Scene {
        connection: meta.id,
        client: meta.key.end(client),
        server: meta.key.end(client.peer()),
        midstream: meta.midstream(),
        guessed: talk.guessed,
        whole: meta.whole(),
    }
}
