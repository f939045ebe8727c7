//! Envelopes that a journey sends to another agency.

use http::{Method, header};
use scn_plan::{Expr, Value};

use super::{Failure, Halt, Journey, exchange::Outgoing, http_step::response};
use crate::{bind::Step, envelopes, labels};

impl Journey {
    /// Sends an envelope; yields the response as the language sees it.
    pub(super) async fn send_envelope(
        &mut self,
        at: usize,
        step: &Step,
        to: &Expr,
        schema: &Expr,
        payload: &Option<Expr>,
    ) -> Result<Value, Halt> {
        let key = self.executions[at].key.clone();
        let partner = self.text(&key, "to", to)?.value;
        let schema = self.text(&key, "schema", schema)?.value;
        let Some(root) = self.shared.options.partners.get(&partner) else {
            return Err(Failure::new("no such partner", format!("the sandbox has no partner `{partner}`")).into());
        };
        let mut url = root.clone();
        url.set_path(&envelopes::path(&schema));
        let mut outgoing = Outgoing::get(url);
        outgoing.method = Method::POST;
        outgoing.header(header::ACCEPT, "application/json, */*;q=0.8");
        outgoing.header(header::CONTENT_TYPE, "application/json");
        // An envelope without a payload is an empty one.
        let payload = self.optional(&key, "payload", payload)?.unwrap_or_else(|| Value::record(Default::default()));
        outgoing.body = payload.to_json().to_string().into();
        let payload = self.redactor.labelled(payload);
        labels::mark(&mut outgoing.headers, [("body", &payload)]);
        let errand = self.errand(at, step.timeout);
        let last = self.exchange(&errand, outgoing).await?;
        let response = response(&last.headers, last.status, &last.text, last.time);
        self.browser.last = Some(last);
        Ok(response)
    }
}
