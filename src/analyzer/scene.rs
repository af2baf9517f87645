//! A connection as rules see it.

use crate::model::Side;
use crate::rules::Scene;
use crate::tcp::FlowMeta;

pub(super) fn scene(meta: &FlowMeta, client: Side) -> Scene {
    Scene {
        connection: meta.id,
        client: meta.key.end(client),
        server: meta.key.end(client.peer()),
        midstream: meta.midstream(),
        whole: meta.whole(),
    }
}
