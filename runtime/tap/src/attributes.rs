//! Names of attributes: OpenTelemetry's where it has one, else under `esr.`.

/// Method of a request. Source: OpenTelemetry semantic conventions for HTTP, as all that do not begin with `esr.`.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// Status of a response; absent when there was none.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// Path of a request, without its query.
pub const URL_PATH: &str = "url.path";
/// The route that served it, as the blueprint declares it.
pub const HTTP_ROUTE: &str = "http.route";
/// Why it failed: `timeout`, `connection refused`, or a status code as text.
pub const ERROR_TYPE: &str = "error.type";
/// The `.scn` file of a step.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// The line in that file, from 1.
pub const CODE_LINE_NUMBER: &str = "code.line.number";

/// Who calls; on client and proxy spans. A persona is `persona`.
pub const ESR_CALLER: &str = "esr.edge.caller";
/// Who is called; on client and proxy spans.
pub const ESR_CALLEE: &str = "esr.edge.callee";
/// Nanoseconds that a probe held the request in the proxy; on proxy spans.
pub const ESR_PROBE_DELAY: &str = "esr.probe.delay_ns";
/// The probe that changed the request; on proxy spans.
pub const ESR_PROBE: &str = "esr.probe.name";
/// Nanoseconds that the request waited for a worker; on server spans of parts, from the span's start.
pub const ESR_QUEUE_WAIT: &str = "esr.queue.wait_ns";
/// Nanoseconds that the caller was ready to wait; on client spans.
pub const ESR_TIMEOUT: &str = "esr.timeout_ns";
/// Place of the setting that a client span's timeout comes from: `file:line`.
pub const ESR_TIMEOUT_PLACE: &str = "esr.timeout.place";
/// Ids of the draft rules that refused the request, separated by `, `; on server spans of frontends.
pub const ESR_RULE: &str = "esr.rule";
/// What each of these rules demands, in the same order: `required FIELD`, `pattern FIELD`, `decision`, or `broken` where its
/// expression has no value.
pub const ESR_RULE_DEMAND: &str = "esr.rule.demand";
/// Places of these rules in the same order: `file:line`.
pub const ESR_RULE_PLACE: &str = "esr.rule.place";
/// What reviewers decided on an item of a queue, `waiting` if that was not known by the end of the run; on review spans.
pub const ESR_DECISION: &str = "esr.review.decision";
/// Name of the step; on step and submission spans.
pub const ESR_STEP: &str = "esr.step.name";
/// Verb of the step.
pub const ESR_VERB: &str = "esr.step.verb";
/// Where in the run's directory a screenshot is kept; on step spans.
pub const ESR_SCREENSHOT: &str = "esr.screenshot.path";
/// True on a span of an implicit submission; its `esr.step.name` is the step that it is charged to.
pub const ESR_IMPLICIT: &str = "esr.submission.implicit";
/// Number of the persona, from 0; on journey spans.
pub const ESR_PERSONA: &str = "esr.persona.index";
/// Template of the persona; on journey spans.
pub const ESR_TEMPLATE: &str = "esr.persona.template";
