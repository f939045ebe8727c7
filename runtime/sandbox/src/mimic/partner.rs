//! Partner agencies: envelopes at `POST /envelopes/<schema>`.

use esr_engine::envelopes;
use http::{HeaderValue, Method, StatusCode, header};
use scn_plan::{Value, blueprint::Partner};

use super::{
    answer::{Served, problem},
    exchange::Exchange,
};

impl Exchange<'_> {
    /// Answers as a partner agency does.
    pub(crate) async fn partner(mut self, partner: &Partner) -> Served {
        let path = self.request.url.path().to_owned();
        let Some((schema, envelope)) = partner.envelopes.iter().find(|(schema, _)| envelopes::path(schema) == path)
        else {
            let detail = format!("{} takes no such envelope", self.mimic.part.name);
            return Served::of(problem(StatusCode::NOT_FOUND, &detail));
        };
        if self.request.method != Method::POST {
            let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, "an envelope is sent with POST");
            response.headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            return Served::of(response);
        }
        let served = self.document(&envelope.handler, envelope.payload.as_ref(), Value::None, 204);
        served.await.by(&format!("/envelopes/{schema}"))
    }
}
