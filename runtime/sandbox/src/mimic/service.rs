//! Services: routes for other parts.

use http::{HeaderValue, StatusCode, header};
use scn_plan::{
    Shape, Value,
    blueprint::{Handler, Service},
};

use super::{
    answer::{Halt, Served, document, problem},
    exchange::Exchange,
    frame::Frame,
    handler::{self, Flow},
    route::{self, Matched},
};

impl Exchange<'_> {
    /// Answers as a service does.
    pub(crate) async fn service(mut self, service: &Service) -> Served {
        let path = self.request.url.path().to_owned();
        match route::find(&service.routes, &self.request.method, &path) {
            Matched::Route(route, parameters) => {
                let parameters = self.labelled("path", Value::record(parameters));
                let served = self.document(&route.handler, route.body.as_ref(), parameters, 204);
                served.await.by(&route.path)
            }
            Matched::OtherMethod(methods) => {
                let detail = format!("this route has the methods {}", methods.join(", "));
                let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, &detail);
                if let Ok(allow) = HeaderValue::try_from(methods.join(", ")) {
                    response.headers.insert(header::ALLOW, allow);
                }
                Served::of(response)
            }
            Matched::Nothing => {
                let detail = format!("{} has no such route", self.mimic.part.name);
                Served::of(problem(StatusCode::NOT_FOUND, &detail))
            }
        }
    }

    /// Holds the body against `shape`, runs `handler`, and answers with JSON; with `silent` (a status) if the handler
    /// replies nothing.
    pub(crate) async fn document(
        &mut self,
        handler: &Handler,
        shape: Option<&Shape>,
        path: Value,
        silent: u16,
    ) -> Served {
        let received = match self.receive().await {
            Ok(received) => received,
            Err(refused) => return Served::of(problem(refused.status, &refused.why)),
        };
        let body = match received.check(shape) {
            Ok(body) => body,
            Err(why) => return Served::of(problem(StatusCode::UNPROCESSABLE_ENTITY, &why)),
        };
        let mut frame = Frame::new(self, Some(handler));
        frame.body = body;
        frame.path = path;
        let outcome = handler::run(&handler.steps, &mut frame).await;
        let answered = match outcome {
            Ok(Flow::Next) => {
                Ok(document(StatusCode::from_u16(silent).unwrap_or(StatusCode::NO_CONTENT), &Value::None))
            }
            Ok(Flow::Reply(reply)) => {
                let mut response = document(reply.status, &reply.body);
                Exchange::finish_reply(&mut response.headers, &reply)
                    .map(|()| response)
                    .map_err(|why| Halt::Impossible { why, span: handler.span })
            }
            Err(halt) => Err(halt),
        };
        match answered {
            Ok(response) => Served::of(response),
            Err(halt) => {
                let (status, why) = halt.answer(&self.mimic.blueprint.sources);
                Served::of(problem(status, &why)).because(Some(why))
            }
        }
    }
}
