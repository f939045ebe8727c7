//! The sandbox's GOV endpoint: the draft rules that its forms are bound to, as policy specs.
//!
//! | request | answer |
//! |---|---|
//! | `GET /policies` | all of them: id, form, ETag and address |
//! | `GET /policies?applies_to=portal/eligibility` | those of one form |
//! | `GET /policies/GOV-17` | one of them, whole |
//!
//! Every answer has a strong ETag, a digest of its content, and `If-None-Match` is honoured (RFC 9110, section 13.1.2).

use std::sync::Arc;

use bytes::Bytes;
use esr_engine::{Request, Response, clock::BoxFuture};
use esr_tap::digest;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use scn_plan::Blueprint;
use serde_json::json;
use smol_str::SmolStr;

use crate::{
    Hangup, Serve,
    mimic::{HEALTH_PATH, problem},
    wire::{plain, typed},
};

/// The name that the endpoint goes by.
pub(crate) const NAME: SmolStr = SmolStr::new_static("gov");

/// Where the policies are.
const POLICIES: &str = "/policies";

/// The policies of a sandbox.
pub(crate) struct Gov {
    published: Vec<Published>,
}

/// A policy as it is served.
struct Published {
    id: SmolStr,
    applies_to: SmolStr,
    body: Bytes,
    /// With its quotes.
    etag: String,
}

impl Gov {
    /// The policies that the forms of `blueprint` are bound to.
    pub(crate) fn of(blueprint: &Blueprint) -> Arc<Self> {
        let published = blueprint.rules.iter().map(|rule| {
            // A policy is texts and flags, which are always JSON.
            let body = serde_json::to_vec_pretty(&rule.policy).map(Bytes::from).unwrap_or_default();
            let (id, applies_to) = (rule.policy.rule_id.clone(), rule.policy.applies_to.clone());
            Published { id, applies_to, etag: etag(&body), body }
        });
        Arc::new(Self { published: published.collect() })
    }

    /// The ETag of the policy `id`, without its quotes.
    pub(crate) fn etag(&self, id: &str) -> Option<&str> {
        let published = self.published.iter().find(|published| published.id == *id)?;
        Some(published.etag.trim_matches('"'))
    }

    fn answer(&self, request: &Request) -> Response {
        let path = request.url.path();
        if path == HEALTH_PATH {
            return plain(StatusCode::OK, "up");
        }
        let below = path.strip_prefix(POLICIES);
        let found = match below {
            Some("" | "/") => Some(self.list(request)),
            Some(rest) => rest.strip_prefix('/').and_then(|id| {
                let id = percent_decode_str(id).decode_utf8().ok()?;
                let published = self.published.iter().find(|published| published.id == *id)?;
                Some((published.body.clone(), published.etag.clone()))
            }),
            None => None,
        };
        let Some((body, etag)) = found else {
            return problem(StatusCode::NOT_FOUND, &format!("there is no policy here; {POLICIES} lists them all"));
        };
        if !matches!(request.method, Method::GET | Method::HEAD) {
            let mut refused = problem(StatusCode::METHOD_NOT_ALLOWED, "policies can be read only");
            refused.headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        let mut response = match is_known(&request.headers, &etag) {
            true => Response { status: StatusCode::NOT_MODIFIED, headers: HeaderMap::new(), body: Bytes::new() },
            false => typed(StatusCode::OK, "application/json", body),
        };
        if let Ok(etag) = HeaderValue::try_from(etag) {
            response.headers.insert(header::ETAG, etag);
        }
        // A copy may be kept, if it is asked for again each time.
        response.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    /// The list, of one form if the query asks for that, and its ETag.
    fn list(&self, request: &Request) -> (Bytes, String) {
        let wanted = request.url.query_pairs().find(|(name, _)| name == "applies_to").map(|(_, value)| value);
        let listed =
            self.published.iter().filter(|one| wanted.as_ref().is_none_or(|wanted| one.applies_to == **wanted));
        let listed = listed.map(|one| {
            json!({
                "rule_id": one.id,
                "applies_to": one.applies_to,
                "etag": one.etag,
                "href": format!("{POLICIES}/{}", one.id),
            })
        });
        let body = Bytes::from(json!({ "policies": listed.collect::<Vec<_>>() }).to_string());
        let etag = etag(&body);
        (body, etag)
    }
}

impl Serve for Gov {
    fn serve(self: Arc<Self>, request: Request) -> BoxFuture<'static, Result<Response, Hangup>> {
        Box::pin(async move { Ok(self.answer(&request)) })
    }
}

/// A strong validator: a digest of the content, in quotes.
fn etag(content: &[u8]) -> String {
    format!("\"{:.32}\"", digest(content))
}

/// Whether the caller has this content already.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|tags| tags.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
