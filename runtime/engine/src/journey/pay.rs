//! Paying with a method of the persona's wallet.

use scn_plan::{Expr, SlotId, Value};

use super::{Failure, Halt, Journey};
use crate::bind::Step;

impl Journey {
    /// Pays with `method`. `fail_if` is a condition and its source.
    pub(super) async fn pay(
        &mut self,
        at: usize,
        step: &Step,
        method: &Expr,
        fail_if: Option<(&Expr, &str)>,
        amount: Option<SlotId>,
    ) -> Result<(), Halt> {
        let key = self.executions[at].key.clone();
        let method = self.text(&key, "method", method)?.value;
        let details = self.payment_details(&method)?;
        let details: Vec<(&str, &Value)> = match &details {
            Value::Record(fields) => fields.iter().map(|(name, value)| (name.as_str(), value)).collect(),
            _ => Vec::new(),
        };
        let form = self.on_page(at, |page, _| page.enter_payment(&method, &details)).await?;
        self.browser.touch(form, at);

        let asked = self.browser.page.as_ref().and_then(|page| page.amount());
        if let Some(slot) = amount {
            self.set_slot(slot, asked.clone().unwrap_or_default());
        }
        if let Some((condition, source)) = fail_if {
            let holds = self.holds(&key, "fail_if", condition).map_err(|failure| match &asked {
                None => Failure::new("no amount", format!("the page shows no amount to read: {}", failure.reason)),
                Some(_) => failure,
            })?;
            if holds {
                let asked = asked.map(|asked| format!(": the page asks for {asked}")).unwrap_or_default();
                // The input stays unsubmitted: the person turns away.
                self.browser.discard_input();
                return Err(Failure::new(source, format!("{source}{asked}")).into());
            }
        }
        let button = self.browser.page.as_ref().and_then(|page| page.default_button(form));
        self.submit_explicitly(at, step, form, button).await
    }

    /// What the persona's wallet holds for `method`.
    fn payment_details(&self, method: &str) -> Result<Value, Failure> {
        let wallet = self.shared.bound.wallet.and_then(|field| self.traveller.fields.get(field));
        let details = match wallet {
            Some(Value::Record(methods)) => methods.get(method).cloned(),
            _ => {
                let template = &self.traveller.template.name;
                return Err(Failure::new("no wallet", format!("a persona of `{template}` has no wallet to pay from")));
            }
        };
        details.ok_or_else(|| Failure::new(format!("no {method}"), format!("the persona's wallet holds no `{method}`")))
    }
}
