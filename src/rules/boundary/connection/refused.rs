//! Commands that were refused while no AUTH had been accepted or judged, until it is clear how it went on.

use super::Boundary;
use crate::finding::Scene;
use crate::redis::{Exchange, KeptExchange, Kind};
use crate::rules::boundary::absence::Ended;
use crate::rules::boundary::closing::Closing;
use crate::rules::boundary::outcome::Sign;
use crate::rules::boundary::unauthenticated::{Sequel, Unauthenticated};
use crate::rules::news::News;

impl Boundary {
    fn has_refused(&self) -> bool {
        self.rare
            .as_ref()
            .is_some_and(|rare| rare.refused.is_some())
    }

    pub(super) fn take_refused(&mut self) -> Option<Box<Unauthenticated>> {
        self.rare.as_mut()?.refused.take()
    }

    /// NOAUTH while no AUTH was judged, or behind a RESET.
    pub(super) fn refused_without_login(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        exchange: &Exchange<'_>,
        sign: Sign,
    ) {
        // In front of AUTH a bare HELLO asks which protocol the server speaks.
        let probe = exchange.command.kind == Kind::Hello;
        let plain = sign == Sign::NoAuth && !self.auth_seen;
        if !plain || (probe && !self.has_refused()) {
            if !probe {
                news.unexplained(scene, exchange);
            }
            return;
        }
        let name = news
            .shared()
            .commands
            .info(exchange.command.id)
            .name
            .clone();
        let served = self.served;
        let rare = self.rare();
        let place = match rare.errors.last_mut() {
            Some(error) if !error.renewal => &mut error.refused,
            _ => &mut rare.refused,
        };
        Unauthenticated::note(place, &name, exchange);
        if let Some(all) = place {
            all.served |= served;
        }
    }

    /// What was refused in front of AUTH is told now that the command behind AUTH is known. A replica asks with PING
    /// whether its master is there, takes NOAUTH for a yes, and logs in then.
    pub(super) fn before_auth(&mut self, news: &mut impl News, scene: &Scene, next: Kind) {
        let Some(rare) = &mut self.rare else {
            return;
        };
        let Some((mut refused, auth)) = rare.refused_and_auth.take().map(|both| *both) else {
            return;
        };
        if !(refused.only_pings() && matches!(next, Kind::Replconf | Kind::Sync)) {
            refused.sequel = Sequel::Auth(Box::new(auth));
            self.reported |= news.unauthenticated(scene, Box::new(refused));
        }
    }

    pub(super) fn finish_refused(
        &mut self,
        news: &mut impl News,
        scene: &Scene,
        closing: &Closing,
        on_its_way: Option<KeptExchange>,
    ) {
        let Some(mut refused) = self.take_refused() else {
            return;
        };
        let open = closing.ended == Ended::Open;
        refused.sequel = match on_its_way {
            Some(auth) => Sequel::Auth(Box::new(auth)),
            // It was not seen how that AUTH was answered.
            None if self.auth_seen => return news.refused_unexplained(scene, &refused),
            None if !self.lost && scene.whole => Sequel::Never { open },
            // It was lost because its order is broken, which is told.
            None if self.order_broken => return news.refused_unexplained(scene, &refused),
            None => Sequel::Unknown,
        };
        self.reported |= news.unauthenticated(scene, refused);
    }
}
