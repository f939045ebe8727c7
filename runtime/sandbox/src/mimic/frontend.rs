//! Frontends: pages and forms for people.

use esr_engine::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use scn_plan::{
    Record, Text, Value,
    blueprint::{Field, Frontend, Page},
    eval,
};
use smol_str::SmolStr;

use super::{
    answer::{Demand, Halt, Refusal, Reply, Served},
    body::{Received, Refused},
    exchange::Exchange,
    form::{self, Reading},
    frame::Frame,
    handler::{self, Flow},
    session::Seen,
};
use crate::{
    html::{self, Entered, FORM_FIELD, Shown},
    wire::typed,
};

impl Exchange<'_> {
    /// Answers as a frontend does.
    pub(crate) async fn frontend(mut self, frontend: &Frontend) -> Served {
        let Some(page) = frontend.pages.get(self.request.url.path()) else {
            return Served::of(page_response(StatusCode::NOT_FOUND, html::not_found(frontend)));
        };
        match self.request.method {
            Method::GET | Method::HEAD => {
                let visit = self.visit();
                visit.finish(self.view(frontend, page, &visit).await, &page.path)
            }
            Method::POST if !page.forms.is_empty() => {
                let visit = self.visit();
                let served = match self.receive().await {
                    Ok(Received::Document(_)) => refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "a page takes forms"),
                    Ok(received) => self.submit(frontend, page, &visit, received).await,
                    Err(Refused { status, why }) => refused(status, &why),
                };
                visit.finish(served, &page.path)
            }
            _ => {
                let allowed = if page.forms.is_empty() { "GET, HEAD" } else { "GET, HEAD, POST" };
                let what = format!("This page answers {allowed}.");
                let mut response =
                    page_response(StatusCode::METHOD_NOT_ALLOWED, html::message("This cannot be done here", &what));
                response.headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
                Served::of(response).by(&page.path)
            }
        }
    }

    fn visit(&self) -> Visit {
        let (session, cookie) = self.mimic.sessions.of(&self.request.headers, &self.trace);
        Visit { session, cookie }
    }

    /// A GET: runs `on view`, and shows the page.
    async fn view(&self, frontend: &Frontend, page: &Page, visit: &Visit) -> Served {
        let mut frame = Frame::new(self, page.on_view.as_ref());
        frame.session = visit.value();
        let outcome = match &page.on_view {
            Some(handler) => handler::run(&handler.steps, &mut frame).await,
            None => Ok(Flow::Next),
        };
        let seen = match outcome {
            Ok(Flow::Next) => see(page, &frame),
            Ok(Flow::Reply(reply)) => return self.reply(frontend, page, visit, &reply),
            Err(halt) => Err(halt),
        };
        match seen {
            Ok(seen) => {
                self.mimic.sessions.sees(&visit.session, &page.path, seen.clone());
                self.page(StatusCode::OK, page, &seen, None, &Entered::default())
            }
            Err(halt) => self.failed(&halt),
        }
    }

    /// A POST: holds the form against its fields, and runs `on submit`.
    async fn submit(&self, frontend: &Frontend, page: &Page, visit: &Visit, received: Received) -> Served {
        let seen = self.seen(page, visit);
        let named = received.values(FORM_FIELD).next().and_then(Value::as_str);
        let form = match named {
            Some(name) => page.forms.get(name),
            None if page.forms.len() == 1 => page.forms.values().next(),
            None => None,
        };
        let Some(form) = form else {
            let error = Text::plain("This page does not know the form that was sent. Try again.");
            return self.page(StatusCode::UNPROCESSABLE_ENTITY, page, &seen, Some(&error), &Entered::default());
        };
        let values = match form::read(form, &received, &seen.show) {
            Reading::Valid(values) => values,
            Reading::Wrong { entered, error, rules } => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                let error = error.map(Text::plain);
                return self.page(status, page, &seen, error.as_ref(), &entered).refused_by(rules);
            }
            Reading::Broken { rule, error } => {
                return self.failed(&error.into()).refused_by(vec![Refusal { rule, demand: Demand::Broken }]);
            }
        };
        let mut frame = Frame::new(self, form.on_submit.as_ref());
        frame.form = Value::record(values);
        frame.session = visit.value();
        frame.show = Value::record(seen.show);
        let outcome = match &form.on_submit {
            Some(handler) => handler::run(&handler.steps, &mut frame).await,
            None => Ok(Flow::Next),
        };
        match outcome {
            Ok(Flow::Next) => Served::of(see_other(form.to.as_ref().unwrap_or(&page.path))),
            Ok(Flow::Reply(reply)) => self.reply(frontend, page, visit, &reply),
            Err(halt) => self.failed(&halt),
        }
    }

    /// What `reply` says: a redirect, a document, or a page with an error on it (without `page:`, the current one).
    fn reply(&self, frontend: &Frontend, current: &Page, visit: &Visit, reply: &Reply) -> Served {
        let page = match reply.page.as_ref() {
            Some(path) => frontend.pages.get(&path.value),
            None => Some(current),
        };
        let mut served = match page {
            None => {
                let path = reply.page.clone().unwrap_or_default();
                let why = format!("`reply` names a page {} that this frontend does not have", path.redacted());
                return self.failed(&Halt::Impossible { why, span: current.span });
            }
            Some(page) if reply.status.is_redirection() => {
                let mut response = see_other(&page.path);
                response.status = reply.status;
                Served::of(response)
            }
            Some(_) if reply.page.is_none() && reply.error.is_none() && reply.body != Value::None => {
                Served::of(super::answer::document(reply.status, &reply.body))
            }
            Some(page) => {
                let seen = self.seen(page, visit);
                self.page(reply.status, page, &seen, reply.error.as_ref(), &Entered::default())
            }
        };
        match Exchange::finish_reply(&mut served.response.headers, reply) {
            Ok(()) => served,
            Err(why) => self.failed(&Halt::Impossible { why, span: current.span }),
        }
    }

    /// What the session last saw on `page`. A page that it never saw shows what does not depend on `on view`.
    fn seen(&self, page: &Page, visit: &Visit) -> Seen {
        let seen = self.mimic.sessions.seen(&visit.session, &page.path);
        seen.or_else(|| see(page, &Frame::new(self, page.on_view.as_ref())).ok()).unwrap_or_default()
    }

    fn page(&self, status: StatusCode, page: &Page, seen: &Seen, error: Option<&Text>, entered: &Entered) -> Served {
        let gov = &self.mimic.gov;
        let left_out = |field: &Field| form::is_left_out(field, &seen.show);
        let etag = |rule: &str| gov.etag(rule).unwrap_or_default();
        let (left_out, etag) = (&left_out, &etag);
        let shown = Shown { show: &seen.show, texts: &seen.texts, error, entered, left_out, etag };
        Served::of(page_response(status, html::page(page, &shown)))
    }

    fn failed(&self, halt: &Halt) -> Served {
        let (status, why) = halt.answer(&self.mimic.blueprint.sources);
        let title = match status {
            StatusCode::GATEWAY_TIMEOUT => "This is taking too long",
            StatusCode::BAD_GATEWAY => "This service is not available",
            _ => "Something went wrong",
        };
        Served::of(page_response(status, html::message(title, &format!("{why}.")))).because(Some(why))
    }
}

/// A request's session, and the cookie to set if it begins with this request.
struct Visit {
    session: SmolStr,
    cookie: Option<HeaderValue>,
}

impl Visit {
    fn value(&self) -> Value {
        Value::record(Record::from_iter([("id".into(), Value::text(self.session.clone()))]))
    }

    fn finish(&self, mut served: Served, route: &str) -> Served {
        if let Some(cookie) = &self.cookie {
            served.response.headers.append(header::SET_COOKIE, cookie.clone());
        }
        served.by(route)
    }
}

/// What `page` shows, by the variables of its `on view`.
fn see(page: &Page, frame: &Frame) -> Result<Seen, Halt> {
    let mut seen = Seen::default();
    for (name, expr) in &page.show {
        seen.show.insert(name.clone(), eval(expr, frame)?);
    }
    for expr in &page.texts {
        seen.texts.push(eval(expr, frame)?.to_text());
    }
    Ok(seen)
}

fn page_response(status: StatusCode, html: String) -> Response {
    let mut response = typed(status, "text/html; charset=utf-8", html);
    response.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(status: StatusCode, why: &str) -> Served {
    Served::of(page_response(status, html::message("This form cannot be read", &format!("Try again: {why}."))))
}

fn see_other(path: &str) -> Response {
    let mut headers = HeaderMap::new();
    if let Ok(location) = HeaderValue::try_from(path) {
        headers.insert(header::LOCATION, location);
    }
    Response { status: StatusCode::SEE_OTHER, headers, body: bytes::Bytes::new() }
}
