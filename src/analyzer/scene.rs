//! A connection as rules see it.

use super::connection::RedisTalk;
use crate::model::Side;
use crate::rules::Scene;
use crate::tcp::FlowMeta;

pub(super) fn scene_of(meta: &FlowMeta, talk: &RedisTalk) -> Scene {
    scene(meta, talk.client, talk.guessed)
}

/// `client`: which end the client is. `guessed`: it may be the other one.
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
