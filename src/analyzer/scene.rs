//! A connection as rules see it.

use super::connection::RedisTalk;
use crate::model::Side;
use crate::rules::Scene;
use crate::tcp::FlowMeta;

pub(super) fn scene_of(meta: &FlowMeta, talk: &RedisTalk) -> Scene {
    scene(meta, talk.client, talk.guessed)
}

// Not part of its callers: what it needs would be made ready for every packet, and it is seldom asked for.
/// `client`: which end the client is. `guessed`: it may be the other one.
#[inline(never)]
pub(super) fn scene(meta: &FlowMeta, client: Side, guessed: bool) -> Scene {
    Scene {
        connection: meta.id,
        client: meta.key.end(client),
        server: meta.key.end(client.peer()),
        midstream: meta.midstream(),
        guessed,
        whole: meta.whole(),
    }
}
